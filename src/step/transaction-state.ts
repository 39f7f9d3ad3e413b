// What is known of the transaction of mig that a step runs in, and of those that the migration begins itself. Changed here, and
// nowhere else.

import type { Entered } from '../history/fence.js'
import type { Entry, EntryOf } from '../history/journal.js'

/** What became of a transaction. */
export type Fate = 'committed' | 'rolled back'

/** A transaction or savepoint of the migration that is open. */
export interface Level {
  /** Of a savepoint; null for a transaction. */
  readonly name: string | null
  /** What it is for the server: where DDL has ended mig's transaction, a savepoint becomes a transaction. */
  readonly as: 'transaction' | 'savepoint'
  /** How many entries there were before it: of the step in mig's transaction, else of the migration's own. */
  readonly before: number
}

/** A statement in the migration's own transaction: what is written down of it there goes with that when it is rolled back. */
export interface OwnEntry {
  /** What is to be written down when it was rolled back, or refused. */
  readonly otherwise: Entry
  /** Whether that is so. */
  readonly isUndone: boolean
}

export interface TransactionState {
  /** Whether the migration runs in a transaction of mig. */
  readonly isInside: boolean
  /** The transaction of mig, once it is begun. */
  readonly entered: Entered | null
  /** Whether the row of the work was counted when it was begun. */
  readonly isCounted: boolean
  /** The limit that is set for waiting for locks; null: that of the session. */
  readonly lockWaitMs: number | null
  /** Whether all that is left to do is to commit. */
  readonly committing: boolean
  /** What became of the transaction of mig when it was over before its time; null while it was not. */
  readonly ended: Fate | null
  /** Why a rollback did not take everything back; null when it did. */
  readonly leftBehind: string | null
  /** Whether the history says `running` or `reverting` for good: a part of the step is committed. */
  readonly marked: boolean
  /** Whether what it made can be used only after a commit. */
  readonly endsGroup: boolean
  /** Transactions and savepoints of the migration that are open, the outermost first. */
  readonly levels: readonly Level[]
  /** The statements in the migration's own transaction, in their order. */
  readonly own: readonly OwnEntry[]
  /** Whether the session holds locks of tables that the migration took. */
  readonly holdsTables: boolean
}

type Own = { -readonly [Name in keyof TransactionState]: TransactionState[Name] }

export function newTransactionState(isInside: boolean): TransactionState {
  return {
    isInside,
    entered: null,
    isCounted: false,
    lockWaitMs: null,
    committing: false,
    ended: null,
    leftBehind: null,
    marked: false,
    endsGroup: false,
    levels: [],
    own: [],
    holdsTables: false,
  }
}

export function noteEntered(state: Own, entered: Entered, isCounted: boolean): void {
  state.entered = entered
  state.isCounted = isCounted
  state.lockWaitMs = entered.lockWaitMs
}

export function noteNotCounted(state: Own): void {
  state.isCounted = false
}

export function noteLockWait(state: Own, lockWaitMs: number | null): void {
  state.lockWaitMs = lockWaitMs
}

export function noteCommitting(state: Own): void {
  state.committing = true
}

/** It is over, and all that the migration had begun within it. */
export function noteEnded(state: Own, fate: Fate): void {
  state.ended = fate
  state.levels = []
}

export function noteLeftBehind(state: Own, why: string | null): void {
  state.leftBehind = why
}

export function noteMarked(state: Own): void {
  state.marked = true
}

export function noteGroupEnd(state: Own): void {
  state.endsGroup = true
}

export function noteTables(state: Own, holdsTables: boolean): void {
  state.holdsTables = holdsTables
}

/** A statement that commits by itself has ended all of them. */
export function forgetLevels(state: Own): void {
  state.levels = []
}

export function openLevel(state: Own, level: Level): void {
  state.levels = [...state.levels, level]
}

/** The innermost level of that name; undefined when there is none. */
export function levelOf({ levels }: TransactionState, name: string | null): Level | undefined {
  return levels.findLast((level) => level.name === name)
}

/** Ends a level and those within it. */
export function closeLevel(state: Own, level: Level | undefined): void {
  if (level !== undefined) state.levels = state.levels.slice(0, state.levels.indexOf(level))
}

/** Done, in the migration's own transaction. */
export function noteOwn(state: Own, entry: EntryOf): void {
  add(state, { otherwise: { ...entry, what: 'undone' }, isUndone: false })
}

export function noteOwnRefusal(state: Own, refusal: Entry): void {
  add(state, { otherwise: refusal, isUndone: true })
}

function add(state: Own, entry: OwnEntry): void {
  ;(state.own as OwnEntry[]).push(entry) // there may be many
}

/** They were rolled back. Returns how many of them counted as done until now. */
export function noteOwnUndone(entries: readonly OwnEntry[]): number {
  const done = entries.filter(({ isUndone }) => !isUndone)
  for (const entry of done) (entry as { isUndone: boolean }).isUndone = true
  return done.length
}

/** The migration's own transaction is over. Returns its statements. */
export function takeOwn(state: Own): readonly OwnEntry[] {
  const { own } = state
  state.own = []
  state.levels = []
  return own
}
