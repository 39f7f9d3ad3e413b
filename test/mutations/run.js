// Starts the test servers once, then Stryker for the rooms that are named, or for all: `npm run test:mutations -- core`.
// With paths behind the room only those files are broken.

import { Stryker } from '@stryker-mutator/core'
import 'tsx'

import { optionsFor, rooms } from '../../stryker.config.mjs'

const { default: startServers } = await import('../support/global-setup.ts')
const { default: stopServers } = await import('../support/global-teardown.ts')

const given = process.argv.slice(2)
const names = given.filter((name) => name in rooms)
const files = given.filter((name) => !(name in rooms))
const options = optionsFor(names.length > 0 ? names : Object.keys(rooms))

await startServers()
try {
  await new Stryker(files.length > 0 ? { ...options, mutate: files } : options).runMutationTest()
} finally {
  await stopServers()
}
