// A lock for one run at a time, held by a session of the server.

import type { Connection, Fragment } from './connection.js'

/** A lock for one run at a time. It ends with the connection or the process, whatever kills them. */
export interface LockAnswers {
  /** True when the lock is taken. Answers at once: waiting inside a server can deadlock with DDL. */
  readonly tryLock: (connection: Connection, key: string, label: string) => Promise<boolean>
  readonly unlock: (connection: Connection, key: string) => Promise<void>
  /** Who holds it; null when nobody does, or when it is not known. */
  readonly holder: (connection: Connection, key: string) => Promise<LockHolder | null>
  /** Whether this very session (still) holds it: a migration may have freed all locks. A server is asked, by a condition. */
  readonly isMine: (connection: Connection, key: string) => boolean | Fragment
  /** Whether a session of the server holds it, `holder` as `ActivityAnswers.connectionId` gives it; null where none is asked. */
  readonly isHeldBy: (holder: string, key: string) => Fragment | null
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
