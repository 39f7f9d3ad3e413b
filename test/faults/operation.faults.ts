// H: the command line and daily work. What is mistyped, missing or very large ends in words and a code, never in a surprise.

import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'
import { expect, test } from '@jest/globals'

import { folderWith } from '../support/folder.js'
import { appliedIn, drawn, migration } from '../support/migrations.js'
import { repository } from '../support/program.js'
import { createProject } from '../support/project.js'
import { runCounted } from '../support/count.js'
import { expectSaid, type Fault, testFaults } from './support/table.js'

const half = `await knex.schema.createTable('half', (t) => { t.increments() }); await knex.raw('nonsense')`
const outside = { header: 'export const transaction = false', up: half }

const faults: readonly Fault[] = [
  {
    name: 'H5 a Node that is too old is reported before anything is loaded',
    files: {
      ...drawn('aaaa'),
      'old.cjs': `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } })\n`,
    },
    env: { NODE_OPTIONS: '--require ./old.cjs' },
    code: 2,
    says: /^mig needs Node 20\.19 or later; this is 18\.20\.8\.\n$/,
  },
  {
    name: 'H6 what would ask refuses where nobody can answer, and names the flag',
    files: { 'migrations/a.ts': migration('aaaa', null, outside) },
    prepare: async (project) => expect((await project.run(['upgrade'])).code).toBe(6),
    args: ['resolve', 'aaaa', '--applied'],
    code: 2,
    says: /Nothing was written\. \[usage\.not-confirmed\]\n→ .*--yes/,
  },
  {
    name: 'H8 a downgrade through a merge shows what it takes down, on both sides',
    files: drawn('aaaa > bbbb, aaaa > cccc, bbbb > dddd, cccc > dddd'),
    prepare: (project) => project.run(['upgrade']),
    args: ['downgrade', 'aaaa'],
    code: 0,
    says: /3 revisions:\n {2}- dddd[^]*- (bbbb|cccc)[^]*- (bbbb|cccc)[^]*Now at head aaaa/,
    applied: ['aaaa'],
  },
  {
    name: 'H11 an upgrade to what is applied already takes nothing down',
    files: drawn('aaaa > bbbb > cccc'),
    prepare: (project) => project.run(['upgrade']),
    args: ['upgrade', 'aaaa'],
    code: 0,
    says: /^Already at head cccc\.$/m,
  },
  {
    name: 'H15 a Turkish locale, a far time zone and decimal commas',
    files: drawn('iiii > INDIA'),
    env: { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' },
    code: 0,
    says: /Now at head INDIA/,
    applied: ['iiii', 'INDIA'],
  },
  {
    name: 'H16 the files of development and the database of production',
    files: {
      ...drawn('aaaa'),
      'live/x.ts': migration('xxxx', null),
      'mig.config.json': JSON.stringify({
        environments: {
          live: { database: 'sqlite:./live.sqlite3', migrations: './live' },
          mixed: { database: 'sqlite:./live.sqlite3' },
        },
      }),
    },
    prepare: (project) => project.run(['upgrade', '--env', 'live']),
    args: ['upgrade', '--env', 'mixed'],
    code: 5,
    says: /None of the 1 revisions applied .*another project[^]*xxxx make xxxx[^]*history\.wrong-project|history\.wrong-project[^]*xxxx/,
  },
  ...['reset', 'drop', 'fresh'].map((command): Fault => ({
    name: `H20 there is no mig ${command}`,
    files: drawn('aaaa'),
    prepare: (project) => project.run(['upgrade']),
    args: [command],
    code: 2,
    says: new RegExp(`mig has no command “${command}”`),
  })),
]

testFaults(faults)

/** mig and what it needs, without one package, as an installation that forgot it. */
function withoutPackage(missing: string): string {
  const own = folderWith({ 'app/migrations/.keep': '', 'node_modules/.keep': '' })
  for (const name of ['dist', 'bin', 'templates', 'package.json'])
    cpSync(join(repository, name), join(own, name), { recursive: true })
  for (const name of readdirSync(join(repository, 'node_modules')))
    if (name !== missing) symlinkSync(join(repository, 'node_modules', name), join(own, 'node_modules', name))
  return own
}

test.each([
  ['pg', 'postgres://bob@127.0.0.1:1/shop'],
  ['mysql2', 'mysql://bob@127.0.0.1:1/shop'],
  ['better-sqlite3', 'sqlite:./app.sqlite3'],
])('H4 the driver %s is not installed: the command that installs it', (name, url) => {
  const own = withoutPackage(name)
  const { status, stderr } = spawnSync(process.execPath, [join(own, 'bin/mig.cjs'), 'current', '--database-url', url], {
    cwd: join(own, 'app'),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NO_COLOR: '1', LC_ALL: 'C.UTF-8' },
  })
  expect(stderr).toMatch(new RegExp(`The package ${name} is needed[^]*engine\\.driver-missing[^]*npm install ${name}`))
  expect(stderr).not.toMatch(/^ +at /m)
  expect(status).toBe(8)
})

test('H17 a history of 100,000 revisions is read with one query', async () => {
  const project = createProject({ files: drawn('aaaa') })
  await project.run(['upgrade'])
  const database = new Sqlite(project.path('mig.sqlite3'))
  database.exec(`insert into mig_history
    with recursive n(i) as (select 2 union all select i + 1 from n where i < 100000)
    select 'r' || i, i, json_array(case i when 2 then 'aaaa' else 'r' || (i - 1) end), '[]', 'm', 'c', null, null, 'upgrade',
      'applied', applied_at, 1, 'me', '1' from n, mig_history where revision = 'aaaa'`)
  database.exec('update mig_state set revisions = 100000')
  database.close()
  for (const [args, says] of [
    [['current'], /r100000/],
    [['history'], /unknown {2}r100000/],
  ] as const) {
    const { result, counts } = await runCounted(project, args)
    expectSaid(result, { name: args[0], code: 0, says })
    const queries = counts.statements.filter((sql) => sql.includes('mig_history'))
    expect(queries).toHaveLength(1)
  }
  expect(appliedIn(project)).toHaveLength(100_000)
})

test('H12 a migration that runs for minutes says so from time to time', async () => {
  const up = `const { existsSync } = await import('node:fs')
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 100))`
  const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null, { up }) } })
  const run = project.start(['upgrade'], { timeoutMs: 150_000 })
  await run.waitForOutput(/ {2}still running after 1 min[^]*, between two statements\n/, 120_000)
  expect(run.output()).not.toContain('Now at head')
  project.write('go', '')
  expectSaid(await run.exit, { name: 'H12', code: 0, says: /Now at head aaaa/ })
  expect(appliedIn(project)).toEqual(['aaaa'])
}, 160_000)

test('H2 without a configuration and a URL it is ./mig.sqlite3, and whatever opens it says so', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb') })
  for (const [args, applied] of [
    [['current'], null],
    [['lock'], null],
    [['upgrade', '--dry-run'], null],
    [['upgrade'], ['aaaa', 'bbbb']],
    [['current'], ['aaaa', 'bbbb']],
    [['downgrade', '-1'], ['aaaa']],
    [
      ['stamp', 'heads'],
      ['aaaa', 'bbbb'],
    ],
    [['lock'], ['aaaa', 'bbbb']],
  ] as const) {
    expectSaid(await project.run(args), {
      name: args.join(' '),
      code: 0,
      says: /SQLite \.\/mig\.sqlite3 \(development\)/,
    })
    expect(appliedIn(project)).toEqual(applied)
  }
})
