// When there is nothing to do, nearly nothing is done: counts, which do not depend on the machine.

import { basename, join } from 'node:path'

import { expect, test } from '@jest/globals'

import { drawn } from '../support/migrations.js'
import { repository } from '../support/program.js'
import { createProject } from '../support/project.js'

interface Counts {
  readonly files: readonly string[]
  readonly folders: readonly string[]
  readonly scripts: readonly string[]
  readonly statements: readonly string[]
}

const ids = Array.from({ length: 100 }, (_, index) => `r${1000 + index}`)

/** What a command does that finds everything applied. */
async function countsOf(...args: readonly string[]): Promise<Counts> {
  const config = `import { defineConfig } from 'knex-mig'\nexport default defineConfig({ migrations: './migrations' })\n`
  const project = createProject({ files: { ...drawn(ids.join(' > ')), 'mig.config.ts': config } })
  expect((await project.run(['upgrade'])).code).toBe(0)
  const env = {
    COUNT_FILE: project.path('counts.json'),
    NODE_OPTIONS: `--require ${join(repository, 'test/support/count-hook.cjs')}`,
  }
  expect((await project.run(args, { env })).code).toBe(0)
  return JSON.parse(project.read('counts.json')) as Counts
}

/** Packages of which something was loaded. */
function packagesIn({ scripts }: Counts): readonly string[] {
  const names = scripts.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean)
  return [...new Set(names as string[])].sort()
}

test('an upgrade that finds everything applied reads each migration once, and sends one query for all of them', async () => {
  const counts = await countsOf('upgrade')
  const migrations = counts.files.filter((path) => path.includes('/migrations/'))
  expect(new Set(migrations).size).toBe(100)
  expect(migrations).toHaveLength(100)
  const own = counts.files.filter((path) => !migrations.includes(path) && !/node_modules|\.[cm]?js$|ldd$/.test(path))
  expect(own.map((path) => basename(path)).sort()).toEqual(['.env', 'mig.config.ts', 'package.json', 'package.json'])
  expect(counts.folders).toHaveLength(1)
  expect(counts.statements).toHaveLength(2)
  expect(counts.statements[1]).toMatch(/union all/)
})

/** What the driver brings. What prints is in the bundle, and the configuration needs nobody to read it. */
const packages = ['bindings', 'file-uri-to-path']

test('it loads the driver, and neither Knex nor tsx nor a parser', async () => {
  const counts = await countsOf('upgrade')
  expect(packagesIn(counts)).toEqual(packages)
  expect(counts.scripts.length).toBeLessThanOrEqual(5)
})

test('a look at where the database stands loads as little', async () => {
  expect(packagesIn(await countsOf('current'))).toEqual(packages)
})
