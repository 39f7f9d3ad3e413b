// MigEvent: what happens during a run, as data. The library reports events; the CLI renders them.

import type { Diagnostic } from './diagnostic.js'
import type { Plan, Step } from './graph/plan.js'
import type { RevisionId } from './graph/revision.js'
import type { Place } from './place.js'

export type MigEvent =
  /** The database that the run is about, told before anything is asked of it. */
  | { readonly kind: 'database'; readonly place: Place }
  /** The server does not answer; it is tried again for `leftMs`. */
  | { readonly kind: 'connecting'; readonly place: Place; readonly reason: string; readonly leftMs: number }
  /** Another run holds the lock; told at once and again while waiting. `holder` is null where nobody can tell. */
  | { readonly kind: 'waiting'; readonly holder: string | null; readonly waitedMs: number }
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'step-started'; readonly step: Step; readonly index: number; readonly total: number }
  /** A statement of a migration, after it ran. The text has placeholders; bound values are never told. */
  | {
      readonly kind: 'statement'
      readonly revision: RevisionId
      readonly sql: string
      readonly durationMs: number
      readonly failed: boolean
    }
  /** A migration called `context.log`. */
  | { readonly kind: 'log'; readonly revision: RevisionId; readonly message: string }
  /** A step was rolled back because a lock or another transaction was in the way; it is tried again after `waitMs`. */
  | {
      readonly kind: 'retrying'
      readonly step: Step
      readonly attempt: number
      readonly of: number
      readonly waitMs: number
      readonly reason: string
      /** Whom it waited for, in words, where that is known. */
      readonly blockers: readonly string[]
    }
  /**
   * A step takes long, or waits, or is waited for: its statement waits for `blockers`, or, while it is between statements (`sql`
   * null), `waiters` wait for what it holds. In words, where that is known.
   */
  | {
      readonly kind: 'still-running'
      readonly step: Step
      readonly elapsedMs: number
      readonly sql: string | null
      readonly waitedMs: number
      readonly blockers: readonly string[]
      readonly waiters: readonly string[]
    }
  | {
      readonly kind: 'step-finished'
      readonly step: Step
      readonly index: number
      readonly total: number
      readonly durationMs: number
    }
  | {
      readonly kind: 'step-failed'
      readonly step: Step
      readonly index: number
      readonly total: number
      readonly durationMs: number
    }
  /** Something worth knowing that does not stop the run. */
  | { readonly kind: 'remark'; readonly diagnostic: Diagnostic }

/** Where events go. Must not throw. */
export type Listener = (event: MigEvent) => void
