// What happens around a migration's transaction.

import type { Connection } from './connection.js'

/** What must happen around a migration's transaction. */
export interface TransactionAnswers {
  /** Whether `begin` and a statement without values can be one message. */
  readonly joinsBegin: boolean
  /** Whether the transaction is known to be over, without asking the server: a statement may have rolled it back. */
  readonly isOver: (connection: Connection) => boolean
  /**
   * Outside of the transaction, before it; the result is handed to the others. `last`: what it answered for the transaction
   * before, which was committed, while `after` was not called since; else null.
   */
  readonly before: (connection: Connection, last: unknown) => Promise<unknown>
  /** Names the open transaction, as SQL: when it changes, the migration ended the transaction itself. Null where it is not known. */
  readonly identity: string | null
  /** Whether the driver's answer to `commit` says that it was one: a failed transaction is "committed" by a rollback. */
  readonly isCommitted: (response: unknown) => boolean
  /** Inside, as the last thing before the history is written: why it must not be committed; null when it may. */
  readonly objection: (connection: Connection, before: unknown) => Promise<string | null>
  /** Right after a rollback: what it could not take back, in words that follow “because”; null when it took back all. */
  readonly leftBehind: (connection: Connection) => Promise<string | null>
  /** Right after the refusal of a statement that need not be all or nothing: whether something of it may be there. */
  readonly refusalLeaves: (connection: Connection, refused: Refused) => Promise<boolean>
  /** Outside, after the last of several, or one that failed. */
  readonly after: (connection: Connection, before: unknown) => Promise<void>
}

export interface Refused {
  readonly sql: string
  /** Whether a transaction is open around it. */
  readonly isInside: boolean
}

/** For engines whose transactions need nothing around them. */
export const plainTransaction: TransactionAnswers = {
  joinsBegin: false,
  identity: null,
  isCommitted: () => true,
  isOver: () => false,
  before: () => Promise.resolve(null),
  objection: () => Promise.resolve(null),
  leftBehind: () => Promise.resolve(null),
  refusalLeaves: (_connection, { isInside }) => Promise.resolve(!isInside),
  after: () => Promise.resolve(),
}
