// What a migration may lose without saying so: things that hang on a table and go with it when it is rebuilt.

import type { Connection } from './connection.js'

export interface LossAnswers {
  /** Whether a statement may take something along; cheap, and errs towards yes. */
  readonly mayLose: (sql: string) => boolean
  /** Before the first such statement; the result is handed to `since`. */
  readonly look: (connection: Connection) => Promise<unknown>
  /** What was there then and is gone, though what it hung on is there. */
  readonly since: (connection: Connection, before: unknown) => Promise<readonly Loss[]>
}

export interface Loss {
  /** In words: "the trigger users_ai of users". */
  readonly what: string
  /** The statement that makes it. */
  readonly sql: string
}

/** For engines that change tables where they stand. */
export const noLosses: LossAnswers = {
  mayLose: () => false,
  look: () => Promise.resolve(null),
  since: () => Promise.resolve([]),
}
