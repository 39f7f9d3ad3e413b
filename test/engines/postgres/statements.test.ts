// What PostgreSQL's statements do, read from their text alone. test/differential/ compares the same with the server.

import { describe, expect, test } from '@jest/globals'

import type { StatementFacts } from '../../../src/engines/contract/statements.js'
import { statements } from '../../../src/engines/postgres/statements.js'

type Facts = Partial<StatementFacts>

const plain: StatementFacts = {
  count: 1,
  reads: false,
  ofSession: false,
  control: null,
  endsTransaction: false,
  commits: false,
  mayControl: false,
  refusesTransaction: false,
  endsGroup: false,
  allOrNothing: true,
  temporary: false,
  changesSettings: false,
  tableLocks: null,
  waitsLong: false,
}

const reads: Facts = { reads: true }
const setsUp: Facts = { ofSession: true }
const changes: Facts = { ofSession: true, changesSettings: true }
const unknown: Facts = { changesSettings: true }
const refused: Facts = { refusesTransaction: true, allOrNothing: false }
const program: Facts = { mayControl: true, changesSettings: true, allOrNothing: false }
const ends: Facts = { endsTransaction: true, allOrNothing: false }
const partedPerhaps: Facts = { mayControl: true, allOrNothing: false }

function control(kind: NonNullable<StatementFacts['control']>['kind'], savepoint: string | null = null): Facts {
  return { control: { kind, savepoint }, ...(savepoint === null && ends) }
}

const tables: Readonly<Record<string, readonly (readonly [sql: string, facts: Facts])[]>> = {
  'queries that only answer': [
    ['select 1', reads],
    ['SELECT * FROM users WHERE id = $1', reads],
    ['with x as (select 1) select * from x', reads],
    [
      'with recursive t(n) as (select 1 union all select n + 1 from t where n < 9), u (m) as not materialized (select n from t) select * from u',
      reads,
    ],
    ['((select 1) union (values (2)))', reads],
    ['table users', reads],
    ['values (1, lower($$A$$))', reads],
    [
      'select count(*) filter (where a > 0), row_number() over (partition by (a) order by (b)) from t as x (a, b)',
      reads,
    ],
    [
      'select pg_catalog.lower(a), "upper"(b), a::numeric(10, 2), cast(b as varchar(3)) from t where a in (1, 2) and not (b = any(array[1]))',
      reads,
    ],
    ['select coalesce(max(a), 0) as into, t.for from t', reads],
    ["select 'nextval(1); commit'", reads],
    ['select substring(a from 1 for 2) from t', reads],
    ['show all', reads],
    ['explain delete from users', reads],
    ['explain (costs off, analyze false) delete from users', reads],
    ['explain (analyze, buffers) select 1', reads],
    ['explain (select 1)', reads],
    ['explain execute p(1)', reads],
    ['copy (select a from t) to stdout', reads],
    ['', { ...reads, count: 0 }],
    ['-- nothing\n/* at /* all */ ; */ ;;', { ...reads, count: 0 }],
    ['select 1; select 2;', { ...reads, count: 2 }],
  ],
  'queries that do more': [
    ['select * into copied_users from users', {}],
    ['select a into temp copied from t', { temporary: true }],
    ['select 1 into pg_temp.copied', { temporary: true }],
    ['select * from t for update', {}],
    ['select * from t where a in (select a from u for no key update of u) ', {}],
    ['select * from t for key share skip locked', {}],
    ['with x as (delete from users returning *) select * from x', {}],
    ['with x as materialized (insert into t values (1) returning a) table x', {}],
    ['with x as (select 1) insert into t table x', {}],
    ['explain analyze delete from users', {}],
    ['EXPLAIN ANALYSE VERBOSE update t set a = 1', {}],
    ['explain (verbose, "analyze") insert into w values (1)', {}],
    ['explain (analyze true) create table t2 as select 1', {}],
    ['explain execute p(nextval($$s$$))', {}],
    ["select nextval('s')", {}],
    ["select setval('s', 1)", { allOrNothing: false }],
    ['select pg_advisory_lock(1)', {}],
    ["select dblink_exec('x', 'commit')", { allOrNothing: false }],
    ['select lo_create(0)', {}],
    ["select pg_notify('a', 'b')", {}],
    ['select f(1)', unknown],
    ['select public.lower(a) from t', unknown],
    ['select * from f() as (a int)', unknown],
    ['insert into t (a) values (f(1))', unknown],
    ['insert into "s"."t" ("a", b) values (lower($1), default) on conflict (a) do update set b = excluded.b', {}],
    ['create table t2 as select f(1)', unknown],
  ],
  'the session': [
    ["set lock_timeout = '1s'", changes],
    ['set session characteristics as transaction read only', changes],
    ['set session authorization other', changes],
    ['SET LOCAL search_path TO a', setsUp],
    ['set transaction isolation level serializable', setsUp],
    ['set session transaction read only', setsUp],
    ['set constraints all deferred', setsUp],
    ['set constraints a immediate', {}],
    ["select pg_catalog.set_config('search_path', '', false)", changes],
    ["select set_config('search_path', '', true)", setsUp],
    ["select set_config('search_path', '', $1), nextval('s')", unknown],
    ['reset all', changes],
    ['discard plans', setsUp],
    ['DISCARD /* really */ ALL', { ...changes, ...refused }],
    ['prepare p (int) as insert into t values ($1)', setsUp],
    ['deallocate all', setsUp],
    ['listen changes', setsUp],
    ["load 'auto_explain'", changes],
    ["notify changes, 'set x'", {}],
  ],
  'transaction control': [
    ['begin', control('begin')],
    ['BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE', control('begin')],
    ['start transaction', control('begin')],
    ['commit;', control('commit')],
    ['end work', control('commit')],
    ['commit and no chain', control('commit')],
    ['commit and chain', control('commit')],
    ['rollback', control('rollback')],
    ['abort', control('rollback')],
    ['rollback transaction and chain', control('rollback')],
    ['savepoint A', control('savepoint', 'a')],
    ['savepoint "A"', control('savepoint', 'A')],
    [`savepoint ${'é'.repeat(40)}`, control('savepoint', 'é'.repeat(31))],
    ['release b', control('release', 'b')],
    ['release savepoint b', control('release', 'b')],
    ['release savepoint', control('release', 'savepoint')],
    ['rollback work to savepoint "x y"', control('rollback to', 'x y')],
    ['rollback to x', control('rollback to', 'x')],
    ["prepare transaction 'mine'", ends],
    ["commit prepared 'mine'", refused],
    ['insert into w values (1); commit; insert into w values (2)', { ...ends, count: 3 }],
    ['begin; insert into w values (1); commit', { ...ends, count: 3 }],
  ],
  'bodies and literals': [
    ['create function f() returns int language sql begin atomic select 1; select case when true then 2 end; end', {}],
    [
      'drop function if exists f(); create or replace procedure f() begin atomic select 1 as end; commit; end; select 1',
      { count: 3 },
    ],
    ['create function f() returns int as $x$ begin commit; end $x$ language plpgsql', {}],
    ['create rule r as on insert to t do instead (delete from t; update t set a = 1)', {}],
    ["insert into notes values (E'it\\'s done; commit it')", {}],
    ["insert into notes values (E'a'\n  -- more\n  'it\\'s; commit')", {}],
    ["insert into notes values ('it''s; commit', U&'\\0441; commit', $$; commit$$)", {}],
    ["insert into notes values ('it\\'s; commit')", {}],
    ["insert into notes values ('C:\\'); commit", { ...ends, count: 2 }],
    ['/* a /* b */ ; commit */ select 1', reads],
    ['create table "commit; begin" (a int) -- ; commit', {}],
  ],
  'what a transaction cannot hold': [
    ['create unique index concurrently i on t (a)', { ...refused, waitsLong: true }],
    ['create index concurrently$ on t (a)', {}],
    ['drop index concurrently if exists i', { ...refused, waitsLong: true }],
    ['reindex (verbose, concurrently) table t', { ...refused, waitsLong: true }],
    ['reindex (concurrently off) table t', partedPerhaps],
    ['reindex table t', partedPerhaps],
    ['reindex schema public', refused],
    ['cluster', refused],
    ['cluster (verbose)', refused],
    ['cluster t using i', partedPerhaps],
    ['vacuum (analyze) t', refused],
    ['alter table if exists only s.t detach partition s.p concurrently', { ...refused, waitsLong: true }],
    ['alter table t detach partition p', {}],
    ['create database d', refused],
    ["alter system set work_mem = '4MB'", refused],
    ["create subscription s connection 'x' publication p", refused],
    ["create subscription s connection 'x' publication p with (connect = false, slot_name = 's')", {}],
    ['alter subscription s refresh publication', refused],
    ['alter subscription s set publication p with (refresh = off)', {}],
    ['alter database d set tablespace t', refused],
  ],
  'and the rest': [
    ['alter type "public".mood /* add */ add value if not exists \'good\'', { endsGroup: true }],
    ['alter table t add value int', {}],
    ['alter table t validate constraint c', { waitsLong: true }],
    ['create temp table t (a int)', { temporary: true }],
    ['create local temporary view v as select 1', { temporary: true }],
    ['create table if not exists pg_temp.t (a int)', { temporary: true }],
    ['create table temp (a int)', {}],
    ['do $$ begin commit; end $$', program],
    ['call p(false)', program],
    ['execute p(1)', program],
    ['analyze', { allOrNothing: false }],
    ["copy t to program 'cat'", { allOrNothing: false }],
    ["copy t from '/file'", {}],
    ['lock table t', {}],
    ['refresh materialized view concurrently v', {}],
    ['what is this', {}],
  ],
}

for (const [title, rows] of Object.entries(tables))
  describe(title, () => {
    test.each(rows)('%s', (sql, facts) => expect(statements.read(sql)).toStrictEqual({ ...plain, ...facts }))
  })

describe('a literal into which Knex would write the number of a placeholder', () => {
  test.each([
    [`insert into t values ('why?')`, 0, true],
    [`insert into t values (?, 'why?')`, 1, true],
    [`comment on column t.a is 'is it?'`, 0, true],
    [`alter table "a?" add b int`, 0, true],
    [`create function f() returns bool language sql as $x$ select '{}'::jsonb ? 'a' $x$`, 0, true],
    [`select E'a\\'?'`, 0, true],
    [String.raw`insert into t values ('why\?')`, 0, false],
    [String.raw`insert into t values ('why\\?')`, 0, true],
    [`insert into t values (?, '{}')`, 1, false],
    [`select 1 -- why?`, 0, false],
    [`select /* why? */ 'no'`, 0, false],
    [`select '{}'::jsonb ? 'a'`, 0, false],
    [`select '{}'`, 0, false],
  ])('%s, with %d values', (sql, values, isDamaged) => {
    expect(statements.isDamaged(sql, values)).toBe(isDamaged)
  })
})
