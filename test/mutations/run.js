// Starts the test servers once, then Stryker for the rooms that are named, or for all: `npm run test:mutations -- core`.
// With paths behind the room only those files are broken.

import { Stryker } from '@stryker-mutator/core'
import 'tsx'

import { needsServers, optionsFor, rooms } from '../../stryker.config.mjs'

const { default: startServers } = await import('../support/global-setup.ts')
const { default: stopServers } = await import('../support/global-teardown.ts')

const given = process.argv.slice(2)
const files = given.filter((name) => !(name in rooms))
const names = given.length > files.length ? given.filter((name) => name in rooms) : Object.keys(rooms)
const options = optionsFor(names)
const isWithServers = names.some(needsServers)

if (isWithServers) await startServers()
try {
  await new Stryker(files.length > 0 ? { ...options, mutate: files } : options).runMutationTest()
} finally {
  if (isWithServers) await stopServers()
}
