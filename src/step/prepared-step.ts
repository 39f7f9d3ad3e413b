// A step of a plan with what it needs to be run.

import type { Step } from '../core/graph/plan.js'
import type { Migration } from '../files/load.js'
import type { NewRow } from '../history/rows.js'

/** A step with its functions and the row that it writes or removes. */
export interface Work {
  readonly step: Step
  readonly migration: Migration
  readonly row: NewRow
  /** Whether an earlier run left it in the middle, and this one goes on. */
  readonly isResumed: boolean
  /** Of one that is resumed: whether it is another program than the one that was begun. */
  readonly isEdited: boolean
}
