// What is counted and kept of the statements of a step. Changed here, and nowhere else.

import type { Entry } from '../history/journal.js'
import type { StatementFailure } from './passing.js'

export interface FailedStatement {
  readonly sql: string
  /** As long as the server was given it. */
  readonly bytes: number
  readonly failure: StatementFailure
}

export interface Tally {
  /** Statements that were sent, or left out because an earlier run did them, while the function was at work. */
  readonly statements: number
  /** Statements that were sent and have not ended. */
  readonly running: number
  /** Statements that succeeded and may have changed something. */
  readonly changes: number
  /** How many of these belong to the works before it in the same transaction. */
  readonly changesBefore: number
  /** The last statement that failed, whether or not the migration let it pass. */
  readonly failure: FailedStatement | null
  /** Whether a statement failed that may have left something. */
  readonly isUnclean: boolean
  /** The statement that is being executed. */
  readonly current: { readonly sql: string; readonly sinceMs: number } | null
  /** Whom it was last seen to wait for, in words. */
  readonly blockers: readonly string[]
  /** Who was last seen to wait for it while it was between statements, in words. */
  readonly waiters: readonly string[]
  /** Whether it may have changed settings of the session. */
  readonly touchesSession: boolean
  /** What `engine.losses` saw before the first statement that may take something along; null before that. */
  readonly thingsBefore: { readonly seen: unknown } | null
  /** Named step (empty: none) → how many statements of it there were. */
  readonly ordinals: ReadonlyMap<string, number>
  /** Whether the journal has the entry that opens those of the step. */
  readonly isStartWritten: boolean
  /** What is to be journalled with the next commit. */
  readonly entries: readonly Entry[]
}

interface Own extends Omit<{ -readonly [Name in keyof Tally]: Tally[Name] }, 'ordinals' | 'entries'> {
  ordinals: ReadonlyMap<string, number>
  entries: readonly Entry[]
}

export function newTally(): Tally {
  return {
    statements: 0,
    running: 0,
    changes: 0,
    changesBefore: 0,
    failure: null,
    isUnclean: false,
    current: null,
    blockers: [],
    waiters: [],
    touchesSession: false,
    thingsBefore: null,
    ordinals: new Map(),
    isStartWritten: false,
    entries: [],
  }
}

/** Another work of the same transaction begins: what was done before it stays. */
export function turnTally(tally: Own): void {
  tally.statements = 0
  tally.changesBefore = tally.changes
  tally.thingsBefore = null
  tally.isStartWritten = false
  tally.ordinals = new Map()
}

export function noteStatement(tally: Own): void {
  tally.statements++
}

export function noteRunning(tally: Own, change: 1 | -1): void {
  tally.running += change
}

export function noteCurrent(tally: Own, current: Tally['current']): void {
  tally.current = current
}

export function noteOthers(tally: Own, blockers: readonly string[], waiters: readonly string[]): void {
  tally.blockers = blockers
  tally.waiters = waiters
}

export function noteChange(tally: Own): void {
  tally.changes++
}

/** So many were rolled back; null: all. */
export function forgetChanges(tally: Own, count: number | null): void {
  tally.changes = count === null ? 0 : tally.changes - count
}

export function keepFailure(tally: Own, failure: Tally['failure']): void {
  tally.failure = failure
}

export function noteUnclean(tally: Own): void {
  tally.isUnclean = true
}

export function noteTouched(tally: Own, touchesSession: boolean): void {
  tally.touchesSession = touchesSession
}

export function noteThings(tally: Own, seen: unknown): void {
  tally.thingsBefore = { seen }
}

/** The number of the statement that comes now, in its named step. */
export function nextOrdinal(tally: Own, step: string): number {
  const ordinal = (tally.ordinals.get(step) ?? 0) + 1
  ;(tally.ordinals as Map<string, number>).set(step, ordinal)
  return ordinal
}

export function noteStart(tally: Own, isStartWritten: boolean): void {
  tally.isStartWritten = isStartWritten
}

export function keepEntry(tally: Own, entry: Entry): void {
  ;(tally.entries as Entry[]).push(entry)
}

export function takeEntries(tally: Own): readonly Entry[] {
  const { entries } = tally
  tally.entries = []
  return entries
}

/** What is kept from one on was not to stay as it was written down: it was `undone`, or nobody knows. */
export function changeDone(tally: Own, what: 'undone' | 'statement', from = 0): void {
  tally.entries = tally.entries.map((entry, at) => (at >= from && entry.what === 'done' ? { ...entry, what } : entry))
}
