// What is seen of a migration while it runs.

import type { Entered } from '../history/fence.js'
import type { Entry, EntryOf } from '../history/journal.js'
import type { StatementFailure } from './passing.js'
import type { Work } from './prepared-step.js'

/** What became of a transaction. */
export type Fate = 'committed' | 'rolled back'

/** A transaction or savepoint of the migration that is open. */
export interface Level {
  /** Of a savepoint; null for a transaction. */
  readonly name: string | null
  /** What it is for the server: where DDL has ended mig's transaction, a savepoint becomes a transaction. */
  readonly as: 'transaction' | 'savepoint'
  /** How many entries there were before it. */
  readonly before: number
}

export interface Trace {
  /** The step at hand; of a group that runs in one transaction, the one that is at work or failed. */
  work: Work
  /** Told when the next work of the same transaction begins. */
  onTurn: (work: Work) => void
  /** Which try it is, from 1. */
  readonly attempt: number
  /** Why it is not tried again, where another try might have helped, as a sentence; null for any other reason. */
  notAgain: string | null
  /** What each work of the transaction took so far, in milliseconds, in their order. */
  readonly durations: number[]
  /** When the migration without a transaction was begun, on the monotonic clock. */
  startedMs: number
  /** Whether the migration runs in a transaction of mig. */
  readonly isInside: boolean
  /** The transaction of mig, once it is begun. */
  entered: Entered | null
  /** Whether the row of the work was counted when it was begun. */
  isCounted: boolean
  /** Once set, nothing more of the migration is sent: what it is refused with. */
  stopped: { readonly error: unknown } | null
  /** The limit that is set for waiting for locks; null: that of the session. */
  lockWaitMs: number | null
  /** Whether the migration's function is at work. */
  calling: boolean
  /** Once the run was stopped, what stopped it: nothing more of the migration is sent. */
  givenUp: AbortSignal | null
  /** Whether all that is left to do is to commit. */
  committing: boolean
  /** What became of the transaction of mig when it was over before its time; null while it was not. */
  ended: Fate | null
  /** Why a rollback did not take everything back; null when it did. */
  leftBehind: string | null
  /** Whether the history says `running` or `reverting` for good: a part of the step is committed. */
  marked: boolean
  /** Transactions and savepoints of the migration that are open, the outermost first. */
  levels: Level[]
  /** Entries that were written in the migration's own transaction, and go with it when it is rolled back. */
  own: EntryOf[]
  /** Whether a part of it may have been rolled back. */
  isOwnInDoubt: boolean
  /** Whether the session holds locks of tables that the migration took. */
  holdsTables: boolean
  /** What `engine.losses` saw before the first statement that may take something along; null before that. */
  thingsBefore: { readonly seen: unknown } | null
  /** Whether a statement failed that may have left something. */
  isUnclean: boolean
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
  /** How many of these belong to the works before it in the same transaction. */
  changesBefore: number
  /** What the migration's function threw. */
  thrown: { readonly error: unknown } | null
  /** The last statement that failed, whether or not the migration let it pass. */
  failure: { readonly sql: string; readonly failure: StatementFailure } | null
  /** Which limit of time of the server ended it, and who set that, as a sentence; null when none did. */
  limit: string | null
  /** The statement that is being executed. */
  current: { readonly sql: string; readonly sinceMs: number } | null
  /** Whom it was last seen to wait for, in words. */
  blockers: readonly string[]
  /** Who was last seen to wait for it while it was between statements, in words. */
  waiters: readonly string[]
  /** The named step at work. */
  step: string | null
  /** Names that were used. */
  readonly namedSteps: Set<string>
  /** Named step (empty: none) → how many statements of it there were. */
  readonly ordinals: Map<string, number>
  /** Whether the journal has the entry that opens those of the step. */
  isStartWritten: boolean
  /** What is to be journalled with the next commit. */
  entries: Entry[]
}

export function newTrace(work: Work, isInside: boolean, attempt: number): Trace {
  return {
    work,
    onTurn: () => undefined,
    attempt,
    notAgain: null,
    durations: [],
    startedMs: performance.now(),
    isInside,
    entered: null,
    isCounted: false,
    stopped: null,
    lockWaitMs: null,
    calling: false,
    givenUp: null,
    committing: false,
    ended: null,
    leftBehind: null,
    marked: false,
    levels: [],
    own: [],
    isOwnInDoubt: false,
    holdsTables: false,
    thingsBefore: null,
    isUnclean: false,
    isStartWritten: false,
    endsGroup: false,
    touchesSession: false,
    statements: 0,
    running: 0,
    changes: 0,
    changesBefore: 0,
    thrown: null,
    failure: null,
    limit: null,
    current: null,
    blockers: [],
    waiters: [],
    step: null,
    namedSteps: new Set(),
    ordinals: new Map(),
    entries: [],
  }
}

/** The next work of the same transaction: what was seen of the one before belongs to it. */
export function turnTo(trace: Trace, work: Work): void {
  trace.work = work
  trace.isCounted = false
  trace.changesBefore = trace.changes
  trace.thingsBefore = null
  trace.statements = 0
  trace.step = null
  trace.isStartWritten = false
  trace.namedSteps.clear()
  trace.onTurn(work)
  trace.ordinals.clear()
}
