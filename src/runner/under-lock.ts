// Carries out a plan: hold, read, decide, walk the steps.

import { messageOf } from '../core/thrown.js'
import { randomUUID } from 'node:crypto'
import { assertNoErrors, GraphError } from '../core/errors.js'
import type { Plan } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Migration } from '../files/load.js'
import { openAside } from '../session/second-connection.js'
import { type Fence, newFence } from '../history/fence.js'
import { type Book, readBook } from '../history/book.js'
import { createTables, setProject } from '../history/rows.js'
import { lockKind, withLock } from '../lock/wait.js'
import type { HeldLock } from '../lock/lock.js'
import { openJournal, type Journal } from '../history/journal.js'
import { withJournal } from '../history/lost-journal.js'
import { openAround } from '../step/around.js'
import { openBeside } from '../step/beside.js'
import { createRecorder } from '../step/watched-knex.js'
import { isDone, planIfDone } from './nothing-to-do.js'
import { assertWritable, prepareRun } from './prepare.js'
import type { RunRequest } from './request.js'
import { guardSession } from '../step/session-guard.js'
import { unlessAborted } from '../session/pause.js'
import type { Session } from '../session/session.js'
import { stampAll, walk } from './steps.js'
import { gitCommit, runLabel } from '../session/who.js'

/**
 * Runs what `decide` makes of the history once the lock is held.
 * @throws as `runPlan`
 */
export async function runUnderLock(session: Session, request: RunRequest): Promise<Plan> {
  const { report, signal, lockTimeoutMs, lock, onLock } = request
  assertWritable(session)
  const label = runLabel(request.command, request.who)
  await prepareRun(session, label)
  // A lease is a row: it needs the tables, and DDL on a cluster disturbs whoever is at work.
  if (lockKind(session, lock) === 'lease' && !(await readBook(session)).exists)
    await createTables(session, request.project)
  return withLock(
    session,
    { timeoutMs: onLock === 'fail' ? 0 : lockTimeoutMs, kind: lock, label, report, signal },
    (held) => runHeld(session, request, held),
    onLock === 'follow' ? () => planIfDone(session, request) : undefined,
  )
}

async function runHeld(session: Session, request: RunRequest, held: HeldLock): Promise<Plan> {
  const book = await readBook(session)
  const plan = await request.decide(book)
  request.report({ kind: 'plan', plan })
  if (isDone(plan, book, request)) return plan
  const commit = gitCommit(session.settings.root)
  const migrations = await loadAll(plan, request)
  if (!book.exists) await createTables(session, request.project)
  else if (book.project === null && request.project !== null) await setProject(session, request.project)
  const fence = newFence(book.seq, held.token)
  const connection = session.keepsSession ? await session.engine.activity.connectionId(session.connection) : null
  const facts = { command: request.command, connection, migVersion: request.migVersion, gitCommit: await commit }
  const journal = await withJournal(session, request.report, () =>
    openJournal(session, fence, randomUUID(), { ...facts, ...request.who }),
  )
  await journalled(journal, () =>
    runSteps(session, request, { book, plan, migrations, held, fence, journal, connection }),
  )
  return plan
}

interface Prepared {
  readonly book: Book
  readonly plan: Plan
  readonly migrations: ReadonlyMap<RevisionId, Migration>
  readonly held: HeldLock
  readonly fence: Fence
  readonly journal: Journal
  readonly connection: string | null
}

async function runSteps(session: Session, request: RunRequest, prepared: Prepared): Promise<void> {
  const { book, plan, migrations, held, fence, journal, connection } = prepared
  const { report, timeoutMs, lockRetries, interrupted } = request
  const signal = AbortSignal.any([request.signal, held.lost])
  const label = runLabel(request.command, request.who)
  const beside = openBeside({ session, fence, journal, label, holder: connection })
  const recorder = createRecorder(session, beside)
  const aside = openAside(session, connection)
  const settings = await guardSession(session, report)
  const around = openAround(session)
  const run = {
    session,
    recorder,
    journal,
    held,
    fence,
    aside,
    settings,
    around,
    report,
    signal,
    timeoutMs,
    lockRetries,
    interrupted,
  }
  try {
    if (plan.steps.every((step) => !step.run)) await stampAll(run, request, book, plan)
    else await walk(run, request, book, plan, migrations)
  } finally {
    await around.leave()
    await Promise.all([recorder.close(), aside.close(), beside.close()])
  }
}

/** The journal says how a run ended, unless the line is gone: a run without an end was killed, or cut off. */
async function journalled(journal: Journal, work: () => Promise<void>): Promise<void> {
  const started = performance.now()
  const ended = (error?: string) =>
    journal.write([{ what: 'ended', durationMs: performance.now() - started, ...(error !== undefined && { error }) }])
  try {
    await work()
  } catch (error) {
    await ended(messageOf(error)).catch(() => undefined)
    throw error
  }
  // What was done is done, also when the line broke with the last commit.
  await ended().catch(() => undefined)
}

/**
 * All modules are loaded before the first runs: a broken one must not stop a run half-way.
 * @throws GraphError with what is wrong with any of them
 */
async function loadAll(plan: Plan, request: RunRequest): Promise<ReadonlyMap<RevisionId, Migration>> {
  const loaded = new Map<RevisionId, Migration>()
  const broken: GraphError[] = []
  for (const { revision, run } of plan.steps) {
    const file = request.files.get(revision.revision)
    if (!run || file === undefined) continue
    try {
      loaded.set(revision.revision, await unlessAborted(request.signal, request.load(file)))
    } catch (error) {
      if (!(error instanceof GraphError)) throw error
      broken.push(error)
    }
  }
  const [first, ...others] = broken
  if (first !== undefined && others.length === 0) throw first
  assertNoErrors(
    GraphError,
    broken.flatMap(({ diagnostics }) => diagnostics),
  )
  return loaded
}
