// Engine: the few answers in which databases differ. It grows by answers, never by copies of the program.

import type { EngineName, Place } from '../../core/place.js'
import { messageOf } from '../../core/thrown.js'

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
  /** Whether several writes can be one statement: `with a as (insert …) insert …`. */
  readonly chainsWrites: boolean
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
  /** Whether the server refuses a statement inside a transaction. */
  readonly refusesTransaction: (sql: string) => boolean
  /** Whether what a statement makes can be used only after a commit: it ends a group of migrations in one transaction. */
  readonly endsGroup: (sql: string) => boolean
  readonly sessionState: SessionStateAnswers
  readonly activity: ActivityAnswers
  readonly effects: EffectAnswers
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
  /** `?` marks values, whatever the driver's own sign. Of several statements, where the engine takes them, the last is answered. */
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
  /** Why a lock of the session would not hold here, in words that follow "because": a pooler, a cluster; null when it holds. */
  readonly weakLock: string | null
  /** Whether each statement reaches the same session of the server. Not so behind a pooler: settings would leak to others. */
  readonly keepsSession: boolean
}

/** A lock for one run at a time. It ends with the connection or the process, whatever kills them. */
export interface LockAnswers {
  /** True when the lock is taken. Answers at once: waiting inside a server can deadlock with DDL. */
  readonly tryLock: (connection: Connection, key: string, label: string) => Promise<boolean>
  readonly unlock: (connection: Connection, key: string) => Promise<void>
  /** Who holds it; null when nobody does, or when it cannot be told. */
  readonly holder: (connection: Connection, key: string) => Promise<LockHolder | null>
  /** Whether this very session (still) holds it: a migration may have freed all locks. A server is asked, by a condition. */
  readonly isMine: (connection: Connection, key: string) => boolean | Fragment
}

/** A piece of SQL, with the values of its question marks. */
export interface Fragment {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** What a server tells of the session that holds the lock. Nulls are what it does not tell. */
export interface LockHolder {
  /** As `ActivityAnswers.connectionId` gives it. */
  readonly connection: string | null
  /** What a run said of itself: "mig upgrade anna@ci-7 pid 71". */
  readonly label: string | null
  /** For people: "server process 4711 from 10.0.0.7", "connection 12 of mig@10.0.0.7". */
  readonly session: string | null
  /** Seconds, by the server's clock. */
  readonly connectedForS: number | null
  /** What it executes at this moment; null when it is between statements. */
  readonly statement: string | null
  readonly statementForS: number | null
}

/** Settings of a session that outlive a transaction, and that a migration may leave changed for the next one. */
export interface SessionStateAnswers {
  /** Whether a statement may change one of them; cheap, and errs towards yes. */
  readonly mayChange: (sql: string) => boolean
  /** Name → value, for people and for `restore`. Outside of a transaction, one round trip. */
  readonly read: (connection: Connection) => Promise<SessionState>
  /** Sets back what differs. Outside of a transaction. */
  readonly restore: (connection: Connection, wanted: SessionState, found: SessionState) => Promise<void>
}

export type SessionState = Readonly<Record<string, string>>

/** What other sessions of the server are seen to do. Asked on another connection than the one asked about. */
export interface ActivityAnswers {
  /** Names the session that this connection is now, for `statementOf` and `blockers`; no two sessions have the same. Null where there is nothing to ask. */
  readonly connectionId: (connection: Connection) => Promise<string | null>
  /** What that session executes now, shortened; null when it is gone or between statements. */
  readonly statementOf: (connection: Connection, connectionId: string) => Promise<string | null>
  /** Whom that session waits for. Empty when for nobody, or when it cannot be told. */
  readonly blockers: (connection: Connection, connectionId: string) => Promise<readonly Blocker[]>
}

/** A session that holds what another one waits for. */
export interface Blocker {
  /** For people: "server process 4711 (psql, anna, 10.0.0.7)". */
  readonly session: string
  /** "idle in transaction", "active"; null where it is not told. */
  readonly state: string | null
  /** Its statement, or its last one; null where it is not told. */
  readonly statement: string | null
  /** How long it has been in that state, in seconds. */
  readonly forS: number | null
}

/** What the catalog can show of a statement that may or may not have run. */
export interface EffectAnswers {
  /** Null where the catalog shows nothing by which one could tell. */
  readonly of: (sql: string) => Effect | null
  /** Whether running a statement once more does no harm, whether or not it ran. */
  readonly isRepeatable: (sql: string) => boolean
  /** A statement that removes what an interrupted one left, before it is run again; null when there is none. */
  readonly cleanup: (sql: string) => string | null
}

/** What a statement brings about. */
export interface Effect {
  /** For people: "table users", "column email of users", "index users_email on users". */
  readonly what: string
  /** What is there after it: `present` for create and add, `absent` for drop. */
  readonly after: 'present' | 'absent'
  /** How it is now. `invalid`: an index that is there and not usable. */
  readonly look: (connection: Connection) => Promise<'present' | 'absent' | 'invalid'>
}

/** How the tables of mig look in this engine. */
export interface TableAnswers {
  readonly quote: (name: string) => string
  /** Statements that make all tables that are missing, to be run in one transaction; several runs may do so at once. */
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
  readonly journal: string
}

/** What must happen around a migration's transaction. */
export interface TransactionAnswers {
  /** Whether `begin` and a statement without values can be one message. */
  readonly joinsBegin: boolean
  /** Whether the transaction is known to be over, without asking the server: a statement may have rolled it back. */
  readonly isOver: (connection: Connection) => boolean
  /** Outside of the transaction, before it; the result is handed to the others. */
  readonly before: (connection: Connection) => Promise<unknown>
  /** Names the open transaction, as SQL: when it changes, the migration ended the transaction itself. Null where it cannot be told. */
  readonly identity: string | null
  /** Whether the driver's answer to `commit` says that it was one: a failed transaction is "committed" by a rollback. */
  readonly isCommitted: (response: unknown) => boolean
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
  | 'table-exists'
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
  /** The same for a transaction as an expression, which the first statement of mig in it can bring along; null where there is none. */
  readonly expression: ((ms: number) => string) | null
  /** Statements that wait long by their nature, and harm nobody by it. */
  readonly isExempt: (sql: string) => boolean
}

/** For engines whose sessions are set once for a whole run. */
export const sessionLockWait: LockWaitAnswers = { limit: () => null, expression: null, isExempt: () => false }

/** For engines whose transactions need nothing around them. */
export const plainTransaction: TransactionAnswers = {
  joinsBegin: false,
  identity: null,
  isCommitted: () => true,
  isOver: () => false,
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
