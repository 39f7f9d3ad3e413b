// Statements of SQLite that fail after they have begun to change something.

interface Failure {
  readonly sql: string
  readonly setup?: readonly string[]
  /** Why the reader errs all the same. */
  readonly errs?: string
}

const notInText = 'it is not in the text; mig sends what can be in a transaction in one, and rolls it back'

export const failures: readonly Failure[] = [
  { sql: `insert into t values (7, 'x', 0), (8, 'y', 0), (1, 'z', 0)` },
  { sql: `insert or abort into t values (7, 'x', 0), (1, 'z', 0)` },
  { sql: `insert or rollback into t values (7, 'x', 0), (1, 'z', 0)` },
  { sql: `insert or fail into t values (7, 'x', 0), (1, 'z', 0)` },
  { sql: `INSERT /* or */ OR -- fail\n FAIL into t values (7, 'x', 0), (1, 'z', 0)` },
  { sql: `with x(a) as (values (7), (1)) insert or fail into t (a) select a from x` },
  { sql: 'update t set c = c - 2' },
  { sql: 'update or fail t set c = 2 - c' },
  { sql: 'update or rollback t set c = 2 - c' },
  { sql: `insert into t select a + 5, b, c from t` },
  { sql: 'create table x as select abs(-9223372036854775808 + a - a) from t' },
  { sql: 'create unique index x on t (c)', setup: ['update t set c = 5'] },
  { sql: 'alter table t add column x not null' },
  { sql: 'alter table t drop column b' },
  {
    sql: 'delete from t',
    setup: [`create trigger x after delete on t when old.a = 2 begin select raise(abort, 'no'); end`],
  },
  { sql: `vacuum into '/nowhere/at/all.db'`, errs: 'what was written of the other file may stay' },
  { sql: 'insert into t (a) values (7); insert into t (a) values (1)' },
  { sql: 'create table x (a); insert into nowhere values (1)' },
  { sql: `insert into x values (1), (2), (1)`, setup: ['create table x (a unique on conflict fail)'], errs: notInText },
  {
    sql: 'delete from t',
    setup: [`create trigger x after delete on t when old.a = 2 begin select raise(fail, 'no'); end`],
    errs: notInText,
  },
]
