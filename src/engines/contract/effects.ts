// What the catalog can show of a statement that may or may not have run.

import type { Connection } from './connection.js'

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
