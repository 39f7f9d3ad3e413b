// What a statement does to a database of SQLite: it is run outside of a transaction, inside of one, and where nothing
// may be written.

import { createDatabase, data, type Database, errorOf, prepared, run, settings, temporaries } from './database.js'
import type { Row } from './rows.js'

/** What was seen of a statement. */
export interface Observation {
  /** Why it failed; null when it did not. */
  readonly error: string | null
  readonly isOne: boolean
  /** Nothing was changed at all, and nothing may be changed either. */
  readonly reads: boolean
  /** The data, and where the transaction stands, are as they were. */
  readonly leavesDataAlone: boolean
  readonly changesSettings: boolean
  readonly makesTemporaries: boolean
  /** Inside a transaction: what SQLite says against it. */
  readonly refusal: string | null
  /** Inside a transaction: whether that one is still open. */
  readonly keepsTransaction: boolean
  /** Whether a transaction was open before and after. */
  readonly open: readonly [before: boolean, after: boolean]
}

export function observe(row: Row, sql: string): Observation {
  return { ...outside(row, sql), ...inside(row, sql) }
}

function outside(row: Row, sql: string) {
  return using(row, (database) => {
    for (const statement of row.within ?? []) database.exec(statement)
    const before = look(database)
    const error = errorOf(() => run(database, sql))
    const after = look(database)
    const leavesDataAlone = before.data === after.data && before.open === after.open
    const changesSettings = before.settings !== after.settings
    return {
      error,
      isOne: isOne(row, sql),
      reads: leavesDataAlone && !changesSettings && mayRunReadOnly(row, sql),
      leavesDataAlone,
      changesSettings,
      makesTemporaries: after.temporaries > before.temporaries,
      open: [before.open, after.open] as const,
    }
  })
}

function isOne(row: Row, sql: string): boolean {
  return using(row, (database) => {
    for (const statement of row.within ?? []) database.exec(statement)
    return prepared(database, sql) !== null
  })
}

function look(database: Database) {
  return {
    settings: settings(database),
    data: data(database),
    temporaries: temporaries(database),
    open: database.inTransaction,
  }
}

function mayRunReadOnly(row: Row, sql: string): boolean {
  return using(row, (database) => {
    for (const statement of row.within ?? []) database.exec(statement)
    database.pragma('query_only = on')
    return errorOf(() => run(database, sql)) === null
  })
}

/** A savepoint of ours proves that it is the same transaction: it can be released only there. */
function inside(row: Row, sql: string) {
  return using(row, (database) => {
    database.exec(`begin; insert into log values ('before'); savepoint ours`)
    for (const statement of row.within ?? []) if (statement !== 'begin') database.exec(statement)
    const refusal = errorOf(() => run(database, sql))
    const keepsTransaction = errorOf(() => database.exec('release ours')) === null
    return { refusal, keepsTransaction }
  })
}

function using<T>({ setup }: Row, work: (database: Database) => T): T {
  const database = createDatabase(setup)
  try {
    return work(database)
  } finally {
    database.close()
  }
}
