// G: security. Names from outside never become SQL, paths or code, and nothing secret or steering is printed.

import { readdirSync, statSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { type EngineName, forEachEngine } from '../support/engines.js'
import { drawn, migration } from '../support/migrations.js'
import { pick, randomNumbers } from '../support/random.js'
import { repository } from '../support/program.js'
import { createProject } from '../support/project.js'
import { benchOn, createBench, table } from '../runner/workbench.js'
import { expectSaid, type Fault, testFaults } from './support/table.js'

const evil = `x"; drop table users; --`
const steering = `'; drop table users; --\u001B[2J`

const faults: readonly Fault[] = [
  {
    name: 'G8 a revision that would leave a text in SQL',
    files: { "migrations/1_it's.ts": migration(`it's`, null) },
    code: 4,
    says: /“it's” .*cannot be a revision id/,
  },
  {
    name: 'G8 a file whose name has quotes and semicolons is a file like others',
    files: { "migrations/1_it's; drop table users; --.ts": migration('aaaa', null) },
    code: 0,
    says: /Now at head aaaa/,
    applied: ['aaaa'],
  },
  {
    name: 'G18 an sslmode that is none is refused: there is no silent step down',
    files: drawn('aaaa'),
    args: ['upgrade', '--database-url', 'postgres://bob:hunter2@127.0.0.1:1/shop?sslmode=required'],
    code: 2,
    says: /^(?![^]*hunter2)[^]*sslmode=required is none that mig knows/,
  },
]

testFaults(faults)

test.each(['::set-output name=token::stolen', '  ::add-mask::x', '##[command]x'])(
  'G23 %j from a database steers no GitHub workflow',
  async (line) => {
    const up = `context.log(${JSON.stringify(line)}); throw new Error(${JSON.stringify(`first\n${line}`)})`
    const text = migration('aaaa', null, { up }).replace('knex: Knex)', 'knex: Knex, context: any)')
    const project = createProject({ files: { 'migrations/a.ts': text } })
    const { code, stdout, stderr } = await project.run(['upgrade'], { env: { GITHUB_ACTIONS: 'true' } })
    expect(code).toBe(1)
    expect(stdout + stderr).toContain('first')
    expect(stdout + stderr).not.toMatch(/^\s*(::|##\[)/m)
  },
)

forEachEngine((engine) => {
  test('G7 a history table that is called like an injection', async () => {
    const database = await engine.createDatabase()
    await database.query('create table users (id integer)')
    const bench = benchOn(engine, database, { database: database.url, historyTable: evil })
    bench.write(table('aaaa'))
    await bench.upgrade()
    await bench.downgrade({ target: 'base' })
    expect(await bench.tables()).toStrictEqual([...['users', evil, `${evil}_journal`, `${evil}_state`].sort()])
  })

  test('G9 a revision in the history that is an injection, and would clear the screen', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade()
    await bench.query('create table users (id integer)')
    const value = { sqlite: `char(27)`, postgres: `chr(27)`, mysql: `char(27 using utf8mb4)` }[engine.name]
    const text = `'''; drop table users; --'`
    const id = engine.name === 'mysql' ? `concat(${text}, ${value}, '[2J')` : `${text} || ${value} || '[2J'`
    await bench.query(`update mig_history set revision = ${id} where revision = 'bbbb'`)
    bench.write({ ...table('cccc'), down: 'aaaa' })
    const result = await bench.run('upgrade')
    expectSaid(result, { name: 'G9', code: 5, says: /'; drop table users; --\\u\{1b\}\[2J/ })
    expect(result.stdout + result.stderr).not.toContain(steering)
    for (const command of ['current', 'history', 'check']) {
      const { stdout, stderr } = await bench.run(command)
      expect(stdout + stderr).toContain(String.raw`'; drop table users; --\u{1b}[2J`)
      expect(stdout + stderr).not.toContain(steering)
    }
    expect(await bench.tables()).toContain('users')
  })
})

forEachEngine(
  (engine) => {
    test('G18 sslmode=require wants TLS, and a server without it is not used', async () => {
      const database = await engine.createDatabase()
      const project = createProject({ files: drawn('aaaa') })
      const result = await project.run(['upgrade', '--database-url', `${database.url}?sslmode=require`])
      expectSaid(result, { name: 'G18', code: 8, says: /does not support SSL connections/ })
    })
  },
  { only: ['postgres'] satisfies readonly EngineName[] },
)

test('G15 what is written may be read by all and written by its owner', async () => {
  const project = createProject()
  const before = process.umask(0o022)
  try {
    await project.run(['init'])
    await project.run(['generate', '-m', 'one'])
  } finally {
    process.umask(before)
  }
  const names = readdirSync(project.path('migrations')).map((name) => `migrations/${name}`)
  const modes = [...names, 'mig.config.ts'].map((name) => (statSync(project.path(name)).mode & 0o777).toString(8))
  expect(names).toHaveLength(2)
  expect(new Set(modes)).toEqual(new Set(['644']))
  expect((statSync(project.path('migrations')).mode & 0o777).toString(8)).toBe('755')
})

test('G19 an install runs no script of mig, and brings few packages', async () => {
  const { default: manifest } = (await import(`${repository}package.json`, { with: { type: 'json' } })) as {
    default: { scripts: Record<string, string>; dependencies: Record<string, string> }
  }
  const scripts = ['preinstall', 'install', 'postinstall'].filter((name) => name in manifest.scripts)
  expect(scripts).toEqual([])
  expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(10)
})

/** The lines of a message; blanks at their ends are not kept. */
const linesOf = (text: string) => text.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => line.trimEnd())

test('G10 whatever the message is made of, one file is written, into the folder, and says what was meant', async () => {
  const random = randomNumbers(20261121)
  const signs = [
    `'`,
    '"',
    '`',
    '${',
    '}',
    '*/',
    '/*',
    '\\',
    '/',
    '..',
    '%',
    '\n',
    '\r',
    '\u2028',
    '\u202E',
    '\u0007',
    '</script>',
    'ü',
    '漢',
    '🦊',
    'x',
    ' ',
  ]
  const project = createProject({ files: { 'migrations/.keep': '' } })
  const above = readdirSync(project.path('..'))
  const outside = readdirSync(project.folder)
  for (let round = 0; round < 25; round++) {
    const message = `m${Array.from({ length: 12 }, () => pick(random, signs)).join('')}m`
    const id = `r${round}`
    const written = await project.run(['generate', '--json', '--rev-id', id, '-m', message])
    expect({ message, code: written.code, stderr: written.stderr }).toEqual({ message, code: 0, stderr: '' })
    const { path } = JSON.parse(written.stdout) as { path: string }
    expect(path).toMatch(/^migrations\/\d{14}_r\d+_[a-z0-9_]+\.ts$/)
    const { stdout } = await project.run(['show', id, '--json'])
    const { revisions } = JSON.parse(stdout) as { revisions: { message: string }[] }
    expect(linesOf(revisions[0]?.message ?? '')).toEqual(linesOf(message))
  }
  expect(readdirSync(project.path('migrations'))).toHaveLength(26)
  expect(readdirSync(project.folder)).toEqual(outside)
  expect(readdirSync(project.path('..'))).toEqual(above)
}, 120_000)

test('G1 whatever a password is made of, it is nowhere in what is said', async () => {
  const random = randomNumbers(20261122)
  const signs = [
    '@',
    ':',
    '/',
    '%',
    '%41',
    '?',
    '#',
    '&',
    '=',
    '+',
    `'`,
    '"',
    '`',
    '$',
    '\\',
    ';',
    ',',
    '[',
    ']',
    '(',
    ')',
    'ü',
    '🦊',
    'x',
  ]
  const project = createProject({ files: drawn('aaaa') })
  for (let round = 0; round < 25; round++) {
    const secret = `kayak${Array.from({ length: 8 }, () => pick(random, signs)).join('')}zebra`
    const written = round % 2 === 0 ? secret : encodeURIComponent(secret)
    const scheme = pick(random, ['postgres', 'mysql'])
    const env = { MIG_DATABASE_URL: `${scheme}://bob:${written}@127.0.0.1:1/shop` }
    const { code, stdout, stderr } = await project.run(
      ['upgrade', '--connect-timeout', '0', pick(random, ['--json', '--debug', '-v'])],
      { env },
    )
    // What is not encoded may be no URL at all.
    expect(written === secret ? [2, 8] : [8]).toContain(code)
    expect({ written, said: stdout + stderr }).toEqual({ written, said: expect.not.stringMatching(/kayak|zebra/) })
  }
}, 120_000)

forEachEngine((engine) => {
  test('G5 a value that the server quotes is not printed, not even with --debug', async () => {
    const bench = await createBench(engine)
    const insert = `  await knex('person').insert({ name: [68, 111, 101].map((code) => String.fromCharCode(code)).join('') + '-4711' })`
    bench.write({ revision: 'aaaa', up: `  await knex.schema.createTable('person', (t) => t.string('name').unique())` })
    bench.write({ revision: 'bbbb', up: `${insert}\n${insert}` })
    for (const more of [['--debug', '--verbose'], ['--json'], ['--quiet']]) {
      const { code, stdout, stderr } = await bench.run('upgrade', ...more)
      expect(code).toBe(1)
      expect(stdout + stderr).not.toContain('Doe-4711')
    }
  })
})

test('G3 a password on the command line is taken, with a warning', async () => {
  const project = createProject({ files: drawn('aaaa') })
  const url = 'postgres://bob:hunter2@127.0.0.1:1/shop'
  const typed = await project.run(['current', '--database-url', url])
  expectSaid(typed, { name: 'typed', code: 8, says: /^(?![^]*hunter2)[^]*usage\.visible-password[^]*MIG_DATABASE_URL/ })
  const data = await project.run(['current', '--json', '--database-url', url])
  expect(data).toMatchObject({ code: 8, stderr: '' })
  const hidden = await project.run(['current'], { env: { MIG_DATABASE_URL: url } })
  expectSaid(hidden, { name: 'hidden', code: 8, says: /^(?![^]*visible-password)/ })
})
