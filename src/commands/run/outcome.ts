// What a command that changes a database answers.

import type { Diagnostic } from '../../core/diagnostic.js'
import type { PlannedStep } from '../../core/failed-run.js'
import type { Step } from '../../core/graph/plan.js'
import type { RevisionId } from '../../core/graph/revision.js'
import type { Place } from '../../core/place.js'

export interface RunOutcome {
  readonly place: Place
  /** Heads before. */
  readonly from: readonly RevisionId[]
  /** Heads after. */
  readonly to: readonly RevisionId[]
  readonly steps: readonly PlannedStep[]
  /** Nothing was run or written: `steps` says what would be. */
  readonly dryRun: boolean
  readonly durationMs: number
  readonly diagnostics: readonly Diagnostic[]
}

export function planned({ direction, revision }: Step): PlannedStep {
  return { direction, revision: revision.revision, message: revision.message, path: revision.path }
}
