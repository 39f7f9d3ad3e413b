// What is seen of a migration while it runs.

import type { Entry } from '../history/journal.js'
import type { StatementFailure } from './passing.js'
import type { Work } from './prepared-step.js'

export interface Trace {
  /** The step at hand; of a group that runs in one transaction, the one that is at work or failed. */
  work: Work
  /** Told when the next work of the same transaction begins. */
  onTurn: (work: Work) => void
  /** What each work of the transaction took so far, in milliseconds, in their order. */
  readonly durations: number[]
  /** When the migration without a transaction was begun, on the monotonic clock. */
  startedMs: number
  /** Whether the migration runs in a transaction of mig. */
  readonly isInside: boolean
  /** What begins the transaction, while it is not sent: the fence brings it along. */
  opening: string | null
  /** The limit that is set for waiting for locks; null: that of the session. */
  lockWaitMs: number | null
  /** Whether the migration's function is at work. */
  calling: boolean
  /** Once the run was stopped, what stopped it: nothing more of the migration is sent. */
  givenUp: AbortSignal | null
  /** Whether all that is left to do is to commit. */
  committing: boolean
  /** Whether the migration ended the transaction that it ran in. */
  endedItself: boolean
  /** Whether the history says `running` or `reverting` for good: a part of the step is committed. */
  marked: boolean
  /** How many transactions and savepoints are open that the migration began itself. */
  ownLevels: number
  /** Whether what it made can be used only after a commit. */
  endsGroup: boolean
  /** Whether it may have changed settings of the session. */
  touchesSession: boolean
  /** Statements that were sent, or left out because an earlier run did them, while the function was at work. */
  statements: number
  /** Statements that were sent and have not ended. */
  running: number
  /** Statements that succeeded and may have changed something. */
  changes: number
  /** The first statement that failed, whether or not the migration let it pass. */
  failure: { readonly sql: string; readonly failure: StatementFailure } | null
  /** The statement that is being executed. */
  current: { readonly sql: string; readonly sinceMs: number } | null
  /** Whom it was last seen to wait for, in words. */
  blockers: readonly string[]
  /** The named step at work. */
  step: string | null
  /** Names that were used. */
  readonly namedSteps: Set<string>
  /** Named step (empty: none) → how many statements of it there were. */
  readonly ordinals: Map<string, number>
  /** What is to be journalled with the next commit. */
  entries: Entry[]
}

export function newTrace(work: Work, isInside: boolean): Trace {
  return {
    work,
    onTurn: () => undefined,
    durations: [],
    startedMs: performance.now(),
    isInside,
    opening: null,
    lockWaitMs: null,
    calling: false,
    givenUp: null,
    committing: false,
    endedItself: false,
    marked: false,
    ownLevels: 0,
    endsGroup: false,
    touchesSession: false,
    statements: 0,
    running: 0,
    changes: 0,
    failure: null,
    current: null,
    blockers: [],
    step: null,
    namedSteps: new Set(),
    ordinals: new Map(),
    entries: [],
  }
}

/** The next work of the same transaction: what was seen of the one before belongs to it. */
export function turnTo(trace: Trace, work: Work): void {
  trace.work = work
  trace.statements = 0
  trace.step = null
  trace.namedSteps.clear()
  trace.onTurn(work)
  trace.ordinals.clear()
}
