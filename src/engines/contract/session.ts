// What a fresh session tells of its database.

export interface Greeting {
  /** Where unqualified tables go; null when none is selected. */
  readonly schema: string | null
  /** Why no query is answered, in words that follow "because"; null when they are. */
  readonly silence: string | null
  /** Why nothing can be written; null when it can. */
  readonly readOnly: string | null
  /** "PostgreSQL 18.4", "MariaDB 10.11.6" */
  readonly version: string
  /** Why a lock of the session would not hold here, in words that follow "because": a pooler, a cluster; null when it holds. */
  readonly weakLock: string | null
  /** Whether several servers, each with a clock of its own, answer for the database: a cluster. */
  readonly hasSeveralClocks: boolean
  /** Whether each statement reaches the same session of the server. Not so behind a pooler: settings would leak to others. */
  readonly keepsSession: boolean
}
