// When there is nothing to do, nearly nothing is done: counts, which do not depend on the machine.

import { chmodSync } from 'node:fs'
import { basename } from 'node:path'

import { describe, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'

import { type Counts, runCounted } from '../support/count.js'
import { drawn, migration } from '../support/migrations.js'
import { createProject, type Project } from '../support/project.js'

/** A project with so many migrations, all of them applied. */
async function appliedProject(size: number): Promise<Project> {
  const ids = Array.from({ length: size }, (_, index) => `r${1000 + index}`)
  const config = `import { defineConfig } from 'knex-mig'\nexport default defineConfig({ migrations: './migrations' })\n`
  const project = createProject({ files: { ...drawn(ids.join(' > ')), 'mig.config.ts': config } })
  expect((await project.run(['upgrade', '--transaction', 'all'])).code).toBe(0)
  return project
}

/** What a command does that finds everything applied. */
async function countsOf(...args: readonly string[]): Promise<Counts> {
  return countsIn(await appliedProject(100), ...args)
}

async function countsIn(project: Project, ...args: readonly string[]): Promise<Counts> {
  const { result, counts } = await runCounted(project, args)
  expect(result.code).toBe(0)
  return counts
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
  expect(packagesIn(await countsOf('upgrade'))).toEqual(packages)
})

test('it loads one engine, and nothing of what carries a plan out', async () => {
  const { scripts } = await countsOf('upgrade')
  const onDemand = scripts.map((path) => basename(path)).filter((name) => /^(engine|under-lock)-/.test(name))
  expect(onDemand).toHaveLength(1)
  expect(onDemand[0]).toMatch(/^engine-/)
  expect(scripts.length).toBeLessThanOrEqual(13)
})

test('a look at where the database stands loads as little', async () => {
  expect(packagesIn(await countsOf('current'))).toEqual(packages)
})

/** Changes the history as nobody should. */
function alter(project: Project, sql: string): void {
  const database = new Sqlite(project.path('mig.sqlite3'))
  database.exec(sql)
  database.close()
}

describe('with a thousand migrations', () => {
  test('no header is read: one query, and each file once; the answer is the same', async () => {
    const project = await appliedProject(1000)
    const { statements, files } = await countsIn(project, 'upgrade')
    expect(statements).toHaveLength(2)
    expect(files.filter((path) => path.includes('/migrations/'))).toHaveLength(1000)
    const { stdout } = await project.run(['upgrade', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ from: ['r1999'], to: ['r1999'], steps: [], dryRun: false })
    expect((await project.run(['upgrade', 'heads'])).stdout).toBe(
      'SQLite ./mig.sqlite3 (development)\nAlready at head r1999.\n',
    )
    // A row that the graph would not find equal, letter by letter, shows who has answered.
    alter(project, `update mig_history set down_revisions = '[ "r1998"]' where revision = 'r1999'`)
    expect((await countsIn(project, 'upgrade')).statements).toHaveLength(2)
    expect((await countsIn(project, 'upgrade', '--dry-run')).statements.length).toBeGreaterThan(2)
  }, 60_000)

  test('what is out of the ordinary is found as ever', async () => {
    const project = await appliedProject(1000)
    const text = project.read('migrations/007_r1006.ts')

    project.write(
      'migrations/007_r1006.ts',
      text.replace('r1006 */', 'r1006, and more */').replace('t_r1006', 't_other'),
    )
    expect(await project.run(['upgrade'])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/history\.checksum-mismatch/),
    })
    project.write('migrations/007_r1006.ts', text)

    chmodSync(project.path('migrations'), 0o777)
    expect((await project.run(['upgrade'])).stderr).toMatch(/graph\.world-writable/)
    chmodSync(project.path('migrations'), 0o755)

    project.write('migrations/z.ts', migration('z', 'r1999'))
    expect((await project.run(['upgrade'])).stdout).toMatch(/^Now at head z\. 1 applied/m)
    project.write('migrations/y.ts', migration('y', 'r1999'))
    expect(await project.run(['upgrade', 'head'])).toMatchObject({ code: 2 })
    expect((await project.run(['upgrade', 'heads'])).stdout).toMatch(/Now at heads/)
    expect((await project.run(['upgrade', 'heads'])).stdout).toMatch(/Already at heads (y, z|z, y)/)

    const elsewhere = await project.run(['upgrade', '--database-url', 'sqlite:./nowhere/a.db'])
    expect(elsewhere).toMatchObject({ code: 8, stderr: expect.stringMatching(/engine\.missing-database/) })
    project.write('migrations/y.ts', 'export const revision = 7')
    expect(await project.run(['upgrade'])).toMatchObject({ code: 4 })
  }, 60_000)

  test('a local module that one of them imports is read', async () => {
    const project = createProject({
      files: drawn(Array.from({ length: 999 }, (_, index) => `r${1000 + index}`).join(' > ')),
    })
    project.write('migrations/lib/name.js', `export const name = 'one'\n`)
    const importing = migration('z', 'r1998', { up: 'await knex.schema.createTable(name, (t) => t.integer("id"))' })
    project.write('migrations/z.ts', `import { name } from './lib/name.js'\n${importing}`)
    expect((await project.run(['upgrade', '--transaction', 'all'])).code).toBe(0)
    expect((await project.run(['upgrade'])).stdout).toMatch(/Already at head z/)
    project.write('migrations/lib/name.js', `export const name = 'two'\n`)
    expect(await project.run(['upgrade'])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/checksum-mismatch/),
    })
  }, 60_000)
})
