// Through a pooler: what a statement leaves in a session reaches the next client, so it is refused before it is sent.

import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { leavesBehind as leavesInMysql } from '../../src/engines/mysql/session-leaves.js'
import { leavesBehind as leavesInPostgres } from '../../src/engines/postgres/session-leaves.js'
import { openOn } from '../engines/connections.js'
import { engineNamed } from '../support/engines.js'
import { missingForPgbouncer, startPgbouncer } from '../support/servers/pgbouncer.js'
import { readRunReport } from '../support/servers/report.js'
import type { Server } from '../support/servers/server.js'
import { type Bench, createBench, errorOf, table } from './workbench.js'

/** What a client does, in transactions of one statement unless it begins one; and what the next client of the session sees. */
const leaks: readonly (readonly [string, string, string])[] = [
  ['set search_path = elsewhere', "select current_setting('search_path') = 'elsewhere' as seen", 'a setting'],
  [
    'begin; set search_path = elsewhere; commit',
    "select current_setting('search_path') = 'elsewhere' as seen",
    'a setting',
  ],
  [
    "select set_config('search_path', 'elsewhere', false)",
    "select current_setting('search_path') = 'elsewhere' as seen",
    'a setting',
  ],
  ["set my.tenant = '7'", "select current_setting('my.tenant', true) = '7' as seen", 'a setting'],
  [
    'set session characteristics as transaction isolation level serializable',
    "select current_setting('default_transaction_isolation') = 'serializable' as seen",
    'a setting',
  ],
  [
    "do $$ begin perform set_config('my.tenant', '8', false); end $$",
    "select current_setting('my.tenant', true) = '8' as seen",
    'a setting',
  ],
  ['do $x$ begin set my.tenant = 9; end $x$', "select current_setting('my.tenant', true) = '9' as seen", 'a setting'],
  [
    'prepare leftover as select 1',
    "select exists (select from pg_prepared_statements where name = 'leftover') as seen",
    'a prepared statement',
  ],
  [
    'create temp table leftover (a int)',
    "select to_regclass('pg_temp.leftover') is not null as seen",
    'a temporary object',
  ],
  [
    'begin; create temporary table leftover (a int); commit',
    "select to_regclass('pg_temp.leftover') is not null as seen",
    'a temporary object',
  ],
  [
    'select 1 as a into temp leftover',
    "select to_regclass('pg_temp.leftover') is not null as seen",
    'a temporary object',
  ],
  [
    'listen leftover',
    "select exists (select from pg_listening_channels() as channel where channel = 'leftover') as seen",
    'a channel that is listened to',
  ],
  [
    'begin; declare leftover cursor with hold for select 1; commit',
    "select exists (select from pg_cursors where name = 'leftover') as seen",
    'a cursor',
  ],
  [
    'select pg_advisory_lock(77)',
    "select exists (select from pg_locks where locktype = 'advisory' and objid = 77 and pid = pg_backend_pid()) as seen",
    'an advisory lock',
  ],
]

/** What ends with its transaction. */
const ends: readonly (readonly [string, string])[] = [
  ['set local search_path = elsewhere', "select current_setting('search_path') = 'elsewhere' as seen"],
  [
    "select set_config('search_path', 'elsewhere', true)",
    "select current_setting('search_path') = 'elsewhere' as seen",
  ],
  ['set constraints all deferred', 'select false as seen'],
  [
    'set transaction isolation level serializable',
    "select current_setting('transaction_isolation') = 'serializable' as seen",
  ],
  ['create temp table leftover (a int) on commit drop', "select to_regclass('pg_temp.leftover') is not null as seen"],
  ['declare leftover cursor for select 1', "select exists (select from pg_cursors where name = 'leftover') as seen"],
  [
    'select pg_advisory_xact_lock(78)',
    "select exists (select from pg_locks where locktype = 'advisory' and objid = 78) as seen",
  ],
  ['notify leftover', 'select false as seen'],
]

describe('PostgreSQL through pgbouncer', () => {
  const postgres = engineNamed('postgres')
  const missing = postgres.skipped ?? missingForPgbouncer()
  const testThere = missing === undefined ? test : test.skip
  let pooler: Server | undefined

  beforeAll(async () => {
    const report = readRunReport().engines.postgres
    if (missing === undefined && report.available)
      pooler = await startPgbouncer(join(readRunReport().folder, 'pooler-of-settings'), report.url)
  }, 60_000)
  afterAll(() => pooler?.stop())

  const through = (url: string) => {
    const own = new URL(url)
    own.host = new URL(pooler?.url ?? '').host
    return own.href
  }

  /** What another client sees, on the same session of the server. */
  async function seenAfter(statements: readonly string[], probe: string): Promise<unknown> {
    const url = through((await postgres.createDatabase()).url)
    const { connection: first } = await openOn(url)
    for (const sql of statements) await first.query(sql)
    const { connection: second } = await openOn(url)
    return (await second.query(probe)).rows[0]?.seen
  }

  testThere.each(leaks)('reaches the next client, and is known: %s', async (text, probe, what) => {
    const statements = text.startsWith('do') ? [text] : text.split('; ')
    expect(await seenAfter(statements, probe)).toBe(true)
    expect(statements.map(leavesInPostgres).find((left) => left !== null)).toBe(what)
  })

  testThere.each(ends)('ends with its transaction: %s', async (sql, probe) => {
    expect(await seenAfter(['begin', sql, 'commit'], probe)).toBe(false)
    expect(leavesInPostgres(sql)).toBeNull()
  })

  /** Through the pooler; with a schema in which a table would be made when a setting leaks. */
  async function behind(): Promise<{ bench: Bench; databaseUrl: string }> {
    const bench = await createBench(postgres)
    await bench.query('create schema elsewhere')
    return { bench, databaseUrl: through(bench.database.url) }
  }
  const schemas = async (bench: Bench) =>
    (
      await bench.query(
        `select schemaname || '.' || tablename as name from pg_tables where tablename in ('here', 'bbbb')`,
      )
    ).map(({ name }) => name)

  testThere.each([
    ['outside a transaction', false as const],
    ['inside one', undefined],
  ])('a set %s is refused, and nothing of it reaches anybody', async (_name, transaction) => {
    const { bench, databaseUrl } = await behind()
    bench.write({
      revision: 'aaaa',
      ...(transaction === false && { transaction }),
      up: `  await knex.raw('set search_path = elsewhere')\n  await knex.raw('create table here (i int)')`,
    })
    bench.write(table('bbbb'))
    const error = await errorOf(bench.upgrade({ databaseUrl }))
    expect(error).toMatchObject({ code: 'migration.needs-own-session', exitCode: 1 })
    expect(error.message).toMatch(/^aaaa \(migrations\/\S+\) has a statement that leaves a setting in its session/)
    expect(error.hint).toMatch(/set local.*mig upgrade aaaa --database-url/)
    expect(error.detail).toContain('set search_path = elsewhere')
    expect(await schemas(bench)).toStrictEqual([])
    expect(await bench.rows()).toStrictEqual([])
    const { connection } = await openOn(databaseUrl)
    expect((await connection.query('show search_path')).rows).toStrictEqual([{ search_path: '"$user", public' }])
  })

  testThere('a set local is sent, and ends with its migration', async () => {
    const { bench, databaseUrl } = await behind()
    bench.write({
      revision: 'aaaa',
      up: `  await knex.raw('set local search_path = elsewhere')\n  await knex.raw('create table here (i int)')`,
    })
    bench.write(table('bbbb'))
    await bench.upgrade({ databaseUrl })
    expect((await schemas(bench)).sort()).toStrictEqual(['elsewhere.here', 'public.bbbb'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })
})

describe('known without a server', () => {
  test.each([
    ['RESET search_path', 'a setting'],
    // pgbouncer keeps these apart itself (manual, "track_extra_parameters"); other poolers do not.
    ["set time zone 'Asia/Tokyo'", 'a setting'],
    ["set client_encoding = 'LATIN1'", 'a setting'],
    ['discard all', 'a setting'],
    ['/* x */ set role other; select 1', 'a setting'],
    ['select set_config($1, $2, $3)', 'a setting'],
    ["select pg_catalog.set_config('search_path', '', false)", 'a setting'],
    ["select set_config('a.b', lower('X'), false)", 'a setting'],
    ['deallocate all', 'a prepared statement'],
    ['select pg_try_advisory_lock_shared(1, 2)', 'an advisory lock'],
    ['select pg_advisory_unlock_all()', 'an advisory lock'],
    ['unlisten *', 'a channel that is listened to'],
    ["do 'begin set role other; end'", 'a setting'],
  ])('PostgreSQL: %s', (sql, what) => expect(leavesInPostgres(sql)).toBe(what))

  test.each([
    "select set_config('a.b', lower('X'), true)",
    'update t set a = 1',
    'alter table t set (fillfactor = 70)',
    'alter role r set search_path = x',
    "insert into temp values ('set role x')",
    'create function f() returns int set search_path = x as $$ select 1; set role y; $$ language sql',
    "prepare transaction 'x'",
    'do $$ begin update t set a = 1; set local role other; end $$',
    "comment on table t is 'listen; set role x'",
    'create table "set role" (a int)',
  ])('PostgreSQL, harmless: %s', (sql) => expect(leavesInPostgres(sql)).toBeNull())

  test.each([
    ['set names utf8mb4', 'a setting'],
    ['SET @a = 1', 'a setting'],
    ['set session sql_mode = 1', 'a setting'],
    ['/*!40014 SET FOREIGN_KEY_CHECKS = 0 */', 'a setting'],
    ['use other', 'a setting'],
    ["prepare s from 'select 1'", 'a prepared statement'],
    ['create temporary table t (a int)', 'a temporary table'],
    ['create or replace temporary table t (a int)', 'a temporary table'],
    ['lock tables t write', 'a lock'],
    ['flush tables with read lock', 'a lock'],
    ["select get_lock('x', 1)", 'a lock'],
    ['handler t open', 'a handler'],
  ])('MySQL and MariaDB: %s', (sql, what) => expect(leavesInMysql(sql)).toBe(what))

  test.each([
    'set global max_connections = 100',
    'set @@global.max_connections = 100',
    'set statement max_statement_time = 1 for select 1',
    'update t set a = 1',
    'create table `use` (`set` int)',
    "insert into t values ('; use x')",
    'lock in share mode',
  ])('MySQL and MariaDB, harmless: %s', (sql) => expect(leavesInMysql(sql)).toBeNull())
})
