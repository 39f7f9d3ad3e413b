// What is seen of a migration while it runs.

import type { StatementFailure } from './recorder.js'

/** What was seen of a migration while it ran. */
export interface Trace {
  /** Statements that succeeded and may have changed something. */
  changes: number
  /** Whether the migration's function is at work. */
  calling: boolean
  /** Whether the run was stopped: nothing more of the migration is sent. */
  givenUp: boolean
  /** Whether all that is left to do is to commit. */
  committing: boolean
  /** Statements that were sent while the function was at work. */
  statements: number
  /** Statements that were sent and have not ended. */
  running: number
  /** The first statement that failed, whether or not the migration let it pass. */
  failure: { readonly sql: string; readonly failure: StatementFailure } | null
  /** Whether the history says `running` or `reverting` for good: a part of the step is committed. */
  marked: boolean
}

export function newTrace(): Trace {
  return {
    calling: false,
    givenUp: false,
    committing: false,
    statements: 0,
    changes: 0,
    running: 0,
    failure: null,
    marked: false,
  }
}
