// What upgrade, downgrade and stamp have in common: a plan is made under the lock and carried out.

import type { Diagnostic } from '../core/diagnostic.js'
import type { Plan, Step } from '../core/graph/plan.js'
import type { Standing } from '../core/graph/resolve.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Place } from '../core/place.js'
import { alignColumns, fitWidth } from '../core/render/columns.js'
import type { Style } from '../core/render/style.js'
import { loadMigration } from '../files/load.js'
import type { Project } from '../files/project.js'
import { migVersion } from '../version.js'
import { runPlan } from '../runner/execute.js'
import { type Book, readBook } from '../runner/history-table.js'
import type { Session } from '../runner/session.js'
import { whoRuns } from '../runner/who.js'
import type { NumberSpec } from './command.js'
import type { Workplace } from './open.js'
import { withSession } from './open.js'
import { standingOf } from './standing.js'

export const lockTimeout = {
  kind: 'number',
  value: 'SECONDS',
  describe: 'How long to wait for another run to end',
  default: 60,
} as const satisfies NumberSpec

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

export interface PlannedStep {
  readonly direction: 'up' | 'down'
  readonly revision: RevisionId
  readonly message: string
  readonly path: string
}

export interface RunIntent {
  readonly command: string
  readonly dryRun: boolean
  readonly lockTimeout: number | undefined
  readonly purge?: boolean
  readonly validate: (session: Session, book: Book) => Promise<void> | void
  readonly plan: (standing: Standing, book: Book) => Plan
}

/** Validates, plans and runs; with `dryRun` only the first two, without a lock and without writing. */
export function runIntent(project: Project, workplace: Workplace, intent: RunIntent): Promise<RunOutcome> {
  return withSession(workplace, intent.dryRun ? 'look' : 'run', async (session) => {
    const started = performance.now()
    const decide = async (book: Book) => {
      await intent.validate(session, book)
      return intent.plan(standingOf(project.graph, book.history), book)
    }
    const plan = intent.dryRun
      ? await decide(await readBook(session))
      : await runNow(session, project, workplace, intent, decide)
    return {
      place: session.place,
      from: plan.from,
      to: plan.to,
      steps: plan.steps.map(planned),
      dryRun: intent.dryRun,
      durationMs: Math.round(performance.now() - started),
      diagnostics: project.remarks,
    }
  })
}

async function runNow(
  session: Session,
  project: Project,
  { report, signal, loader }: Workplace,
  intent: RunIntent,
  decide: (book: Book) => Promise<Plan>,
): Promise<Plan> {
  const { graph, files } = project
  return runPlan(session, {
    decide,
    files,
    ...(intent.purge !== undefined && { purge: intent.purge }),
    dependenciesOf: (id) => (graph.revisions.get(id)?.dependsOn ?? []).map((name) => graph.labels.get(name) ?? name),
    load: (file) => loadMigration(file, loader.importModule),
    lockTimeoutMs: (intent.lockTimeout ?? lockTimeout.default) * 1000,
    command: intent.command,
    appliedBy: whoRuns(),
    migVersion: migVersion(),
    report,
    signal,
  })
}

function planned({ direction, revision }: Step): PlannedStep {
  return { direction, revision: revision.revision, message: revision.message, path: revision.path }
}

const longestPlan = 20

/** The steps of a plan, one line each; a long plan is cut in the middle of nowhere, and says so. */
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
    `It would then stand at ${standsAt(outcome.to, style)}. Nothing was changed.`,
  ].join('\n')
}
