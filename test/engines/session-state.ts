// What a migration may leave changed in its session is noticed, and set back.

import { describe, expect, test } from '@jest/globals'

import { differences } from '../../src/engines/contract/session-state.js'
import { engineNamed, type EngineName } from '../support/engines.js'
import { answersOf, openOn } from './connections.js'

const changes: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: [
    'pragma foreign_keys = off',
    'PRAGMA main.recursive_triggers(1)',
    'pragma legacy_alter_table = on',
    "attach ':memory:' as other",
    'pragma synchronous = off',
    'pragma case_sensitive_like = on; pragma reverse_unordered_selects = on',
    'pragma case_sensitive_like = on',
    'pragma cache_spill = off',
    'pragma full_column_names = on',
    'pragma full_column_names = on; pragma short_column_names = off',
    'pragma count_changes = on',
    'pragma locking_mode = exclusive',
    'pragma busy_timeout = 77',
    'pragma cache_size = -77',
    'pragma temp_store = memory',
    'pragma trusted_schema = off',
  ],
  postgres: [
    "select pg_catalog.set_config('search_path', '', false)",
    'set search_path to nowhere, "Some Where"',
    'set role other_role',
    'set session authorization other_role',
    'set session session_replication_role = replica',
    'set default_transaction_isolation = serializable',
    'set default_transaction_read_only = on',
    "set lock_timeout = '7s'",
    "/* why */ set statement_timeout = '7min'; select 1",
    'set idle_in_transaction_session_timeout = 7000',
    "set time zone 'Asia/Tokyo'",
    "set datestyle = 'German'",
    'set standard_conforming_strings = off',
    'set check_function_bodies = false',
    'set row_security = off',
    'set client_min_messages = error',
    "set work_mem = '7MB'",
    "set bytea_output = 'escape'",
    'set extra_float_digits = -3',
    'set enable_seqscan = off',
    "set client_encoding = 'LATIN1'",
    "set my.tenant = '7'",
    "select set_config('my.other_tenant', '7', false)",
    "set plpgsql.extra_warnings = 'all'",
    "do $$ begin perform set_config('lock_timeout', '8s', false); end $$",
  ],
  mysql: [
    'use mysql',
    "set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
    "set @@session.sql_mode = ''",
    'set foreign_key_checks = 0, unique_checks = 0',
    '/*!40014 SET FOREIGN_KEY_CHECKS = 0 */',
    'set autocommit = 0',
    "set time_zone = '+03:00'",
    'set names latin1',
    'set session transaction isolation level serializable',
    'set lock_wait_timeout = 7',
    'set sql_safe_updates = 1',
    '/*M! set max_statement_time = 7 */ /*!50720 set max_execution_time = 7 */',
    'set group_concat_max_len = 77, sql_auto_is_null = 1',
    'set session sql_select_limit = 7',
    "set @tenant = '7'",
    '/*!40101 SET @OLD_SQL_MODE = @@SQL_MODE, SQL_MODE = NO_AUTO_VALUE_ON_ZERO */',
    "set character_set_results = 'latin1'",
    '/*M! set tx_isolation = serializable */ /*!50720 set transaction_isolation = serializable */',
    'set default_storage_engine = MEMORY',
  ],
}

const harmless: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: ['pragma foreign_keys', 'create table pragma_of (a)', "insert into t values ('pragma foreign_keys = 0')"],
  postgres: [
    "set local lock_timeout = '5s'",
    'set constraints all deferred',
    'set transaction isolation level serializable',
    'update t set a = 1',
    "insert into t values ('; set role other')",
    'create function f() returns int set search_path = public as $$ select 1; set role x; $$ language sql',
    'create table a (b int) -- ; set role x',
  ],
  mysql: ['update t set a = 1', "insert into t values ('\\'; use mysql')", 'create table `use` (`set` int)'],
}

const serial = { sqlite: 'integer primary key', postgres: 'serial', mysql: 'int primary key auto_increment' }

/** What migrations do all day, and what others do meanwhile. */
const work: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: [
    'insert into t (a) values (1)',
    'begin',
    'create table u (a)',
    'commit',
    'analyze',
    'pragma user_version = 7',
  ],
  postgres: [
    'insert into t (a) values (1)',
    'begin',
    'set transaction isolation level serializable',
    'create table u (a int)',
    'commit',
    'do $$ begin perform 1; end $$',
    'select pg_reload_conf()',
  ],
  mysql: [
    'insert into t (a) values (1)',
    'begin',
    'insert into t (a) values (2)',
    'commit',
    'create table u (a int)',
    'select last_insert_id(), rand(), now()',
    'set global max_connect_errors = 77',
    'drop table if exists nowhere',
  ],
}

export function sessionState(name: EngineName): void {
  const engine = engineNamed(name)
  const describeEngine = engine.skipped === undefined ? describe : describe.skip

  describeEngine(`${name}: the state of a session`, () => {
    test.each(changes[name])('is set back after: %s', async (sql) => {
      const { engine: own, connection } = await openOn(await engine.createDatabase())
      if (sql.includes('other_role'))
        await connection.query(
          'do $$ begin create role other_role; exception when duplicate_object or unique_violation then null; end $$',
        )
      const { read, restore, namesIn } = own.sessionState
      const before = await read(connection, namesIn(sql))
      expect(own.statements.read(sql).changesSettings).toBe(true)
      for (const statement of sql.startsWith('do') ? [sql] : sql.split('; ')) await connection.query(statement)
      const changed = differences(before, await read(connection, namesIn(sql)))
      expect(changed).not.toStrictEqual([])
      await restore(connection, before, changed, 'session')
      expect(differences(before, await read(connection, namesIn(sql)))).toStrictEqual([])
      await connection.close()
    })

    test.each(harmless[name])('is not changed by: %s', (sql) => {
      expect(answersOf[name].statements.read(sql).changesSettings).toBe(false)
    })

    if (name === 'postgres')
      test('a role within another user, and a path of no schema, are left', async () => {
        const { engine: own, connection } = await openOn(await engine.createDatabase())
        await connection.query(
          'do $$ begin create role other_role; exception when duplicate_object or unique_violation then null; end $$',
        )
        const { read, restore } = own.sessionState
        const before = await read(connection, [])
        for (const sql of [
          "set search_path = ''",
          'set default_transaction_read_only = on',
          'set session authorization other_role',
          'set role other_role',
        ])
          await connection.query(sql)
        await restore(connection, before, differences(before, await read(connection, [])), 'session')
        expect(differences(before, await read(connection, []))).toStrictEqual([])
      })

    if (name === 'postgres')
      test('what is set back inside a transaction ends with it, and what was set in it comes back', async () => {
        const { engine: own, connection } = await openOn(await engine.createDatabase())
        const { read, restore } = own.sessionState
        const before = await read(connection, [])
        for (const sql of ['begin', "set local time zone 'Asia/Tokyo'", "set work_mem = '7MB'"])
          await connection.query(sql)
        const inside = differences(before, await read(connection, []))
        expect([...inside].sort()).toStrictEqual(['TimeZone', 'work_mem'])
        await restore(connection, before, inside, 'transaction')
        expect(differences(before, await read(connection, []))).toStrictEqual([])
        await connection.query('commit')
        expect(differences(before, await read(connection, []))).toStrictEqual(['work_mem'])
      })

    test('what changes of itself, or for others, is no difference', async () => {
      const { engine: own, connection } = await openOn(await engine.createDatabase())
      const { read } = own.sessionState
      await connection.query(`create table t (id ${serial[name]}, a int)`)
      const before = await read(connection, [])
      for (const sql of work[name]) await connection.query(sql)
      expect(differences(before, await read(connection, []))).toStrictEqual([])
    })

    if (name === 'mysql')
      test('locked tables are no setting, and are freed where settings are set back', async () => {
        const { engine: own, connection } = await openOn(await engine.createDatabase())
        for (const sql of ['create table t (a int)', 'create table u (a int)', 'lock tables t write'])
          await connection.query(sql)
        const state = await own.sessionState.read(connection, [])
        await own.sessionState.restore(connection, state, [], 'session')
        await connection.query('select * from u')
      })

    if (name === 'sqlite')
      test('a database that a migration detached is attached again', async () => {
        const { engine: own, connection } = await openOn(await engine.createDatabase())
        await connection.query("attach ':memory:' as `o``ther`")
        const { read, restore } = own.sessionState
        const before = await read(connection, [])
        const setBack = async () => {
          await restore(connection, before, differences(before, await read(connection, [])), 'session')
          expect(differences(before, await read(connection, []))).toStrictEqual([])
        }
        await connection.query('detach `o``ther`')
        await setBack()
        await connection.query('detach `o``ther`')
        await connection.query('attach ? as `o``ther`', [(await engine.createDatabase()).url.slice('sqlite:'.length)])
        await setBack()
      })
  })
}
