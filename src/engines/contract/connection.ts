// One connection of a driver, and what it is opened with.

import type { Place } from '../../core/place.js'

/** `look` must create nothing, not even a file. */
export type Purpose = 'look' | 'run'

export interface ConnectionSettings {
  /** Of the driver: host, user, password, filename, … */
  readonly driver: Readonly<Record<string, unknown>>
  /** Run on the fresh connection, as Knex's `pool.afterCreate` and `searchPath` ask. */
  readonly afterConnect: readonly ((raw: unknown) => Promise<void>)[]
  readonly searchPath: readonly string[]
  /** Relative file names start here. */
  readonly root: string
}

/** The parts of a database URL, decoded. */
export interface DatabaseUrl {
  readonly user: string | null
  readonly password: string | null
  readonly host: string | null
  readonly port: number | null
  /** The path after the host; for SQLite the file. */
  readonly database: string
  readonly parameters: Readonly<Record<string, string>>
}

/** One connection of the driver, pinned: it never reconnects, so what it holds (a lock, a transaction) it holds for good. */
export interface Connection {
  readonly place: Omit<Place, 'environment'>
  connect(): Promise<void>
  /** The driver's own connection, for Knex. Only after `connect`. */
  readonly raw: unknown
  /** `?` marks values, whatever the driver's own sign. Of several statements, where the engine takes them, the last is answered. */
  query(sql: string, values?: readonly unknown[]): Promise<QueryResult>
  /** Stops the running statement, from outside. */
  cancel(): Promise<void>
  /**
   * Where the session's transaction stands, in the server's own word of its last answer. Asks the server only where that
   * answer did not say: MySQL's errors do not. Throws what the driver throws when the line is gone.
   */
  transactionStatus(): Promise<TransactionStatus>
  /** Why the connection is no more; null while it is. */
  lost(): Error | null
  close(): Promise<void>
  /** Ends it at once and without a word, also one that is still being opened. */
  abandon(): void
}

/**
 * `none`: each statement commits by itself. `implicit`: the next one begins a transaction (autocommit is off). `open`: in
 * a transaction. `failed`: in one that can only be rolled back.
 */
export type TransactionStatus = 'none' | 'implicit' | 'open' | 'failed'

export interface QueryResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly affected: number
}

/** A piece of SQL, with the values of its question marks. */
export interface Fragment {
  readonly sql: string
  readonly values: readonly unknown[]
}
