// F: what state a database is in. What is not as it should be stops a run before it begins; what is only odd does not.

import { copyFileSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'

import { expect, test } from '@jest/globals'

import { type Database, type EngineName, forEachEngine, type TestEngine } from '../support/engines.js'
import { drawn } from '../support/migrations.js'
import { type Bench, benchOn, createBench, table } from '../runner/workbench.js'
import { expectRun, expectSaid, type Fault, testFaults } from './support/table.js'

const faults: readonly Fault[] = [
  {
    name: 'F4 a database that is ahead: an older checkout has nothing to do, and may start',
    files: drawn('aaaa > bbbb > cccc'),
    prepare: async (project) => {
      await project.run(['upgrade'])
      for (const name of ['002_bbbb', '003_cccc']) unlinkSync(project.path(`migrations/${name}.ts`))
    },
    code: 0,
    says: /ahead by 2/,
  },
  {
    name: 'F12 yesterday’s backup is brought back: what is newer is pending as ever',
    files: drawn('aaaa > bbbb > cccc'),
    prepare: async (project) => {
      await project.run(['upgrade', 'aaaa'])
      copyFileSync(project.path('mig.sqlite3'), project.path('backup'))
      await project.run(['upgrade'])
      copyFileSync(project.path('backup'), project.path('mig.sqlite3'))
    },
    code: 0,
    says: /Applying 2 revisions:\n {2}\+ bbbb[^]*Now at head cccc/,
    applied: ['aaaa', 'bbbb', 'cccc'],
  },
  {
    name: 'F23 a database of 0 bytes is an empty one',
    files: { ...drawn('aaaa'), 'mig.sqlite3': '' },
    code: 0,
    says: /Now at head aaaa/,
    applied: ['aaaa'],
  },
  {
    name: 'F23 a folder is no database',
    files: drawn('aaaa'),
    prepare: (project) => mkdirSync(project.path('mig.sqlite3')),
    code: 8,
    says: /The SQLite file \.\/mig\.sqlite3 is a folder\..*\n→ Name a file: sqlite:mig\.sqlite3\/app\.sqlite3/,
  },
  {
    name: 'F23 an encrypted database cannot be distinguished from noise',
    files: drawn('aaaa'),
    prepare: (project) => writeFileSync(project.path('mig.sqlite3'), Buffer.alloc(8192, 0xa5)),
    code: 8,
    says: /mig\.sqlite3.* cannot be used: file is not a database/,
  },
]

testFaults(faults)

forEachEngine((engine) => {
  for (const [name, command] of [
    ['F1 an upgrade of the database of another project', ['upgrade']],
    ['F3 a downgrade of the database of another project', ['downgrade', 'base']],
    ['F3 a stamp of the database of another project', ['stamp', 'base']],
  ] as const)
    test(`${name} stops, and names both`, async () => {
      const database = await engine.createDatabase()
      const shop = benchOn(engine, database, named(database, 'shop'))
      shop.write(table('aaaa'), table('bbbb'))
      await shop.upgrade()
      const billing = benchOn(engine, database)
      // The files are the same ones: only the name tells the two apart.
      billing.project.write('mig.config.json', JSON.stringify({ project: 'billing' }))
      billing.write(table('aaaa'), table('bbbb'), table('cccc'))
      expectSaid(await billing.run(...command), { name, code: 5, says: /shop[^]*billing[^]*history\.wrong-project/ })
      expect(await shop.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
      expect(await shop.tables()).toStrictEqual(['aaaa', 'bbbb'])
    })

  test('F4 a database that is ahead is not taken down by an older checkout', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade()
    bench.remove('bbbb')
    expectSaid(await bench.run('downgrade', 'base'), { name: 'F4', code: 5, says: /bbbb/ })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('F5 tables that are there without a history: the failure says how to mark them', async () => {
    const bench = await createBench(engine)
    await bench.query('create table aaaa (id integer)')
    bench.write(table('aaaa'))
    await expectRun(bench, 'F5', { code: 1, says: /already exists[^]*mig stamp aaaa/, rows: [], tables: ['aaaa'] })
  })

  test('F11 clocks that jump change no order: the last applied is the last by number', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'), table('cccc'))
    await bench.upgrade()
    for (const [revision, year] of [
      ['aaaa', 2100],
      ['bbbb', 1971],
    ] as const)
      await bench.query(`update mig_history set applied_at = '${year}-01-01 00:00:00' where revision = '${revision}'`)
    expectSaid(await bench.run('downgrade', '-1'), { name: 'F11', code: 0, says: /Now at head bbbb/ })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    expect(await bench.tables()).toStrictEqual(['aaaa', 'bbbb'])
  })
})

/** The settings of a bench whose files belong to a project of that name. */
function named(database: Database, project: string): object {
  return { database: database.url, project }
}

/** A database that a migration meets, made by statements; then what is typed, and how it ends. */
interface State {
  readonly name: string
  readonly only: EngineName
  readonly before: (bench: Bench) => readonly string[]
  readonly up?: string
  readonly code: number
  readonly says: RegExp
  readonly rows: readonly string[]
}

const states: readonly State[] = [
  {
    name: 'F18 a rule on the state table that swallows what mig writes',
    only: 'postgres',
    before: () => ['create rule quiet as on update to mig_state do instead nothing'],
    code: 5,
    says: /mig_state/,
    rows: ['aaaa applied'],
  },
  {
    name: 'F18 a trigger on the history that throws rows away',
    only: 'postgres',
    before: () => [
      'create function skip() returns trigger language plpgsql as $$ begin return null; end $$',
      'create trigger skip before insert on mig_history for each row execute function skip()',
    ],
    code: 5,
    says: /mig_history/,
    rows: ['aaaa applied'],
  },
  ...(
    [
      ['standard_conforming_strings', 'off'],
      ['session_replication_role', 'replica'],
      ['default_transaction_isolation', 'serializable'],
    ] as const
  ).map(([setting, value]): State => ({
    name: `F21 ${setting} = ${value}`,
    only: 'postgres',
    before: ({ database }) => [`alter database "${database.name}" set ${setting} = ${value}`],
    up: `  await knex('aaaa').insert({ id: 1 }) // it's a \\\\ back\\'slash`,
    code: 0,
    says: /Now at head bbbb/,
    rows: ['aaaa applied', 'bbbb applied'],
  })),
  {
    name: 'F27 an event trigger refuses the DDL: the server’s words',
    only: 'postgres',
    before: () => [
      `create function refuse() returns event_trigger language plpgsql as $$ begin raise exception 'ask the DBA first'; end $$`,
      `create event trigger refuse on ddl_command_start when tag in ('ALTER TABLE') execute function refuse()`,
    ],
    up: `  await knex.schema.alterTable('aaaa', (t) => t.integer('more'))`,
    code: 1,
    says: /The upgrade of bbbb make bbbb failed: ask the DBA first/,
    rows: ['aaaa applied'],
  },
]

forEachEngine(
  (engine) => {
    for (const { name, only, before, up, ...expected } of states) {
      if (only !== engine.name) continue
      test(name, async () => {
        const bench = await createBench(engine)
        bench.write(table('aaaa'), table('bbbb', up === undefined ? {} : { up }))
        await bench.upgrade({ target: 'aaaa' })
        for (const statement of before(bench)) await bench.query(statement)
        await expectRun(bench, name, expected)
        if (expected.code !== 0) expect(await bench.tables()).toStrictEqual(['aaaa'])
      })
    }
  },
  { only: ['postgres'] },
)

forEachEngine(
  (engine) => {
    test('F21 an empty search path, and the history in a schema that is named', async () => {
      const database = await engine.createDatabase()
      await database.query('create schema app')
      await database.query(`alter database "${database.name}" set search_path = ''`)
      const bench = benchOn(engine, database, { database: database.url, historySchema: 'app' })
      bench.write({ revision: 'aaaa', up: `  await knex.schema.createTable('app.t', (t) => t.integer('id'))` })
      await bench.upgrade()
      expect((await bench.current()).heads.map(({ revision }) => revision)).toStrictEqual(['aaaa'])
    })

    test('F14 a table of another owner: the server’s words, and nothing of it stays', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), {
        revision: 'bbbb',
        up: `  await knex.schema.createTable('mine', (t) => t.integer('id'))
  await knex.schema.alterTable('theirs', (t) => t.integer('more'))`,
      })
      await bench.query('create table theirs (id integer)')
      await asRole(bench, 'grant create on schema public to ROLE', async (own) => {
        expectSaid(await own.project.run(['upgrade'], { env: { MIG_DATABASE_URL: own.database.url } }), {
          name: 'F14',
          code: 1,
          says: /must be owner of table theirs[^]*migration\.failed/,
        })
        expect(await bench.rows()).toStrictEqual(['aaaa applied'])
        expect(await bench.tables()).toStrictEqual(['aaaa', 'theirs'])
      })
    })

    /** With the files of `bench`, as a role that has these rights and no other. */
    async function asRole(bench: Bench, grant: string, work: (own: Bench) => Promise<void>): Promise<void> {
      const role = `mig_test_${randomUUID().slice(-12)}`
      await bench.query(`create role ${role} login password 'geheim'; ${grant.replace('ROLE', role)}`)
      const url = new URL(bench.database.url)
      url.username = role
      url.password = 'geheim'
      try {
        await work({ ...bench, database: { ...bench.database, url: url.href } })
      } finally {
        await bench.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`)
      }
    }
  },
  { only: ['postgres'] },
)

forEachEngine(
  (engine) => {
    for (const mode of ['', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'ANSI,NO_ZERO_DATE,STRICT_ALL_TABLES'])
      test(`F20 sql_mode ${mode === '' ? 'empty' : mode}`, () => worksAfter(engine, `set session sql_mode = '${mode}'`))

    test('F20 both tables have a primary key, for servers that want one in each', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'))
      await bench.upgrade()
      const keys = await bench.query(
        `select table_name as name from information_schema.table_constraints
           where table_schema = database() and constraint_type = 'PRIMARY KEY' order by table_name`,
      )
      expect(keys.map(({ name }) => name)).toStrictEqual(['mig_history', 'mig_journal', 'mig_state'])
    })

    test('F22 a session that begins with autocommit off', () => worksAfter(engine, 'set session autocommit = 0'))

    test('F15 a user who may not alter: the server’s words, and what is left is reported', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), {
        revision: 'bbbb',
        up: `  await knex.schema.alterTable('aaaa', (t) => t.integer('more'))`,
      })
      await bench.upgrade({ target: 'aaaa' })
      const user = `u_${randomUUID().slice(-12)}`
      const { name } = bench.database
      await bench.query(`create user '${user}'@'%' identified by 'geheim'`)
      await bench.query(`grant select, insert, update, delete, create on \`${name}\`.* to '${user}'@'%'`)
      const url = new URL(bench.database.url)
      url.username = user
      url.password = 'geheim'
      try {
        expectSaid(await bench.project.run(['upgrade'], { env: { MIG_DATABASE_URL: url.href } }), {
          name: 'F15',
          code: 1,
          says: /ALTER command denied to user.*\(ER_TABLEACCESS_DENIED_ERROR\)[^]*Fix migrations/,
        })
        expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      } finally {
        await bench.query(`drop user '${user}'@'%'`)
      }
    })
  },
  { only: ['mysql'] },
)

/** That everything works in sessions that begin with this statement: text with quotes and backslashes, up and down. */
async function worksAfter(engine: TestEngine, statement: string): Promise<void> {
  const database = await engine.createDatabase()
  const { hostname: host, port, username: user, password, pathname } = new URL(database.url)
  const connection = {
    host,
    port: Number(port),
    user: decodeURIComponent(user),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    database: decodeURIComponent(pathname.slice(1)),
  }
  const bench = benchOn(engine, database, {
    database: {
      client: 'mysql2',
      connection,
      pool: {
        afterCreate: (
          raw: { query(sql: string, done: (error: unknown) => void): void },
          done: (error: unknown) => void,
        ) => raw.query(statement, done),
      },
    },
  })
  const message = `it's "quoted", \`ticked\` and \\ slashed`
  bench.write(table('aaaa', { message }), table('bbbb', { transaction: false, message }))
  await bench.upgrade()
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  expect((await bench.history()).revisions.map((row) => row.message)).toStrictEqual([message, message])
  expect((await bench.check()).diagnostics).toStrictEqual([])
  await bench.downgrade({ target: 'base' })
  expect(await bench.tables()).toStrictEqual([])
}
