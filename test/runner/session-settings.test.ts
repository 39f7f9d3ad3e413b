// What a migration sets in its session reaches neither its own row nor the next migration, whatever it is.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import type { MigEvent } from '../../src/index.js'
import { forEachEngine, type TestEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf, table } from './workbench.js'

const warnings = ({ events }: Bench): readonly string[] =>
  events
    .filter((event): event is Extract<MigEvent, { kind: 'remark' }> => event.kind === 'remark')
    .map(({ diagnostic }) => `${diagnostic.code}: ${diagnostic.message}`)

/** The lines as a body; each is sent as it stands. */
const sends = (...statements: readonly string[]) =>
  statements.map((sql) => `  await knex.raw(${JSON.stringify(sql)})`).join('\n')

const tell = (sql: string) => `  context.log('now ' + (await knex.raw(${JSON.stringify(sql)})).rows[0].now)`
const told = ({ events }: Bench) => events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))

async function withRole(engine: TestEngine): Promise<Bench> {
  const bench = await createBench(engine)
  await bench.query(
    'do $$ begin create role other_role; exception when duplicate_object or unique_violation then null; end $$',
  )
  return bench
}

forEachEngine(
  (engine) => {
    test.each([
      ['of the session', 'set ', true],
      ['of the transaction', 'set local ', false],
    ])('PostgreSQL: a role, an encoding and a time zone %s are not those of the row', async (_name, set, isTold) => {
      const bench = await withRole(engine)
      bench.write({
        revision: 'aaaa',
        message: 'größe – naïve',
        up: sends(
          'create table aaaa (a int)',
          `${set}client_encoding = 'LATIN1'`,
          `${set}time zone 'Asia/Tokyo'`,
          `${set}session_replication_role = replica`,
          `${set}my.secret = 'hidden value'`,
          `${set}role other_role`,
        ),
      })
      const now = `select concat_ws(' ', current_user = session_user, current_setting('client_encoding'), current_setting('TimeZone') = 'Asia/Tokyo',
        current_setting('session_replication_role'), coalesce(current_setting('my.secret', true), '')) as now`
      bench.write({ revision: 'bbbb', up: `${tell(now)}\n${sends('create table bbbb (a int)')}` })
      await bench.upgrade()
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
      expect(await bench.query(`select message from mig_history where revision = 'aaaa'`)).toStrictEqual([
        { message: 'größe – naïve' },
      ])
      expect(told(bench)).toStrictEqual(['now t UTF8 f origin '])
      const said = warnings(bench).join('\n')
      expect(said).not.toContain('hidden value')
      if (!isTold) expect(said).toBe('')
      else
        for (const name of ['role', 'client_encoding', 'TimeZone', 'session_replication_role', 'my.secret'])
          expect(said).toContain(name)
      if (isTold) expect(said).toMatch(/^migration\.session-changed: aaaa .* left the session changed: .*set back\)\.$/)
    })

    test('PostgreSQL: in one transaction for all the next migration meets nothing of it either', async () => {
      const bench = await withRole(engine)
      bench.write({
        revision: 'aaaa',
        up: sends('create table aaaa (a int)', "set work_mem = '7MB'", 'set role other_role'),
      })
      bench.write({
        revision: 'bbbb',
        up: `${tell("select concat(current_user = session_user, current_setting('work_mem') = '7MB') as now")}`,
      })
      await bench.upgrade({ transaction: 'all' })
      expect(told(bench)).toStrictEqual(['now tf'])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
      expect(warnings(bench).join()).toMatch(/work_mem/)
    })

    test('PostgreSQL: what ends with its transaction is no warning', async () => {
      const bench = await createBench(engine)
      bench.write({ revision: 'aaaa', up: sends('set local search_path = public', 'create table aaaa (a int)') })
      await bench.upgrade()
      expect(warnings(bench)).toStrictEqual([])
    })
  },
  { only: ['postgres'] },
)

forEachEngine(
  (engine) => {
    test('MySQL: modes, characters and a user variable are not those of the row or the next migration', async () => {
      const bench = await createBench(engine)
      bench.write({
        revision: 'aaaa',
        message: 'größe – naïve',
        up: sends(
          'set names latin1',
          "set sql_mode = 'ANSI_QUOTES'",
          "set @secret = 'hidden value'",
          'set sql_select_limit = 1',
        ),
      })
      const now = `select concat_ws(' ', @@character_set_client <> 'latin1', @@sql_mode <> 'ANSI_QUOTES', @secret is null, @@sql_select_limit > 1) as now`
      bench.write({
        revision: 'bbbb',
        up: `  context.log('now ' + (await knex.raw(${JSON.stringify(now)}))[0][0].now)\n${sends('create table bbbb (a int)')}`,
      })
      await bench.upgrade()
      expect(told(bench)).toStrictEqual(['now 1 1 1 1'])
      expect(await bench.query(`select message from mig_history where revision = 'aaaa'`)).toStrictEqual([
        { message: 'größe – naïve' },
      ])
      const said = warnings(bench).join('\n')
      expect(said).not.toContain('hidden value')
      for (const name of ['character_set_client', 'sql_mode', '@secret', 'sql_select_limit'])
        expect(said).toContain(name)
    })

    test('MySQL: a session that cannot go back to no database ends the run before the next migration', async () => {
      const bench = await createBench(engine)
      const home = await engine.createDatabase()
      const url = new URL(bench.database.url)
      url.pathname = '/'
      const config = { database: url.href, historySchema: home.name }
      const { name } = bench.database
      bench.write({ revision: 'aaaa', up: sends(`use ${name}`, 'create table aaaa (a int)') })
      bench.write({ revision: 'bbbb', up: sends(`create table ${name}.bbbb (a int)`) }, table('cccc'))
      const options = { config } as object
      const error = await errorOf(bench.upgrade(options))
      expect(error).toMatchObject({ code: 'migration.session-lost', exitCode: 1 })
      expect(error.message).toMatch(/^aaaa .* is applied, .*: database\. The next migration was not begun/)
      expect(error.hint).toMatch(/mig upgrade$/)
      expect(await bench.tables()).toStrictEqual(['aaaa'])
      await bench.upgrade({ ...options, target: 'bbbb' })
      expect(await bench.tables()).toStrictEqual(['aaaa', 'bbbb'])
    })
  },
  { only: ['mysql'] },
)

forEachEngine(
  (engine) => {
    test('SQLite: pragmas and attached databases are not those of the next migration', async () => {
      const bench = await createBench(engine)
      bench.write({
        revision: 'aaaa',
        transaction: false,
        up: sends('pragma synchronous = off', 'pragma recursive_triggers = on', "attach ':memory:' as elsewhere"),
      })
      bench.write({
        revision: 'bbbb',
        up: `  const [{ n }] = await knex.raw("select (select count(*) from pragma_database_list where name = 'elsewhere') + (select recursive_triggers from pragma_recursive_triggers) + (select synchronous = 0 from pragma_synchronous) as n")\n  context.log('now ' + n)`,
      })
      await bench.upgrade()
      expect(told(bench)).toStrictEqual(['now 0'])
      expect(warnings(bench).join()).toMatch(/recursive_triggers .*synchronous .*database elsewhere/)
    })
  },
  { only: ['sqlite'] },
)

forEachEngine(
  (engine) => {
    test('SQLite: what cannot be set back does not undo what was done, nor is it left to the next migration', async () => {
      const bench = await createBench(engine)
      const folder = bench.project.path('gone')
      mkdirSync(folder)
      bench.project.write(
        'mig.config.mjs',
        `export default { database: { client: 'better-sqlite3', useNullAsDefault: true,
  connection: ${JSON.stringify(bench.database.url.slice('sqlite:'.length))},
  pool: { afterCreate: (raw, done) => { raw.prepare('attach ? as other').run(${JSON.stringify(join(folder, 'other.db'))}); done(null, raw) } } } }`,
      )
      bench.write({
        revision: 'aaaa',
        transaction: false,
        up: `${sends('pragma recursive_triggers = on', 'detach other')}\n  ;(await import('node:fs')).rmSync(${JSON.stringify(folder)}, { recursive: true })`,
      })
      bench.write(table('bbbb'))
      const result = await bench.project.run(['upgrade'])
      expect(result.stderr).toMatch(
        /recursive_triggers \(0 → 1, set back\).*database other \(.*could not be set back\)/s,
      )
      expect(result.stderr).toMatch(/migration\.session-lost/)
      expect(result.code).toBe(1)
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      mkdirSync(folder)
      expect((await bench.project.run(['upgrade'])).code).toBe(0)
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    })

    test.each([true, false])(
      'SQLite: pragmas that change what is answered are no matter: inside %s',
      async (isInside) => {
        const bench = await createBench(engine)
        const own = isInside ? {} : ({ transaction: false } as const)
        const pragmas = [
          'full_column_names = on',
          'short_column_names = off',
          'count_changes = on',
          'case_sensitive_like = on',
        ]
        const sets = pragmas.map((each) => `  await knex.raw('pragma ${each}')`).join('\n')
        bench.write(table('aaaa'), { ...own, revision: 'bbbb', up: `  await knex('aaaa').insert({ id: 1 })\n${sets}` })
        bench.write({ revision: 'cccc', up: `  await knex.raw("delete from aaaa where 'TEST' like 'test'")` })
        await bench.upgrade()
        expect(await bench.query('select id from aaaa')).toStrictEqual([])
        expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
        await bench.downgrade({ target: 'base' })
        expect(await bench.rows()).toStrictEqual([])
      },
    )
  },
  { only: ['sqlite'] },
)

forEachEngine((engine) => {
  const set = (value: 1 | 2) =>
    ({
      sqlite: `pragma cache_size = -${value}000`,
      postgres: `set work_mem = '${value}MB'`,
      mysql: `set sort_buffer_size = ${value}000000`,
    })[engine.name]

  test('what many leave changed in the same way is reported once, and set back each time', async () => {
    const bench = await createBench(engine)
    for (const [revision, value] of [
      ['aaaa', 1],
      ['bbbb', 1],
      ['cccc', 2],
      ['dddd', 1],
    ] as const)
      bench.write({ revision, up: sends(set(value), `create table ${revision} (a int)`) })
    await bench.upgrade()
    expect(warnings(bench).map((said) => /: (\w+) /.exec(said)?.[1])).toStrictEqual(['aaaa', 'cccc'])
  })
})
