// A database of SQLite on which one statement is run, and all that can be seen of it: settings, data, transaction.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'

export type Database = Sqlite.Database

const base = `
  create table t (a integer primary key, b text unique, c integer default 0 check (c >= 0));
  insert into t values (1, 'one', 1), (2, 'two', 2), (3, 'three', 3);
  create table u (a unique, b integer references t (a) on delete cascade);
  insert into u values (1, 1), (2, 2);
  create table log (line text);
  create index t_c on t (c);
  create view v as select a, b from t;
  create trigger u_insert after insert on u begin insert into log values ('u'); end;
  create virtual table f using fts5 (body);
  insert into f values ('some words');`

let folder: string | undefined
let made = 0

/** A fresh one, in a file. */
export function createDatabase(setup: readonly string[] = []): Database {
  folder ??= mkdtempSync(join(tmpdir(), 'mig-differential-'))
  const database = new Sqlite(join(folder, `${++made}.db`), { timeout: 0 })
  database.pragma('synchronous = off')
  database.exec(base)
  database.function('my_function', (value: unknown) => value)
  database.function('regexp', (pattern, value) => (String(value).includes(String(pattern)) ? 1 : 0))
  for (const sql of setup) database.exec(sql.replaceAll('{folder}', folder))
  return database
}

/** Runs a text, of one or several statements. */
export function run(database: Database, sql: string): void {
  const text = sql.replaceAll('{folder}', folder ?? '').replaceAll('{new}', String(++made))
  const statement = prepared(database, text)
  if (statement === null) database.exec(text)
  else if (statement.reader) statement.all()
  else statement.run()
}

/** What the driver says of a text: null for several statements. */
export function prepared(database: Database, sql: string): Sqlite.Statement | null {
  try {
    return database.prepare(sql.replaceAll('{folder}', folder ?? '').replaceAll('{new}', String(made)))
  } catch (error) {
    if (/more than one statement|contains no statements/.test(String(error))) return null
    throw error
  }
}

export function errorOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return String(error)
  }
}

/** What belongs to the connection: every pragma that can be asked without doing something, and what is attached. */
export function settings(database: Database): string {
  const names = (database.pragma('pragma_list') as readonly { readonly name: string }[]).map(({ name }) => name)
  const read = names.filter((name) => !ofData.test(name)).map((name) => [name, database.pragma(name)])
  return JSON.stringify([read, schemas(database), like(database)])
}

const ofData =
  /^(data_version|schema_version|user_version|application_id|auto_vacuum|page_count|freelist_count|incremental_vacuum|optimize|wal_checkpoint|shrink_memory|integrity_check|quick_check|foreign_key_check|case_sensitive_like|.*_list|.*_info|.*_xinfo)$/

/** A setting that no pragma tells. */
function like(database: Database): unknown {
  return database.prepare(`select 'A' like 'a'`).pluck().get()
}

/** What belongs to the database, and to the connection's own: their schemas, rows and numbers. */
export function data(database: Database): string {
  return JSON.stringify(['main', 'temp'].map((schema) => contents(database, schema)))
}

/** The schema temp is there from its first use on. */
function schemas(database: Database): readonly string[] {
  const list = database.pragma('database_list') as readonly { readonly name: string }[]
  return list.map(({ name }) => name).filter((name) => name !== 'temp')
}

/** Without names of columns, and in an order of its own: both are settings. */
function contents(database: Database, schema: string): unknown {
  const rows = (sql: string) =>
    (database.prepare(sql).raw().all() as readonly (readonly unknown[])[]).map(String).sort()
  const tables = database
    .prepare(
      `select name from "${schema}".sqlite_master where type = 'table' and lower(sql) not glob 'create virtual*' order by name`,
    )
    .pluck()
    .all() as readonly string[]
  return [
    rows(`select type, name, tbl_name, sql from "${schema}".sqlite_master`),
    tables.map((name) => rows(`select * from "${schema}"."${name}"`)),
    numbers.map((name) => database.pragma(`"${schema}".${name}`, { simple: true })),
  ]
}

const numbers = ['user_version', 'application_id', 'schema_version', 'auto_vacuum', 'freelist_count']

/** How many objects go with the connection. */
export function temporaries(database: Database): number {
  return Number(database.prepare('select count(*) from temp.sqlite_master').pluck().get())
}

export function removeDatabases(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}
