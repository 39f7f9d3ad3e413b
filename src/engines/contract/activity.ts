// What other sessions of the server are seen to do.

import type { Connection } from './connection.js'

/** What other sessions of the server are seen to do. Asked on another connection than the one asked about. */
export interface ActivityAnswers {
  /** Names the session that this connection is now, for `statementOf` and `blockers`; no two sessions have the same. Null where there is nothing to ask. */
  readonly connectionId: (connection: Connection) => Promise<string | null>
  /** What that session executes now, shortened; null when it is gone or between statements. */
  readonly statementOf: (connection: Connection, connectionId: string) => Promise<string | null>
  /** Whom that session waits for. Empty when for nobody, or when it is not known. */
  readonly blockers: (connection: Connection, connectionId: string) => Promise<readonly OtherSession[]>
  /** Who waits for that session. Empty when nobody does, or when it is not known. */
  readonly waiters: (connection: Connection, connectionId: string) => Promise<readonly OtherSession[]>
}

/** A session that holds what another one waits for, or waits for it. */
export interface OtherSession {
  /** For people: "server process 4711 (psql, anna, 10.0.0.7)". */
  readonly session: string
  /** "idle in transaction", "active"; null where it is not known. */
  readonly state: string | null
  /** Its statement, or its last one; null where it is not known. */
  readonly statement: string | null
  /** How long it has been in that state, in seconds. */
  readonly forS: number | null
}
