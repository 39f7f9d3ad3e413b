// The reader of SQLite's statements: a text → its facts. No database is asked; test/differential asks one.

import { describe, expect, test } from '@jest/globals'

import { plainStatement, type StatementFacts } from '../../../src/engines/contract/statements.js'
import { statements } from '../../../src/engines/sqlite/statements.js'

type Facts = Partial<StatementFacts>

const reads: Facts = { reads: true }
const plain: Facts = {}
const unknownCall: Facts = { changesSettings: true }
const ofSession: Facts = { ofSession: true, changesSettings: true }
const temporary: Facts = { temporary: true }
const refused: Facts = { refusesTransaction: true }
const nothing: Facts = { count: 0, reads: true }

function control(kind: NonNullable<StatementFacts['control']>['kind'], savepoint: string | null = null): Facts {
  return { control: { kind, savepoint }, endsTransaction: savepoint === null }
}

/** Several statements: none of them is control, and together they are not all or nothing. */
function several(count: number, facts: Facts = {}): Facts {
  return { count, allOrNothing: false, ...facts }
}

const table: Readonly<Record<string, readonly (readonly [sql: string, facts: Facts])[]>> = {
  'what only answers': [
    ['select 1', reads],
    ['SELECT * FROM users', reads],
    ['  /* ; delete from t */ select 1 -- ; drop table t', reads],
    ["select 'commit; insert into t'", reads],
    ["select 'it''s; done', \"a;b\", `c;d`, [e;f], x'ab'", reads],
    ["select 'c:\\' -- ' ; delete from t", reads],
    ['values (1, 2), (3, 4)', reads],
    ['with x as (select 1) select * from x', reads],
    ['with x(a, b) as (select 1, 2) select a from x', reads],
    ['with recursive x(n) as (values (1) union all select n + 1 from x where n < 3) select n from x', reads],
    ['with x(a) as materialized (select 1), y(b) as not materialized (select 2) values (3)', reads],
    ['with x as (select 1), y as (select 2) select * from x, y', reads],
    ['with replace as (select 1 as a) select a from replace', reads],
    ['select count(*), max(a), lower(b), coalesce(c, 0) from t group by d having sum(a) > 1', reads],
    ['select "lower"(a), [upper](b) from t', reads],
    ['select cast(a as varchar(10)), cast(abs(b) as decimal(10, 2)) from t', reads],
    ['select row_number() over (partition by a order by b) from t window w as (order by a)', reads],
    ['select count(*) filter (where a > 1) from t', reads],
    ['select * from t where a in (1, 2) and exists (select 1 from u) or not (a between (1) and (2))', reads],
    ['select case when (a) then (b) else (c) end from (select 1) join (select 2) using (a)', reads],
    ["select * from json_each('[1]'), pragma_table_info('t')", reads],
    ["select json_extract(a, '$.b'), a ->> '$.c' from t", reads],
    ['select * from pragma_foreign_keys', reads],
    ['select :a, @b, $c, ?1, ?', reads],
    ['select random(), changes(), last_insert_rowid()', reads],
    ['select a as materialized from t', reads],
    ['explain delete from t', reads],
    ['EXPLAIN QUERY PLAN insert into t values (1)', reads],
    ['explain begin', reads],
    ['explain create trigger a after insert on t begin select 1; end', reads],
    ['explain query plan create trigger a after insert on t begin select 1; end', reads],
    ['/*/ commit */ select 1', reads],
    ['select [a; commit', reads],
    ['with x as (select 1) select a from x where a = :delete', reads],
    ['select "regexp" from t', reads],
    ['pragma table_info(t)', reads],
    ["PRAGMA main.table_info = 't'", reads],
    ['pragma foreign_keys', reads],
    ['pragma user_version', reads],
    ['pragma journal_mode', reads],
    ['pragma integrity_check(10)', reads],
    ['pragma foreign_key_check', reads],
  ],
  'what may do more': [
    ['select my_function(1)', unknownCall],
    ['select lower(my_function(1))', unknownCall],
    ['select "my function"(1)', unknownCall],
    ['select "cast"(a), "exists"(a) from t', unknownCall],
    ['select my_function(1) as a', unknownCall],
    ['select my_function(1) as materialized from t', unknownCall],
    ['values (my_function(1))', unknownCall],
    ['with x(a) as (select my_function(1)) select * from x', unknownCall],
    ["select load_extension('evil')", unknownCall],
    ["select * from t where a regexp 'b'", unknownCall],
    ['select * from my_table_function(1)', unknownCall],
    ['select optimize(f) from f', unknownCall],
    ['select * from pragma_optimize', unknownCall],
    ['select * from "pragma_optimize"(1)', unknownCall],
    ['select * from pragma_of_another_build', unknownCall],
    ['select unclosed(1', unknownCall],
  ],
  'what changes something': [
    ['insert into t values (1)', plain],
    ['insert or rollback into t values (1)', plain],
    ['insert or fail into t values (1), (2)', { allOrNothing: false }],
    ['with x as (select 1) insert or fail into t select * from x', { allOrNothing: false }],
    ['update or fail t set a = 1', { allOrNothing: false }],
    ['insert into t values (1) returning a', plain],
    ['insert into t select * from u where true on conflict do nothing', plain],
    ['replace into t values (1)', plain],
    ['with x(a) as (select 1) insert into t select a from x', plain],
    ['with x as (select 1), y as (select 2) delete from t where a in (select * from x)', plain],
    ['with replace as (select 1) replace into t select * from replace', plain],
    ['with insertions as (select 1) update t set a = (select * from insertions)', plain],
    ['update t set a = 1', plain],
    ['delete from t', plain],
    ['create table t (a, "begin", b)', plain],
    ['create table vacuum (a)', plain],
    ['create table copied as select * from t', plain],
    ['create unique index if not exists i on t (a)', plain],
    ['create virtual table f using fts5(a)', plain],
    ['alter table t rename to u', plain],
    ['drop table if exists t', plain],
    ['analyze', plain],
    ['reindex t', plain],
    ['pragma user_version = 5', plain],
    ['pragma main.application_id(7)', plain],
    ['pragma "schema_version" = 9', plain],
    ['pragma auto_vacuum = full', plain],
    ['pragma optimize', { allOrNothing: false }],
    ['pragma incremental_vacuum(5)', { allOrNothing: false }],
    ['pragma wal_checkpoint(truncate)', { allOrNothing: false, refusesTransaction: true }],
    ['no statement at all', plain],
    ["create 'x", plain],
    ['"select" 1', plain],
    ['create constructor', plain],
    ['__proto__', plain],
  ],
  'what goes with the connection': [
    ['create temp table t (a)', temporary],
    ['CREATE /* why */ TEMPORARY VIEW v as select 1', temporary],
    ['create table temp.t (a)', temporary],
    ['create table if not exists "TEMP".t (a)', temporary],
    ['create unique index temp.i on t (a)', temporary],
    ['create virtual table temp.f using fts5(a)', temporary],
    ['create view temp.v as select 1', temporary],
    ['create trigger temp.a after insert on t begin select 1; end', temporary],
    ['create temporary trigger a after insert on t begin delete from t; end', temporary],
    ['create temp trigger a after insert on t begin delete from t; end', temporary],
    ['create table temp (a)', plain],
    ['create table view (a)', plain],
    ['create table main.temp (a)', plain],
  ],
  'what sets up the connection': [
    ['pragma foreign_keys = off', ofSession],
    ['PRAGMA main.recursive_triggers(1)', ofSession],
    ['pragma [foreign_keys]=0', ofSession],
    ['-- why\npragma cache_size = -2000', ofSession],
    ['pragma synchronous = off', { ...ofSession, ...refused }],
    ['explain pragma foreign_keys = off', ofSession],
    ['explain query plan pragma foreign_keys = off', ofSession],
    ["attach ':memory:' as other", ofSession],
    ["attach database 'file.db' as other", ofSession],
    ['detach other', { ...ofSession, ...refused }],
    ['pragma journal_mode = memory', { ...refused, changesSettings: true }],
    ['pragma temp_store = memory', { ...refused, changesSettings: true }],
    ['pragma temp_store', reads],
    ["pragma 'foreign_keys' = off", { changesSettings: true, allOrNothing: false }],
    ["pragma rekey = 'x'", { changesSettings: true, allOrNothing: false }],
  ],
  'what a transaction refuses': [
    ['vacuum', refused],
    ['/* why */ VACUUM main', refused],
    ["vacuum into 'copy.db'", { ...refused, allOrNothing: false }],
    ['PRAGMA "main".journal_mode(wal)', { ...refused, changesSettings: true }],
  ],
  control: [
    ['begin', control('begin')],
    ['BEGIN;', control('begin')],
    ['begin immediate transaction', control('begin')],
    ['begin exclusive', control('begin')],
    ['/* a */ begin -- b', control('begin')],
    ['commit', control('commit')],
    ['commit transaction', control('commit')],
    ['end', control('commit')],
    ['END TRANSACTION', control('commit')],
    ['rollback', control('rollback')],
    ['rollback transaction', control('rollback')],
    ['savepoint Here', control('savepoint', 'here')],
    ['savepoint "My Place"', control('savepoint', 'my place')],
    ['release here', control('release', 'here')],
    ['savepoint savepoint', control('savepoint', 'savepoint')],
    ['release savepoint', control('release', 'savepoint')],
    ['RELEASE SAVEPOINT [There]', control('release', 'there')],
    ['rollback to here', control('rollback to', 'here')],
    ['rollback transaction to savepoint Here', control('rollback to', 'here')],
    ["savepoint 'here'", { control: { kind: 'savepoint', savepoint: null } }],
  ],
  'bodies of triggers': [
    ['create trigger a after insert on t begin delete from u; insert into u values (1); end', plain],
    ['create trigger a after insert on t begin select 1; end;', plain],
    ['create trigger if not exists main.a after insert on t begin select case when 1 then 2 end; end', plain],
    ["create trigger a after insert on t begin insert into u values ('; end'); end", plain],
    ['create trigger begin after update of a on t begin select 1; /* ; end */ END', plain],
    ['create trigger a after insert on t begin select 1; end; commit', several(2, { endsTransaction: true })],
    ['drop trigger if exists a; create trigger a after insert on t begin select 1; end', several(2)],
    [
      'create temp trigger a after insert on t begin select 1; end; select 1; vacuum',
      several(3, { temporary: true, refusesTransaction: true }),
    ],
    ['create trigger a after insert on t begin select 1; commit', plain],
  ],
  'several statements': [
    ['select 1; select 2;', several(2, { reads: true })],
    ['select 1; insert into t values (1)', several(2)],
    ['select 1; select my_function()', several(2, { changesSettings: true })],
    ['begin; insert into w values (1); commit', several(3, { endsTransaction: true })],
    ['insert into w values (1); commit; insert into w values (2)', several(3, { endsTransaction: true })],
    ['savepoint a; release a', several(2)],
    ['pragma foreign_keys = on; pragma recursive_triggers = on', several(2, ofSession)],
    ['pragma foreign_keys = on; select 1', several(2, { changesSettings: true })],
    ['pragma cache_size = 1; vacuum', several(2, { refusesTransaction: true, changesSettings: true })],
    ["insert into t values ('; commit'); -- commit;\n/* commit; */", plain],
    [';;; select 1 ;;;', reads],
    [' ; -- nothing\n ; /* nothing */', nothing],
    ['', nothing],
    ["select 1; 'never closed; commit", several(2)],
    ['insert into t values (1); /* never closed; commit', plain],
  ],
}

describe.each(Object.entries(table))('%s', (_title, rows) => {
  test.each(rows)('%s', (sql, facts) => {
    expect(statements.read(sql)).toStrictEqual({ ...plainStatement, ...facts })
  })
})
