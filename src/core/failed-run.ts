// What a run had done when it failed, for programs: the same fields as those of a run that goes well.

import type { Place } from './place.js'
import type { RevisionId } from './graph/revision.js'

export interface FailedRun {
  readonly place: Place
  /** Heads before. */
  readonly from: readonly RevisionId[]
  /** Heads after what was done, one that is unfinished among them; null where the database did not say what became of the last. */
  readonly to: readonly RevisionId[] | null
  /** The whole plan, in its order. */
  readonly steps: readonly AttemptedStep[]
}

export interface PlannedStep {
  readonly direction: 'up' | 'down'
  readonly revision: RevisionId
  readonly message: string
  readonly path: string
}

export interface AttemptedStep extends PlannedStep {
  /** `unfinished`: a part of it may be in the database. `failed`: nothing of it is. `unknown`: as with `to`. */
  readonly state: 'done' | 'failed' | 'unfinished' | 'unknown' | 'pending'
}
