// Settings of a session that a migration may leave changed.

import type { Connection } from './connection.js'

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
