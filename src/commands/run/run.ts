// What upgrade, downgrade and stamp have in common: a plan is made under the lock and carried out.

import type { Diagnostic } from '../../core/diagnostic.js'
import { UsageError } from '../../core/errors.js'
import type { Listener } from '../../core/event.js'
import { dependenciesOf } from '../../core/graph/graph.js'
import type { Plan } from '../../core/graph/plan.js'
import type { Standing } from '../../core/graph/resolve.js'
import { loadMigration, loadMigrationAnew } from '../../files/load.js'
import type { Project } from '../../files/project.js'
import { migVersion } from '../../package.js'
import { runPlan } from '../../runner/run-plan.js'
import type { Book } from '../../history/book.js'
import { findBook } from '../../history/elsewhere.js'
import type { TransactionMode } from '../../runner/request.js'
import type { Session } from '../../session/session.js'
import { whoRuns } from '../../session/who.js'
import type { Workplace } from '../workplace/open.js'
import { withSession } from '../workplace/open.js'
import { ownOf, standingOf } from '../workplace/look.js'
import { lockTimeout, type RunOptions, runOptions } from './options.js'
import { keepAccount } from './account.js'
import { planned, type RunOutcome } from './outcome.js'
import { planIfUpToDate } from './up-to-date.js'

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
  readonly planUpToDate?: ((standing: Standing) => Plan) | undefined
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
  const account = keepAccount(project.graph)
  const report: Listener = (event) => {
    if (event.kind === 'remark') remarks.push(event.diagnostic)
    account.listener(event)
    workplace.report(event)
  }
  let findings: readonly Diagnostic[] = []
  const decide = async (book: Book) => {
    findings = await intent.validate(session, book)
    const plan = intent.plan(standingOf(project.graph, book.history), book)
    assertTransactions(session, plan, intent.options.transaction)
    account.decided(plan, book)
    return plan
  }
  const plan = dryRun
    ? await decide(await findBook(session, own))
    : await runNow(session, project, { ...workplace, report }, intent, decide).catch((error: unknown) => {
        account.addTo(error, session.place)
        throw error
      })
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
  { command, options, purge, planUpToDate, newHistory }: RunIntent,
  decide: (book: Book) => Promise<Plan>,
): Promise<Plan> {
  const { graph, files, config } = project
  const own = { ...ownOf(project), mayBegin: newHistory === true }
  return runPlan(session, {
    find: (open) => findBook(open, own),
    decide,
    planEarly: planUpToDate && ((applied) => planIfUpToDate(project, applied, planUpToDate)),
    files,
    ...(purge !== undefined && { purge }),
    dependenciesOf: (id) => dependenciesOf(graph, id),
    load: (file) => loadMigration(file, loader.importModule),
    loadAnew: (file) => loadMigrationAnew(file, loader),
    interrupted: options.interrupted ?? [],
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
      `${without.join(', ')} ${without.length === 1 ? 'needs' : 'need'} no transaction (export const transaction = false), so there is no one transaction for all.`,
      {
        hint: 'Leave --transaction all out, or stop before that revision. Nothing was changed.',
      },
    )
}
