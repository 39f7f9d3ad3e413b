// Engine: the few answers in which databases differ. It grows by answers, never by copies of the program.

import type { EngineName, Place } from '../core/place.js'
import { messageOf } from '../core/thrown.js'

export interface Engine {
  readonly name: EngineName
  /** The npm package of the driver. */
  readonly driver: string
  /** Knex client names that this engine serves. */
  readonly knexClients: readonly string[]
  /** The Knex client that mig uses itself. */
  readonly knexClient: string
  /** Whether DDL can be rolled back. */
  readonly transactionalDdl: boolean
  /** A connection that is not yet open. `driver` is the module; `settings` are the driver's own, or parts of a URL. */
  readonly open: (driver: unknown, settings: ConnectionSettings, purpose: Purpose) => Connection
  /** What a URL says, as driver settings. */
  readonly settingsOf: (url: DatabaseUrl) => Readonly<Record<string, unknown>>
  /** Facts of an open connection, in one round trip. */
  readonly greet: (connection: Connection) => Promise<Greeting>
  /** Settings of the session for a run that changes something. `label` says who runs, for others to see. */
  readonly prepareRun: (connection: Connection, label: string) => Promise<void>
  readonly lock: LockAnswers
  readonly tables: TableAnswers
  readonly transaction: TransactionAnswers
  /** What an error of the driver means. Never throws. */
  readonly describe: (error: unknown) => DriverError
  /** How long a statement of a migration may wait for the locks of others. */
  readonly lockWait: LockWaitAnswers
  /** Whether a statement commits the open transaction by itself. */
  readonly commitsImplicitly: (sql: string) => boolean
  /** Whether a statement outside a transaction does all or nothing: only then a failed one has surely left nothing. */
  readonly isAllOrNothing: (sql: string) => boolean
}

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
  /** `?` marks values, whatever the driver's own sign. */
  query(sql: string, values?: readonly unknown[]): Promise<QueryResult>
  /** Stops the running statement, from outside. */
  cancel(): Promise<void>
  /** Why the connection is no more; null while it is. */
  lost(): Error | null
  close(): Promise<void>
}

export interface QueryResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly affected: number
}

export interface Greeting {
  /** Where unqualified tables go; null where there are no schemas. */
  readonly schema: string | null
  /** Why nothing can be written; null when it can. */
  readonly readOnly: string | null
  /** "PostgreSQL 18.4", "MariaDB 10.11.6" */
  readonly version: string
}

/** A lock for one run at a time. It ends with the connection or the process, whatever kills them. */
export interface LockAnswers {
  /** True when the lock is taken. Answers at once: waiting inside a server can deadlock with DDL. */
  readonly tryLock: (connection: Connection, key: string, label: string) => Promise<boolean>
  readonly unlock: (connection: Connection, key: string) => Promise<void>
  /** Who holds it, for a person to read; null when nobody can tell. */
  readonly holder: (connection: Connection, key: string) => Promise<string | null>
}

/** How the tables of mig look in this engine. */
export interface TableAnswers {
  readonly quote: (name: string) => string
  /** Statements that make both tables, if they are missing. */
  readonly create: (names: TableNames) => readonly string[]
  /** The database's clock, now. */
  readonly now: string
  /** A column of times → a text in ISO 8601, UTC. */
  readonly timeAsText: (column: string) => string
}

/** Full and quoted, ready for SQL. */
export interface TableNames {
  readonly state: string
  readonly history: string
}

/** What must happen around a migration's transaction. */
export interface TransactionAnswers {
  /** Outside of the transaction, before it; the result is handed to the others. */
  readonly before: (connection: Connection) => Promise<unknown>
  /** Inside, as the last thing before the history is written: why it must not be committed; null when it may. */
  readonly objection: (connection: Connection, before: unknown) => Promise<string | null>
  /** Outside, after it ended either way. */
  readonly after: (connection: Connection, before: unknown) => Promise<void>
}

export type DriverErrorKind =
  | 'unreachable'
  | 'lost'
  | 'authentication'
  | 'missing-database'
  | 'permission'
  | 'read-only'
  | 'unsupported'
  | 'lock-timeout'
  | 'serialization'
  | 'missing-table'
  | 'missing-column'
  | 'other'

/** A driver's error in our words. */
export interface DriverError {
  readonly kind: DriverErrorKind
  /** The driver's own code: SQLSTATE, errno name, or SQLITE_… */
  readonly code: string | null
  /** The server's words. */
  readonly message: string
  /** What the server adds. */
  readonly detail: string | null
  /** Where in the statement, from 1; null when the driver does not say. */
  readonly position: number | null
}

/** So that a migration that waits does not make all others wait behind it: it gives up, and is tried again. */
export interface LockWaitAnswers {
  /** The statement that sets the limit, 0 for none; null where the session's own setting serves. */
  readonly limit: (ms: number, scope: 'transaction' | 'session') => string | null
  /** Statements that wait long by their nature, and harm nobody by it. */
  readonly isExempt: (sql: string) => boolean
}

/** For engines whose sessions are set once for a whole run. */
export const sessionLockWait: LockWaitAnswers = { limit: () => null, isExempt: () => false }

/** For engines whose transactions need nothing around them. */
export const plainTransaction: TransactionAnswers = {
  before: () => Promise.resolve(null),
  objection: () => Promise.resolve(null),
  after: () => Promise.resolve(),
}

/** The code and message of anything that a driver threw. */
export function errorFacts(error: unknown): { readonly code: string | null; readonly message: string } {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  return {
    code: typeof code === 'string' ? code : null,
    message: typeof message === 'string' && message !== '' ? message : (firstCause(error) ?? messageOf(error)),
  }
}

/** Node reports a refused connection to several addresses as one error without a message. */
function firstCause(error: unknown): string | undefined {
  const causes = (error as { readonly errors?: readonly Error[] } | null | undefined)?.errors
  return causes?.[0]?.message
}

/** Codes by which Node says that nobody answers. */
export const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
  'ECONNABORTED',
])

/** Codes by which Node says that an open connection broke. */
export const brokenCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])
