// What is seen of a migration while it runs: of itself, of its transaction and of its statements. Each part is changed in its
// own file, and nowhere else.

import type { Work } from './prepared-step.js'
import { newTally, type Tally, turnTally } from './tally.js'
import { newTransactionState, noteNotCounted, type TransactionState } from './transaction-state.js'

export interface StepState {
  /** The step at hand; of a group that runs in one transaction, the one that is at work or failed. */
  readonly work: Work
  /** Which try it is, from 1. */
  readonly attempt: number
  /** Why it is not tried again, where another try might have helped, as a sentence; null for any other reason. */
  readonly notAgain: string | null
  /** What each work of the transaction took so far, in milliseconds, in their order. */
  readonly durations: readonly number[]
  /** When the migration without a transaction was begun, on the monotonic clock. */
  readonly startedMs: number
  /** Once set, nothing more of the migration is sent: what it is refused with. */
  readonly stopped: { readonly error: unknown } | null
  /** Whether the migration's function is at work. */
  readonly calling: boolean
  /** What the migration's function threw. */
  readonly thrown: { readonly error: unknown } | null
  /** Once the run was stopped, what stopped it: nothing more of the migration is sent. */
  readonly givenUp: AbortSignal | null
  /** Which limit of time of the server ended it, and who set that, as a sentence; null when none did. */
  readonly limit: string | null
  /** The named step at work. */
  readonly step: string | null
  /** Names that were used. */
  readonly namedSteps: ReadonlySet<string>
}

export type Trace = StepState & TransactionState & Tally

type Own = { -readonly [Name in keyof StepState]: StepState[Name] }

export function newTrace(work: Work, isInside: boolean, attempt: number): Trace {
  return {
    work,
    attempt,
    notAgain: null,
    durations: [],
    startedMs: performance.now(),
    stopped: null,
    calling: false,
    thrown: null,
    givenUp: null,
    limit: null,
    step: null,
    namedSteps: new Set(),
    // Last: V8 takes ten times as long for names that come after those of two other objects.
    ...newTransactionState(isInside),
    ...newTally(),
  }
}

/** The next work of the same transaction: what was seen of the one before belongs to that. */
export function turnTo(trace: Trace, work: Work): void {
  const own: Own = trace
  own.work = work
  own.step = null
  own.namedSteps = new Set()
  noteNotCounted(trace)
  turnTally(trace)
}

/** Nothing more of the migration is sent. The first reason holds. */
export function stop(state: Own, error: unknown): { readonly error: unknown } {
  return (state.stopped ??= { error })
}

/** As `stop`, with what the server said, whatever the reason was before. */
export function stopFor(state: Own, error: unknown): void {
  state.stopped = { error }
}

export function giveUp(state: Own, signal: AbortSignal): void {
  state.givenUp = signal
}

export function noteNotAgain(state: Own, why: string): void {
  state.notAgain = why
}

export function noteDuration(state: Own, ms: number): void {
  state.durations = [...state.durations, ms]
}

export function noteStarted(state: Own): void {
  state.startedMs = performance.now()
}

export function noteCalling(state: Own, calling: boolean): void {
  state.calling = calling
}

export function noteThrown(state: Own, error: unknown): void {
  state.thrown = { error }
}

export function noteLimit(state: Own, limit: string | null): void {
  state.limit = limit
}

/** A named step begins. */
export function enterStep(state: Own, name: string): void {
  state.step = name
}

export function useName(state: Own, name: string): void {
  state.namedSteps = new Set([...state.namedSteps, name])
}

/** The named step has returned. */
export function leaveStep(state: Own): void {
  state.step = null
}
