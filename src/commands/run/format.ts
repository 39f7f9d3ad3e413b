// What people are shown of a run.

import type { RevisionId } from '../../core/graph/revision.js'
import { alignColumns, fitWidth } from '../../core/render/columns.js'
import type { Style } from '../../core/render/style.js'
import type { PlannedStep } from '../../core/failed-run.js'
import type { RunOutcome } from './outcome.js'

const longestPlan = 20

/** The steps of a plan, one line each; a long plan is cut in its middle, and says so. */
export function formatSteps(steps: readonly PlannedStep[], style: Style): readonly string[] {
  const shown = steps.slice(0, longestPlan)
  const lines = alignColumns(
    shown.map((step) => [
      `  ${step.direction === 'up' ? '+' : '-'} ${step.revision}`,
      step.message.split('\n')[0] ?? '',
    ]),
  )
  const more = steps.length - shown.length
  return [...lines.map((line) => fitWidth(line, style.width)), ...(more > 0 ? [style.dim(`  … and ${more} more`)] : [])]
}

/** Where the database stands, as a last line. */
export function standsAt(heads: readonly RevisionId[], style: Style): string {
  if (heads.length === 0) return 'base (nothing applied)'
  return `${heads.length === 1 ? 'head' : 'heads'} ${heads.map((id) => style.bold(id)).join(', ')}`
}

/** What a dry run would do. */
export function formatDryRun(outcome: RunOutcome, verb: string, style: Style): string {
  const count = outcome.steps.length
  return [
    `Would ${verb} ${count} ${count === 1 ? 'revision' : 'revisions'}:`,
    ...formatSteps(outcome.steps, style),
    '',
    `It would then be at ${standsAt(outcome.to, style)}. Nothing was changed.`,
  ].join('\n')
}
