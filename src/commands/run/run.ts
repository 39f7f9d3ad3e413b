// What upgrade, downgrade and stamp have in common: a plan is made under the lock and carried out.

import type { Diagnostic } from '../../core/diagnostic.js'
import { UsageError } from '../../core/errors.js'
import type { Listener } from '../../core/event.js'
import { dependenciesOf, heads, type RevisionGraph } from '../../core/graph/graph.js'
import type { Plan, Step } from '../../core/graph/plan.js'
import type { Standing } from '../../core/graph/resolve.js'
import type { RevisionId } from '../../core/graph/revision.js'
import { isOtherProject } from '../../core/graph/validate-history.js'
import type { Place } from '../../core/place.js'
import { alignColumns, fitWidth } from '../../core/render/columns.js'
import type { Style } from '../../core/render/style.js'
import { loadMigration, loadMigrationAnew } from '../../files/load.js'
import type { Project } from '../../files/project.js'
import { migVersion } from '../../package.js'
import { runPlan } from '../../runner/run-plan.js'
import type { Applied } from '../../history/fingerprints.js'
import type { Book } from '../../history/book.js'
import { findBook } from '../../history/elsewhere.js'
import type { TransactionMode } from '../../runner/request.js'
import type { Session } from '../../session/session.js'
import { whoRuns } from '../../session/who.js'
import type { ArgumentSpec, ChoiceSpec, FlagSpec, NumberSpec, OptionsOf, OptionTable } from '../workplace/command.js'
import type { Workplace } from '../workplace/open.js'
import { withSession } from '../workplace/open.js'
import { ownOf, standingOf } from '../workplace/look.js'

export const lockTimeout = {
  kind: 'number',
  value: 'SECONDS',
  describe: 'How long to wait for another run to end',
  default: 90,
} as const satisfies NumberSpec

/** How a run keeps others away. */
export const lock = {
  kind: 'choice',
  value: 'session|lease',
  choices: ['session', 'lease'],
  describe:
    'How runs are kept apart: a lock of the session, or a lease with a heartbeat; default: a lease behind a pooler and on Galera',
} as const satisfies ChoiceSpec

export const allowUnknown = {
  kind: 'flag',
  describe: 'Go on although the database has revisions that no file has',
} as const satisfies FlagSpec

/** Nobody needs it to go on: it is only for whoever means to have two. */
export const newHistory = {
  kind: 'flag',
  describe:
    'Begin a history here although there is one of these revisions elsewhere in the database: all of them run again',
} as const satisfies FlagSpec

/** What upgrade and downgrade have in common. */
export const runOptions = {
  dryRun: { kind: 'flag', describe: 'Show what would run; change nothing' },
  transaction: {
    kind: 'choice',
    value: 'each|all|none',
    choices: ['each', 'all', 'none'],
    default: 'each',
    describe: 'One transaction for each migration, one for all of them, or none',
  },
  resume: { kind: 'flag', describe: 'Go on with a migration that stopped in the middle' },
  interrupted: {
    kind: 'choice',
    value: 'done|not-done',
    choices: ['done', 'not-done'],
    describe: 'With --resume: what became of the statement at which it stopped, where the catalog cannot tell',
  },
  timeout: {
    kind: 'number',
    value: 'SECONDS',
    describe: 'How long one migration may take; default: as long as it likes',
  },
  onLock: {
    kind: 'choice',
    value: 'wait|fail|follow',
    choices: ['wait', 'fail', 'follow'],
    default: 'wait',
    describe: 'When another run is at work: wait for it, fail, or follow it until it has done what is asked here',
  },
  lockTimeout,
  lockRetries: {
    kind: 'number',
    value: 'N',
    describe: 'How often a migration is tried again that was rolled back because it waited for others',
    default: 5,
  },
  lock,
  allowChanged: { kind: 'flag', describe: 'Go on although files of applied revisions have changed' },
  allowUnknown,
} as const satisfies OptionTable

export type RunOptions = OptionsOf<Record<never, ArgumentSpec>, typeof runOptions>

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
  /** As it was typed: "upgrade head". */
  readonly command: string
  readonly options: RunOptions
  readonly purge?: boolean
  /** Begins another history where one is elsewhere. */
  readonly newHistory?: boolean | undefined
  /** Throws what forbids the run; returns what is worth knowing of it. */
  readonly validate: (session: Session, book: Book) => Promise<readonly Diagnostic[]>
  readonly plan: (standing: Standing, book: Book) => Plan
  /** Where that is certain beforehand: the plan for a database that has everything as the files have it. */
  readonly planSettled?: ((standing: Standing) => Plan) | undefined
}

/** The command line for the journal, and for those who wait. */
export function typedAs(command: string, target: string | undefined, { resume }: RunOptions): string {
  return [command, ...(target === undefined ? [] : [target]), ...(resume === true ? ['--resume'] : [])].join(' ')
}

/** Validates, plans and runs; with `dryRun` only the first two, without a lock and without writing. */
export function runIntent(project: Project, workplace: Workplace, intent: RunIntent): Promise<RunOutcome> {
  return withSession(workplace, intent.options.dryRun === true ? 'look' : 'run', (session) =>
    runIntentOn(session, project, workplace, intent),
  )
}

/** As `runIntent`, on a session that is open already. */
export async function runIntentOn(
  session: Session,
  project: Project,
  workplace: Workplace,
  intent: RunIntent,
): Promise<RunOutcome> {
  const started = performance.now()
  const dryRun = intent.options.dryRun ?? false
  const own = { ...ownOf(project), mayBegin: intent.newHistory === true }
  const remarks: Diagnostic[] = []
  const report: Listener = (event) => {
    if (event.kind === 'remark') remarks.push(event.diagnostic)
    workplace.report(event)
  }
  let findings: readonly Diagnostic[] = []
  const decide = async (book: Book) => {
    findings = await intent.validate(session, book)
    const plan = intent.plan(standingOf(project.graph, book.history), book)
    assertTransactions(session, plan, intent.options.transaction)
    return plan
  }
  const plan = dryRun
    ? await decide(await findBook(session, own))
    : await runNow(session, project, { ...workplace, report }, intent, decide)
  return {
    place: session.place,
    from: plan.from,
    to: plan.to,
    steps: plan.steps.map(planned),
    dryRun,
    durationMs: Math.round(performance.now() - started),
    diagnostics: [...project.remarks, ...findings, ...remarks],
  }
}

async function runNow(
  session: Session,
  project: Project,
  { report, signal, loader }: Workplace,
  { command, options, purge, planSettled, newHistory }: RunIntent,
  decide: (book: Book) => Promise<Plan>,
): Promise<Plan> {
  const { graph, files, config } = project
  const own = { ...ownOf(project), mayBegin: newHistory === true }
  return runPlan(session, {
    find: (open) => findBook(open, own),
    decide,
    decideEarly: planSettled && ((applied) => (isSettled(project, applied) ? planSettled(allApplied(graph)) : null)),
    files,
    ...(purge !== undefined && { purge }),
    dependenciesOf: (id) => dependenciesOf(graph, id),
    load: (file) => loadMigration(file, loader.importModule),
    loadAnew: (file) => loadMigrationAnew(file, loader),
    interrupted: options.interrupted ?? null,
    transaction: options.transaction ?? runOptions.transaction.default,
    timeoutMs: options.timeout === undefined ? null : options.timeout * 1000,
    lockRetries: options.lockRetries ?? runOptions.lockRetries.default,
    lockTimeoutMs: (options.lockTimeout ?? lockTimeout.default) * 1000,
    lock: options.lock,
    onLock: options.onLock ?? runOptions.onLock.default,
    project: config.project,
    command,
    who: whoRuns(),
    migVersion: migVersion(),
    report,
    signal,
  })
}

/** Whether the database has what the files have, all of it and nothing else, and nothing was edited since. */
function isSettled({ config, graph, files }: Project, { fingerprints, project }: Applied): boolean {
  if (isOtherProject(config.project, project) || fingerprints.length !== graph.revisions.size) return false
  return fingerprints.every(({ revision, checksum, downRevisions, dependsOn }) => {
    const file = files.get(revision)
    return (
      file?.checksum() === checksum &&
      JSON.stringify(file.revision.downRevisions) === downRevisions &&
      JSON.stringify(dependenciesOf(graph, revision)) === dependsOn
    )
  })
}

function allApplied(graph: RevisionGraph): Standing {
  return { graph, applied: [...graph.revisions.keys()], current: heads(graph, 'all') }
}

/** @throws UsageError `usage.bad-option` when one transaction is asked for all and cannot be had */
function assertTransactions({ engine, version }: Session, plan: Plan, mode: TransactionMode | undefined): void {
  if (mode !== 'all') return
  if (!engine.transactionalDdl)
    throw new UsageError(
      'usage.bad-option',
      `${version} ends a transaction with each DDL statement: there is no one transaction for all migrations.`,
      {
        hint: 'Leave --transaction all out. Nothing was changed.',
      },
    )
  const without = plan.steps.filter(({ revision }) => !revision.transaction).map(({ revision }) => revision.revision)
  if (without.length > 0)
    throw new UsageError(
      'usage.bad-option',
      `${without.join(', ')} ${without.length === 1 ? 'wants' : 'want'} no transaction (export const transaction = false), so there is no one transaction for all.`,
      {
        hint: 'Leave --transaction all out, or stop before that revision. Nothing was changed.',
      },
    )
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
