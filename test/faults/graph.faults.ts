// D: the graph and its files. Whatever lies in the folder, it is reported before anything runs.

import { renameSync, unlinkSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { appliedIn, drawn, migration } from '../support/migrations.js'
import { createProject, type Project } from '../support/project.js'
import { runCounted } from '../support/count.js'
import { expectSaid, type Fault, testFaults } from './support/table.js'

/** All of it is applied first. */
const applied =
  (...changes: ((project: Project) => unknown)[]) =>
  async (project: Project): Promise<void> => {
    expect(await project.run(['upgrade', 'heads'])).toMatchObject({ code: 0 })
    for (const change of changes) await change(project)
  }

const remove = (path: string) => (project: Project) => unlinkSync(project.path(path))
const pending = (project: Project) => project.write('migrations/003_cccc.ts', migration('cccc', 'aaaa'))
const edited = migration('aaaa', null, { up: `await knex.raw('select 1')` })
const reformatted = `// a remark\n${migration('aaaa', null).replaceAll('; ', ';\n\n  ')}`

const faults: readonly Fault[] = [
  {
    name: 'D4 a migration that was deleted after it was applied stops an upgrade, and git is asked for it',
    files: drawn('aaaa > bbbb'),
    prepare: applied(remove('migrations/002_bbbb.ts'), pending),
    code: 5,
    says: /applied to the database and in no file: bbbb\.[^]*git log --all --oneline -- '\*bbbb\*'/,
  },
  {
    name: 'D4 with nothing to apply it is as in an older checkout, and git is named all the same',
    files: drawn('aaaa > bbbb'),
    prepare: applied(remove('migrations/002_bbbb.ts')),
    code: 0,
    says: /ahead by 1 [^]*bbbb[^]*git log --all --oneline -- '\*bbbb\*'/,
  },
  {
    name: 'D4 a migration that was deleted after it was applied is not taken down',
    files: drawn('aaaa > bbbb'),
    prepare: applied(remove('migrations/002_bbbb.ts')),
    args: ['downgrade', 'base'],
    code: 5,
    says: /in no file: bbbb\./,
  },
  {
    name: 'D5 a migration that was edited after it was applied is refused with the difference and the ways out',
    files: drawn('aaaa > bbbb'),
    prepare: applied((project) => project.write('migrations/001_aaaa.ts', edited)),
    code: 5,
    says: /^ *-.*createTable[^]*^ *\+.*select 1[^]*mig resolve aaaa --accept[^]*--allow-changed/m,
  },
  {
    name: 'D7 only comments or formatting changed: check notes it',
    files: drawn('aaaa'),
    prepare: applied((project) => project.write('migrations/001_aaaa.ts', reformatted)),
    args: ['check'],
    code: 0,
    says: /aaaa make aaaa \(migrations\/001_aaaa\.ts\) was reformatted.*same program\. \[history\.reformatted\]/,
  },
  {
    name: 'D7 only comments or formatting changed: an upgrade goes on',
    files: drawn('aaaa'),
    prepare: applied(
      (project) => project.write('migrations/001_aaaa.ts', reformatted),
      (project) => project.write('migrations/b.ts', migration('bbbb', 'aaaa')),
    ),
    code: 0,
    says: /Now at head bbbb/,
    applied: ['aaaa', 'bbbb'],
  },
  {
    name: 'D12 two roots are two heads: an upgrade to one head names both',
    files: drawn('aaaa, bbbb'),
    code: 2,
    says: /requires one head, and there are 2: aaaa, bbbb[^]*target\.multiple-heads/,
  },
  {
    name: 'D12 two roots are two lines of history for those who want them',
    files: drawn('aaaa, bbbb'),
    args: ['upgrade', 'heads'],
    code: 0,
    says: /Now at heads aaaa, bbbb/,
    applied: ['aaaa', 'bbbb'],
  },
  {
    name: 'D13 an empty folder has nothing to do, and makes no database',
    files: {},
    code: 0,
    says: /There are no migrations\. Write the first: mig generate/,
  },
  {
    name: 'D14 an empty folder beside a history is not a downgrade to nothing',
    files: drawn('aaaa > bbbb'),
    prepare: applied(remove('migrations/001_aaaa.ts'), remove('migrations/002_bbbb.ts')),
    code: 5,
    says: /2 revisions are applied to the database and in no file: aaaa, bbbb\./,
  },
  ...['head', 'heads', 'base', 'current', '-1', '+1'].map((id): Fault => ({
    name: `D18 a revision may not be called ${id}`,
    files: { 'migrations/a.ts': migration(id, null) },
    code: 4,
    says: /cannot be a revision id|(is|exports) .*(reserved word|relative target|only letters|meaning)/,
  })),
  {
    name: 'D21 a file whose name changed its case is the same migration',
    files: { 'migrations/a_users.ts': migration('aaaa', null) },
    prepare: applied((project) =>
      renameSync(project.path('migrations/a_users.ts'), project.path('migrations/A_Users.ts')),
    ),
    code: 0,
    says: /Already at head aaaa/,
  },
  {
    name: 'D23 a compiled file beside its source is one migration, with a warning',
    files: { 'migrations/a.ts': migration('aaaa', null), 'migrations/a.js': 'throw new Error("the compiled one")\n' },
    code: 0,
    says: /a\.js lies beside a\.ts; the TypeScript file is used\. \[graph\.shadowed-file\]/,
    applied: ['aaaa'],
  },
]

testFaults(faults)

test('D3 two databases with the same branches in different orders are at the same head', async () => {
  const branches = createProject({ files: drawn('aaaa > bbbb, aaaa > cccc') })
  const databases = ['sqlite:./staging.sqlite3', 'sqlite:./prod.sqlite3']
  const orders = [
    ['bbbb', 'cccc'],
    ['cccc', 'bbbb'],
  ]
  for (const [index, database] of databases.entries())
    for (const target of orders[index] ?? [])
      expect(await branches.run(['upgrade', target, '--database-url', database])).toMatchObject({ code: 0 })
  expect(appliedIn(branches, 'staging.sqlite3')).toEqual(['aaaa', 'bbbb', 'cccc'])
  expect(appliedIn(branches, 'prod.sqlite3')).toEqual(['aaaa', 'cccc', 'bbbb'])
  for (const database of databases)
    expectSaid(await branches.run(['upgrade', 'heads', '--database-url', database]), {
      name: database,
      code: 0,
      says: /Already at heads bbbb, cccc/,
    })
})

test('D5 an edited migration is re-signed by resolve --accept, and nothing of it runs', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb') })
  await project.run(['upgrade'])
  project.write('migrations/001_aaaa.ts', migration('aaaa', null, { up: `throw new Error('it ran')` }))
  expectSaid(await project.run(['resolve', 'aaaa', '--accept', '--yes']), {
    name: 'accept',
    code: 0,
    says: /aaaa is recorded as applied as its file is now/,
  })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
})

test('D15 10,000 files are read once each, and none of them run', async () => {
  const id = (index: number) => `r${String(index).padStart(5, '0')}`
  const files = Array.from({ length: 10_000 }, (_, index) => [
    `migrations/${id(index)}.ts`,
    `throw new Error('it ran')\n${migration(id(index), index === 0 ? null : id(index - 1))}`,
  ])
  const project = createProject({ files: Object.fromEntries(files) as Record<string, string> })
  const { result, counts } = await runCounted(project, ['heads'])
  expectSaid(result, { name: '10,000 files', code: 0, says: /^r09999/ })
  const read = counts.files.filter((path) => path.includes('/migrations/'))
  expect([read.length, new Set(read).size]).toEqual([10_000, 10_000])
  expect(counts.folders.filter((path) => path.endsWith('migrations'))).toHaveLength(1)
  expect(appliedIn(project)).toBeNull()
})
