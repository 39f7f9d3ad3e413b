// What a migration may leave changed in its session is noticed, and set back.

import { describe, expect, test } from '@jest/globals'

import { engineNamed, type EngineName } from '../support/engines.js'
import { answersOf, openOn } from './connections.js'

const changes: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: [
    'pragma foreign_keys = off',
    'PRAGMA main.recursive_triggers(1)',
    'pragma legacy_alter_table = on',
    "attach ':memory:' as other",
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
      const before = await own.sessionState.read(connection)
      expect(own.sessionState.mayChange(sql)).toBe(true)
      for (const statement of sql.startsWith('do') ? [sql] : sql.split('; ')) await connection.query(statement)
      const changed = await own.sessionState.read(connection)
      expect(changed).not.toStrictEqual(before)
      await own.sessionState.restore(connection, before, changed)
      expect(await own.sessionState.read(connection)).toStrictEqual(before)
      await connection.close()
    })

    test.each(harmless[name])('is not changed by: %s', (sql) => {
      expect(answersOf[name].sessionState.mayChange(sql)).toBe(false)
    })

    if (name === 'postgres')
      test('a role within another user, and a path of no schema, are left', async () => {
        const { engine: own, connection } = await openOn(await engine.createDatabase())
        await connection.query(
          'do $$ begin create role other_role; exception when duplicate_object or unique_violation then null; end $$',
        )
        const before = await own.sessionState.read(connection)
        for (const sql of [
          "set search_path = ''",
          'set default_transaction_read_only = on',
          'set session authorization other_role',
          'set role other_role',
        ])
          await connection.query(sql)
        await own.sessionState.restore(connection, before, await own.sessionState.read(connection))
        expect(await own.sessionState.read(connection)).toStrictEqual(before)
      })

    if (name === 'mysql')
      test('locked tables are unlocked', async () => {
        const { engine: own, connection } = await openOn(await engine.createDatabase())
        for (const sql of ['create table t (a int)', 'create table u (a int)', 'lock tables t write'])
          await connection.query(sql)
        const state = await own.sessionState.read(connection)
        await own.sessionState.restore(connection, state, state)
        await connection.query('select * from u')
      })

    if (name === 'sqlite')
      test('a database that a migration detached is attached again', async () => {
        const { engine: own, connection } = await openOn(await engine.createDatabase())
        await connection.query("attach ':memory:' as `o``ther`")
        const before = await own.sessionState.read(connection)
        await connection.query('detach `o``ther`')
        await own.sessionState.restore(connection, before, await own.sessionState.read(connection))
        expect(await own.sessionState.read(connection)).toStrictEqual(before)
      })
  })
}
