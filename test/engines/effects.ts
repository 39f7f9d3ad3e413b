// What a statement brings about is seen in the catalog: not before it ran, and after it did. Asked of a real database.

import { describe, expect, test } from '@jest/globals'

import { engineNamed, type EngineName } from '../support/engines.js'
import { answersOf, errorFrom, openOn } from './connections.js'

/** A statement, and those that must have run before it. */
type Case = readonly [sql: string, ...setup: readonly string[]]

const t = 'create table `t` (`a` int, `b` int, `c` int, key `t_b` (`b`))'
const parent = 'create table `parent` (`id` int primary key)'
const name63 = 'i'.repeat(70)

const telling: Readonly<Record<EngineName, readonly Case[]>> = {
  sqlite: [],
  postgres: [
    ['create index concurrently i on t (a)'],
    ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "I ""x""" ON ONLY "public"."t" USING btree (a)'],
    ['-- why\n/* and /* how */ */ create index concurrently I on Public.T (a);'],
    [`create index concurrently ${name63} on t (a)`],
    ['create index concurrently i on other.t (a)', 'create index i on t (a)'],
    ['drop index concurrently i', 'create index i on t (a)'],
    ['drop index concurrently if exists "other"."i"', 'create index i on other.t (a)'],
  ],
  mysql: [
    ['create table `t` (`a` int)'],
    ['CREATE TABLE IF NOT EXISTS T(a int)'],
    ['-- why\n/* how */ # and\n create table t like s', 'create table s (a int)'],
    ['create table t select 1 as a'],
    ['drop table `t`', t],
    ['drop table if exists t', t],
    ['rename table `t` to `u`', t],
    ['alter table t rename to u', t],
    ['alter table t add d int, rename u', t],
    ['alter table `t` add `d` int', t],
    ['alter table `t` add `d` int, add `e` int', t],
    ['alter table t add column d int first', t],
    ['alter table t add column (d int, e int)', t],
    ['alter table t add (`d` int)', t],
    ['alter table `t` drop `c`', t],
    ['alter table `t` drop `c`, drop `b`', t],
    ['alter table t drop column c, add d int', t],
    ['alter table `t` rename column `c` to `d`', t],
    ['alter table `t` change `c` `d` varchar(10)', t],
    ['alter table `t` change column c d varchar(10) not null default "x, drop b"', t],
    ['alter table `t` modify b bigint, add d int', t],
    ['alter table `t` add unique `t_c_unique`(`c`)', t],
    ['alter table `t` add index `t_c_index`(`c`)', t],
    ['alter table `t` add key t_c using btree (c), algorithm = inplace', t],
    ['alter table t add constraint t_c unique (c)', t],
    ['alter table t add constraint x unique key t_c (c)', t],
    ['alter table t add fulltext index t_d (d)', 'create table t (d text)'],
    ['alter table `t` add primary key `t_pkey`(`a`)', t],
    ['alter table `t` add constraint `t_pkey` primary key (`a`)', t],
    ['alter table `t` drop primary key', 'create table t (a int primary key)'],
    ['alter table `t` drop index `t_b`', t],
    ['alter table t drop key t_b', t],
    ['alter table t rename index t_b to t_b2', t],
    [
      'alter table `t` add constraint `t_a_foreign` foreign key (`a`) references `parent` (`id`) on delete cascade',
      t,
      parent,
    ],
    [
      'alter table `t` drop foreign key `t_a_foreign`',
      t,
      parent,
      'alter table t add constraint t_a_foreign foreign key (a) references parent (id)',
    ],
    [
      'alter table t drop foreign key t_a, drop index t_a',
      t,
      parent,
      'alter table t add constraint t_a foreign key (a) references parent (id)',
    ],
    ['alter table t add constraint positive check (a > 0)', t],
    ['alter table t drop constraint positive', t, 'alter table t add constraint positive check (a > 0)'],
    ['create index t_c on t (c)', t],
    ['create unique index `t_c` using btree on `t` (`c`)', t],
    ['create fulltext index t_d on t (d)', 'create table t (d text)'],
    ['drop index t_b on t', t],
    ['create view `v` as select 1 as one'],
    ['create algorithm = merge definer = current_user() sql security invoker view v as select 1 as one'],
    ['drop view if exists v', 'create view v as select 1 as one'],
    [
      'create definer = `mig`@`%` trigger tr before insert on t for each row begin set new.a = 1; set new.b = 2; end',
      t,
    ],
    ['drop trigger tr', t, 'create trigger tr before insert on t for each row set new.a = 1'],
    ['create procedure p() begin select 1; select 2; end'],
    ['drop procedure if exists p', 'create procedure p() select 1'],
    ['create function f() returns int deterministic no sql return 1'],
    ['drop function f', 'create function f() returns int deterministic no sql return 1'],
    ['alter table `we``ird` add `a``b, drop` int', 'create table `we``ird` (a int)'],
  ],
}

/** Statements after which the catalog looks as before them, or which it does not show. */
const untelling: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: ['create table t (a)', 'drop table t', 'create index i on t (a)'],
  postgres: [
    'create table t (a int)',
    'create index i on t (a)',
    'create index concurrently on t (a)',
    "select 'create index concurrently i on t (a)'",
    'create index concurrently i on t (a); create index concurrently j on t (a)',
    '',
  ],
  mysql: [
    'insert into t values (1)',
    'drop table a, b',
    'rename table a to x, b to a',
    'create temporary table t (a int)',
    'create or replace view v as select 1',
    'alter table t modify a bigint',
    'alter table t change a A bigint',
    'alter table t drop column c, add column c bigint',
    'alter table t drop primary key, add primary key (b)',
    'alter table t drop index i, add unique i (a)',
    'alter table t rename column a to b, rename column b to a',
    'alter table t add unique (a)',
    'alter table t add index using btree (a)',
    'alter table t add foreign key (a) references parent (id)',
    'alter table t add check (a > 0)',
    'alter table t add partition (partition p1 values less than (10))',
    'alter table t engine = InnoDB',
    'alter table t',
    'create function f returns string soname "f.so"',
    'create table a (a int); create table b (b int)',
    '/* nothing */',
    "select 'create table t'",
  ],
}

const repeatable: Readonly<Record<EngineName, readonly Case[]>> = {
  sqlite: [
    ['vacuum'],
    ['analyze'],
    ['reindex'],
    ['pragma journal_mode = wal'],
    ['create table if not exists t (a)'],
    ['create unique index if not exists i on t (a); drop view if exists v', 'create table t (a)'],
  ],
  postgres: [
    ['vacuum (analyze) t'],
    ['reindex table t'],
    ['create or replace view v as select 1 as one'],
    ['create table if not exists u (a int)'],
    ['drop index concurrently if exists i'],
    ['alter table t alter column a set default 7, alter a set not null'],
    ['alter table t alter a type bigint, add column if not exists z int'],
    ['refresh materialized view m', 'create materialized view m as select 1 as one'],
    ['comment on table t is $$create it$$; analyze'],
    ["alter type mood add value if not exists 'good'", "create type mood as enum ('bad')"],
  ],
  mysql: [
    ['create table if not exists u (a int)'],
    ['drop table if exists u'],
    ['create or replace view v as select 1 as one'],
    ['analyze table t', t],
    ['optimize table t', t],
    ['alter table t modify a bigint not null', t],
    ['alter table t modify column a bigint, change `b` `b` bigint', t],
    ['alter table t alter column a set default 7', t],
    ['alter table `t` alter `a` drop default', t],
    ['alter table t convert to character set utf8mb4', t],
    ["alter table t comment = 'what, if exists'", t],
    ['alter table t engine = InnoDB, row_format = dynamic', t],
  ],
}

const unrepeatable: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: ['create table t (a)', 'insert into t values (1)', 'vacuum; update t set a = a + 1'],
  postgres: [
    'truncate t',
    'update t set a = a + 1',
    'create index concurrently if not exists i on t (a)',
    'create table t (a int)',
    'alter table t alter a type int using a * 2',
    'alter table t add column a int',
    'alter table t rename a to b',
    'create table t (a int) /* if not exists */',
    'do $$ begin end $$',
    'call p()',
  ],
  mysql: [
    'truncate t',
    'truncate table t',
    'create or replace table t (a int)',
    'create or replace temporary table t (a int)',
    'create or replace sequence s',
    'update t set a = a + 1',
    'create table t (a int)',
    'drop table t',
    'alter table t add a int',
    'alter table t modify a int, add b int',
    'alter table t change a b int',
    'call p()',
    '/* if exists */ drop table t',
  ],
}

export function effects(name: EngineName): void {
  const engine = engineNamed(name)
  const describeEngine = engine.skipped === undefined ? describe : describe.skip

  describeEngine(`${name}: what a statement brings about`, () => {
    if (telling[name].length > 0)
      test.each(telling[name])('shows in the catalog: %s', async (sql, ...setup) => {
        const { engine: own, connection } = await prepared(name, setup)
        const effect = own.effects.of(sql)
        expect(effect).not.toBeNull()
        const before = effect?.after === 'present' ? 'absent' : 'present'
        expect(await effect?.look(connection)).toBe(before)
        await connection.query(sql)
        expect(await effect?.look(connection)).toBe(effect?.after)
        await connection.close()
      })

    test.each(untelling[name])('does not show in the catalog: %s', (sql) => {
      expect(answersOf[name].effects.of(sql)).toBeNull()
    })

    test.each(repeatable[name])('is the same when it runs again: %s', async (sql, ...setup) => {
      const { engine: own, connection } = await prepared(name, setup)
      expect(own.effects.isRepeatable(sql)).toBe(true)
      for (const statement of [...sql.split('; '), ...sql.split('; ')]) await connection.query(statement)
      await connection.close()
    })

    test.each(unrepeatable[name])('is not the same when it runs again: %s', (sql) => {
      expect(answersOf[name].effects.isRepeatable(sql)).toBe(false)
    })

    if (name === 'postgres')
      test.each([
        ['create unique index concurrently i on t (a)', 'index i on t'],
        ['create unique index concurrently if not exists "I" on other."t" (a)', 'index I on other.t'],
      ])('an index that is there and not usable is invalid, and can be cleared away: %s', async (sql, what) => {
        const { engine: own, connection } = await prepared(name, [
          'insert into t values (1), (1)',
          'insert into other.t values (1), (1)',
        ])
        const effect = own.effects.of(sql)
        expect(effect?.what).toBe(what)
        expect(await errorFrom(() => connection.query(sql))).not.toBeNull()
        expect(await effect?.look(connection)).toBe('invalid')
        await connection.query(own.effects.cleanup(sql) ?? '')
        expect(await effect?.look(connection)).toBe('absent')
      })
  })
}

async function prepared(name: EngineName, setup: readonly string[]) {
  const open = await openOn(await engineNamed(name).createDatabase())
  const first =
    name === 'postgres' ? ['create table t (a int)', 'create schema other', 'create table other.t (a int)'] : []
  for (const sql of [...first, ...setup]) await open.connection.query(sql)
  return open
}
