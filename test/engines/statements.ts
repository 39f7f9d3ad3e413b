// Which statements a transaction cannot hold: each is really run in one.

import { describe, expect, test } from '@jest/globals'

import type { Connection } from '../../src/engines/contract/connection.js'
import { type Database, engineNamed, type EngineName } from '../support/engines.js'
import { errorFrom, openOn } from './connections.js'

const refused: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: ['vacuum', '/* why */ VACUUM main', 'pragma journal_mode = wal', 'PRAGMA "main".journal_mode(wal)'],
  postgres: [
    'create index concurrently i on t (a)',
    'CREATE UNIQUE INDEX /* now */ CONCURRENTLY "i" ON t (a)',
    'drop index concurrently if exists t_a',
    'reindex index concurrently t_a',
    'reindex (verbose) table concurrently t',
    'reindex (concurrently, verbose) table t',
    'reindex (verbose, concurrently on) table t',
    'reindex schema public',
    'reindex database "{database}"',
    'reindex (verbose) system "{database}"',
    'vacuum',
    'vacuum (analyze) t',
    'create database another',
    'drop database if exists another',
    "create tablespace another location '/nowhere'",
    'drop tablespace if exists another',
    "alter system set work_mem = '4MB'",
    "create subscription s connection 'host=nowhere' publication p",
    'alter table parted detach partition part concurrently',
    'alter database "{database}" set tablespace pg_default',
    "rollback prepared 'x'",
  ],
  mysql: [],
}

const accepted: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: [
    'pragma journal_mode',
    "select 'vacuum'",
    'create table vacuum (a)',
    'pragma foreign_keys = on',
    '-- vacuum\nselect 1 as one',
  ],
  postgres: [
    'create index concurrently_not on t (a)',
    'create index "concurrently" on t (a)',
    "comment on table t is 'vacuum; create index concurrently'",
    '-- drop index concurrently\ndrop index t_a',
    'reindex table t',
    'reindex (concurrently off) table t',
    'do $x$ begin execute $$select 1 /* vacuum */$$; end $x$',
    'alter table parted detach partition part',
    'create table vacuum (a int)',
    'alter database "{database}" set work_mem = 100',
    'cluster t using t_a',
  ],
  mysql: ['create table t (a int)', 'optimize table t'],
}

const setup: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: [],
  postgres: [
    'create table t (a int)',
    'create index t_a on t (a)',
    'create table parted (a int) partition by list (a)',
    'create table part partition of parted for values in (1)',
  ],
  mysql: [],
}

export function statements(name: EngineName): void {
  const engine = engineNamed(name)
  const describeEngine = engine.skipped === undefined ? describe : describe.skip

  describeEngine(`${name}: statements in a transaction`, () => {
    if (refused[name].length > 0)
      test.each(refused[name])('is refused in one, as the engine says: %s', async (pattern) => {
        const { own, connection, sql } = await scene(pattern)
        expect(own.statements.read(sql).refusesTransaction).toBe(true)
        await connection.query('begin')
        const error = await errorFrom(() => connection.query(sql))
        await connection.query('rollback')
        expect(error).not.toBeNull()
        if (name === 'postgres') expect(own.describe(error).code).toBe('25001')
      })

    test.each(accepted[name])('is accepted in one, as the engine says: %s', async (pattern) => {
      const { own, connection, sql } = await scene(pattern)
      expect(own.statements.read(sql).refusesTransaction).toBe(false)
      if (name === 'mysql') return
      await connection.query('begin')
      expect(await errorFrom(() => connection.query(sql))).toBeNull()
      await connection.query('rollback')
    })

    if (name === 'postgres')
      test('a new value of an enum ends a group: it cannot be used before a commit', async () => {
        const { own, connection } = await scene('')
        const sql = 'alter type "public"."mood" /* add */ add value if not exists \'good\' before \'bad\''
        expect(own.statements.read(sql).endsGroup).toBe(true)
        expect(own.statements.read("alter type mood rename value 'bad' to 'add value'").endsGroup).toBe(false)
        expect(own.statements.read('alter table t add value int').endsGroup).toBe(false)
        await connection.query("create type mood as enum ('bad')")
        await connection.query('begin')
        await connection.query(sql)
        const error = await errorFrom(() => connection.query("select 'good'::mood as mood"))
        await connection.query('rollback')
        expect(own.describe(error).code).toBe('55P04')
      })

    if (name !== 'mysql')
      test('a transaction that ended itself is noticed', async () => {
        const { own, connection } = await scene('')
        await connection.query('begin')
        const before = await own.transaction.before(connection, null)
        const identity = await identityOf(connection, own.transaction.identity)
        expect(await own.transaction.objection(connection, before)).toBeNull()
        expect(await identityOf(connection, own.transaction.identity)).toBe(identity)
        await connection.query('commit')
        if (name === 'sqlite')
          expect(await own.transaction.objection(connection, before)).toMatch(/ended the transaction/)
        else expect(await identityOf(connection, own.transaction.identity)).not.toBe(identity)
      })

    if (name === 'postgres')
      test('a commit that rolled back is none', async () => {
        const { own, connection } = await scene('')
        const client = connection.raw as { query(sql: string): Promise<unknown> }
        await client.query('begin')
        await errorFrom(() => client.query('selec'))
        expect(own.transaction.isCommitted(await client.query('commit'))).toBe(false)
        await client.query('begin')
        expect(own.transaction.isCommitted(await client.query('commit'))).toBe(true)
        expect(own.transaction.isCommitted(undefined)).toBe(true)
      })

    test('20 connections make the tables at once, and none fails', async () => {
      const database = await engine.createDatabase()
      const names = { state: 'mig_state', history: 'mig_history', journal: 'mig_journal' }
      const open = await Promise.all(Array.from({ length: 20 }, () => openOn(database)))
      const runs = open.map(
        ({ engine: own, connection }) =>
          () =>
            errorFrom(() => inTransaction(connection, own.tables.create(names, 'mig'))),
      )
      expect(await (name === 'sqlite' ? inTurn(runs) : Promise.all(runs.map((run) => run())))).toStrictEqual(
        open.map(() => null),
      )
      for (const table of Object.values(names)) await database.query(`select * from ${table}`)
      await Promise.all(open.map(({ connection }) => connection.close()))
    })

    async function scene(pattern: string) {
      const database: Database = await engine.createDatabase()
      const { engine: own, connection } = await openOn(database)
      for (const sql of setup[name]) await connection.query(sql)
      return { own, connection, sql: pattern.replace('{database}', database.name) }
    }
  })

  async function inTransaction(connection: Connection, sqls: readonly string[]): Promise<void> {
    await connection.query(name === 'sqlite' ? 'begin immediate' : 'begin')
    for (const sql of sqls) await connection.query(sql)
    await connection.query('commit')
  }
}

/** SQLite waits in this very thread, in which also runs what it waits for. */
async function inTurn(runs: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> {
  const results = []
  for (const run of runs) results.push(await run())
  return results
}

async function identityOf(connection: Connection, identity: string | null): Promise<unknown> {
  return identity === null ? null : (await connection.query(`select ${identity} as id`)).rows[0]?.id
}
