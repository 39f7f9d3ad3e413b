// Whatever a text is made of, wherever it comes in: it stays a text. The same texts on every machine.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'

import { exitCodes } from '../../src/core/codes.js'
import type { ProgramResult } from '../support/program.js'
import { createProject, type Project } from '../support/project.js'
import { migration, rowsIn } from '../support/migrations.js'
import { pick, randomNumbers } from '../support/random.js'

/** What has broken programs before. NUL is added where a text does not travel as an argument or a path. */
const pieces = [
  `'`,
  '"',
  '`',
  '\\',
  '%s%d%',
  '%00',
  '*/',
  '/*',
  '//',
  '--',
  '${process.exit(3)}',
  '{{revision}}',
  '{slug}',
  '$&',
  '</script>',
  `'); drop table users; --`,
  '../../x',
  '..\\..\\x',
  'con',
  'nul.ts',
  'a:b',
  'x. ',
  '\n',
  '\r\n',
  '\t',
  '\u0007',
  '\u001B[2J\u001B[31m',
  '\u001B]0;title\u0007',
  '\u007F',
  '\u009B2J',
  '\u0085',
  '\u061C',
  '\u200F',
  '\u2028',
  '\u2029',
  '\u202Egnp.exe',
  '\u2066',
  '\uFEFF',
  '🦊',
  '👩‍👩‍👧',
  'Å\u0301',
  '漢',
  '?',
  '$1',
  ':name',
  '??',
  '::error::x',
  'word',
  ' ',
]

/** Each test has chance of its own: they run side by side. */
function textsFrom(seed: number) {
  const random = randomNumbers(seed)
  const hostile = (length = 6, more: readonly string[] = []) =>
    Array.from({ length }, () => pick(random, [...pieces, ...more])).join('')
  const several = (count: number, length?: number, more?: readonly string[]) =>
    Array.from({ length: count }, () => hostile(length, more))
  return { random, hostile, several }
}

// eslint-disable-next-line no-control-regex -- these are what is looked for
const steering = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/

const secret = 'hunter2zebra'
const documented = Object.values(exitCodes).filter((code) => code !== exitCodes.internal)

/** What holds for every run, whatever it was given. */
function expectSound({ code, stdout, stderr }: ProgramResult, { debug = false } = {}): void {
  const said = stdout + stderr
  expect({ said, code: [0, ...documented].includes(code ?? -1) ? 'documented' : code }).toEqual({
    said,
    code: 'documented',
  })
  expect(said).not.toMatch(steering)
  expect(said).not.toContain(secret)
  if (!debug) expect(said).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
}

/** Paths in the project and beside it, without what npm put there. */
function pathsOf(project: Project): readonly string[] {
  const names = readdirSync(project.path('..'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => !name.includes('node_modules') && !/mig\.sqlite3/.test(name)).sort()
}

/** Every file that lies in the project, a database too, as bytes. */
function bytesIn(project: Project): string {
  const names = readdirSync(project.folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => !name.includes('node_modules') && !name.endsWith('.ts') && !name.endsWith('.json'))
    .map((name) => join(project.folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

/** A TypeScript expression whose value is the text, and in whose source the text does not stand. */
function spelled(text: string): string {
  return `String.fromCharCode(${Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)).join(', ')})`
}

const lines = (text: string) => text.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => line.trimEnd())

test.concurrent(
  'messages: each becomes one file in the folder, and is read back as it was meant',
  async () => {
    const { several } = textsFrom(1)
    const project = createProject({ files: { 'migrations/.keep': '' } })
    const before = pathsOf(project)
    const messages = several(8, 8).map((text) => `m${text}m`)
    for (const [index, message] of messages.entries()) {
      const written = await project.run(['generate', `--rev-id=r${index}`, `--message=${message}`])
      expectSound(written)
      expect({ message, ...written }).toMatchObject({ message, code: 0, stderr: '' })
    }
    const names = readdirSync(project.path('migrations')).filter((name) => name !== '.keep')
    expect(names).toHaveLength(messages.length)
    expect(names.filter((name) => !/^\d{14}_r\d_[a-z0-9_]+\.ts$/.test(name))).toEqual([])
    expect(pathsOf(project).filter((path) => !/\/migrations\//.test(path))).toEqual(
      before.filter((path) => !/\/migrations\//.test(path)),
    )
    for (const args of [['history'], ['history', '--verbose'], ['history', '--json']])
      expectSound(await project.run(args))
    const { stdout } = await project.run(['history', '--json'])
    const { revisions } = JSON.parse(stdout) as { revisions: { revision: string; message: string }[] }
    for (const { revision, message } of revisions)
      expect(lines(message)).toEqual(lines(messages[Number(revision.slice(1))] ?? ''))
  },
  60_000,
)

test.concurrent(
  'branch labels and ids: taken only where they are names',
  async () => {
    const { several } = textsFrom(2)
    const project = createProject({ files: { 'migrations/.keep': '' } })
    const before = pathsOf(project)
    for (const [index, text] of several(8, 2).entries()) {
      const option = index % 2 === 0 ? '--branch-label' : '--rev-id'
      const result = await project.run([
        'generate',
        '-m',
        'x',
        `${option}=${text}`,
        index % 4 < 2 ? '--json' : '--debug',
      ])
      expectSound(result, { debug: true })
      if (/^[\w.][\w.-]*$/.test(text)) continue
      expect({ text, code: result.code }).toEqual({ text, code: option === '--rev-id' ? 2 : 4 })
    }
    const written = pathsOf(project).filter((path) => !before.includes(path))
    expect(written.filter((path) => !/\/migrations\/[\w.-]+\.ts$/.test(path))).toEqual([])
  },
  60_000,
)

test.concurrent(
  'targets, options and commands: refused as what they are',
  async () => {
    const { several } = textsFrom(3)
    const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null) } })
    const [command = '', option = '', target = '', shown = '', environment = '', folder = ''] = several(6, 3)
    for (const args of [
      [`x${command}`],
      ['upgrade', `--x${option}`],
      ['upgrade', `x${target}`],
      ['show', '--json', `x${shown}`],
      ['current', '--env', `x${environment}`],
      ['current', '--cwd', `x${folder}`],
      ['current', '--config', `x${folder}`],
    ]) {
      const result = await project.run(args)
      expectSound(result)
    }
  },
  60_000,
)

test.concurrent(
  'names of the history tables: always one name, or refused',
  async () => {
    const { hostile } = textsFrom(4)
    const name = () => hostile(3, ['\0'])
    for (let round = 0; round < 5; round++) {
      const [historyTable, historySchema] = [name(), name()]
      const config = round < 4 ? { historyTable } : { historySchema }
      const project = createProject({
        files: {
          'mig.config.json': JSON.stringify(config),
          'migrations/a.ts': migration('aaaa', null, {
            up: `await knex.raw('create table users (id integer)')`,
            down: '',
          }),
        },
      })
      const upgraded = await project.run(['upgrade'])
      expectSound(upgraded)
      expectSound(await project.run(['current', '--json']))
      if (upgraded.code !== 0 || !('historyTable' in config)) continue
      const tables = (rowsIn(project, "select name from sqlite_master where type = 'table'") ?? []).map((row) =>
        String(row.name),
      )
      expect(tables).toEqual(expect.arrayContaining(['users', historyTable, `${historyTable}_state`]))
    }
  },
  60_000,
)

test.concurrent(
  'passwords: in no word, no row and no file, in whatever form they came',
  async () => {
    const { random, hostile } = textsFrom(5)
    // A line end in a URL is none in a password; a setting without quotes ends at a blank.
    const raw = (index: number) =>
      `${secret}${hostile(3).replace(index < forms.length - 1 ? /[\r\n\u2028\u2029]/g : /\s/g, '')}${index}${secret}`
    const forms: readonly ((password: string) => Record<string, string>)[] = [
      (password) => ({
        'mig.config.json': JSON.stringify({
          database: `postgres://bob:${encodeURIComponent(password)}@127.0.0.1:1/shop`,
        }),
      }),
      (password) => ({ 'mig.config.json': JSON.stringify({ database: `mysql://bob:${password}@127.0.0.1:1/shop` }) }),
      (password) => ({
        'mig.config.json': JSON.stringify({
          database: `postgres://127.0.0.1:1/shop?user=bob&password=${encodeURIComponent(password)}`,
        }),
      }),
      (password) => ({
        'mig.config.json': JSON.stringify({
          database: { client: 'pg', connection: { host: '127.0.0.1', port: 1, user: 'bob', password } },
        }),
      }),
      (password) => ({
        'mig.config.json': JSON.stringify({
          database: { client: 'mysql2', connection: { host: '127.0.0.1', port: 1, user: 'bob', password } },
        }),
      }),
      (password) => ({
        'mig.config.json': JSON.stringify({
          database: { client: 'pg', connection: `postgres://bob:${password}@127.0.0.1:1/shop` },
        }),
      }),
      (password) => ({
        'mig.config.ts': `throw new Error(${JSON.stringify(`no postgres://bob:${password}@db/shop`)})`,
      }),
      (password) => ({
        'mig.config.ts': `export default { database: () => { throw new Error(${JSON.stringify(`password=${password}`)}) } }`,
      }),
    ]
    for (const [index, form] of forms.entries()) {
      const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null), ...form(raw(index)) } })
      const result = await project.run([
        'upgrade',
        '--connect-timeout',
        '0',
        pick(random, ['--debug', '--json', '--verbose']),
      ])
      expectSound(result, { debug: true })
      expect([2, 8]).toContain(result.code)
    }
  },
  60_000,
)

test.concurrent(
  'what a migration throws, logs and sends: shown safely, kept nowhere',
  async () => {
    const { several } = textsFrom(6)
    for (const [index, text] of several(6, 8, ['\0']).entries()) {
      const said = `${text} postgres://bob:${secret}%40@db.example.org/shop ${text}`
      const up = [
        `context.log(${spelled(said)}); throw new Error(${spelled(said)})`,
        `throw ${spelled(said)}`,
        `await knex.raw(${spelled(said)})`,
        `context.log(${spelled(said)}); await knex.raw('select 1'); await knex.raw('insert into missing values (?)', [${spelled(said)}])`,
        `await knex.raw('create table person (name text unique)'); for (const _ of [1, 2]) await knex('person').insert({ name: ${spelled(secret + text)} })`,
        `await knex.schema.createTable(${spelled(`t${text}`)}, (t) => t.text(${spelled(`c${text}`)})); throw Object.assign(new Error(${spelled(said)}), { name: ${spelled(text)}, stack: ${spelled(said)}, code: ${spelled(text)} })`,
      ][index]
      const project = createProject({
        files: {
          'migrations/a.ts': migration('aaaa', null, { up: up ?? '' }).replace(
            'knex: Knex)',
            'knex: Knex, context: any)',
          ),
        },
      })
      for (const more of [
        ['--debug', '--verbose'],
        ['--json', '--debug'],
      ]) {
        const result = await project.run(['upgrade', ...more])
        expectSound(result, { debug: true })
        expect({ text, code: result.code }).toEqual({ text, code: 1 })
      }
      expect(bytesIn(project)).not.toContain(secret)
    }
  },
  60_000,
)

test.concurrent(
  'file names and headers: a migration like others, or a finding',
  async () => {
    const { several } = textsFrom(7)
    // Node.js loads no module whose path has a backslash in it, and tsx none with a question mark.
    const names = several(12, 4).map((text) => `${text.replace(/[/\\?]/g, '')}.ts`)
    const good = Object.fromEntries(
      names.map((name, index) => [
        `migrations/${index}${name}`,
        migration(`r${index}`, index === 0 ? null : `r${index - 1}`),
      ]),
    )
    const project = createProject({ files: good })
    for (const args of [['check'], ['history', '--verbose'], ['upgrade'], ['show', 'r3', '--json'], ['current']]) {
      const result = await project.run(args)
      expectSound(result)
      expect({ args, code: result.code, stderr: result.stderr }).toEqual({ args, code: 0, stderr: '' })
    }
    for (const [index, text] of several(12, 4, ['\0']).entries()) {
      const header = [
        `export const revision = ${JSON.stringify(text)}\nexport const downRevision = null`,
        `export const revision = 'x${index}'\nexport const downRevision = ${JSON.stringify(text)}`,
        `export const revision = 'x${index}'\nexport const branchLabels = [${JSON.stringify(text)}]`,
        `${text}`,
      ][index % 4]
      project.write(
        `migrations/${index}${names[index] ?? ''}`,
        `${header}\nexport async function up() {}\nexport async function down() {}\n`,
      )
    }
    for (const args of [['check'], ['check', '--json'], ['upgrade', '--verbose'], ['current']]) {
      const result = await project.run(args)
      expectSound(result)
      expect([4, 7]).toContain(result.code)
    }
  },
  60_000,
)

test.concurrent(
  'what the database tells of itself steers nothing',
  async () => {
    const { hostile, several } = textsFrom(8)
    const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null) } })
    expect(await project.run(['upgrade'])).toMatchObject({ code: 0 })
    const database = new Sqlite(project.path('mig.sqlite3'))
    const add = database.prepare(
      `insert into mig_history (serial, revision, down_revisions, depends_on, message, checksum, source, origin, state, applied_at, applied_by, mig_version)
     values (?, ?, '[]', '[]', ?, 'x', ?, 'upgrade', 'applied', ?, ?, ?)`,
    )
    for (const [index, text] of several(6, 5).entries()) add.run(index + 10, text, text, text, text, text, text)
    database
      .prepare(`update mig_history set checksum = 'x', source = ?, applied_by = ? where revision = 'aaaa'`)
      .run(hostile(9), hostile(9))
    database.close()
    for (const args of [
      ['current'],
      ['current', '--json'],
      ['history', '--verbose'],
      ['check'],
      ['check', '--json'],
      ['upgrade'],
    ])
      expectSound(await project.run(args))
  },
  60_000,
)
