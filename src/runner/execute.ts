// Carries out a plan: lock, read, decide, walk the steps. What to do is decided by the caller.

import { EngineError } from '../core/errors.js'
import type { Plan } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import { describePlace } from '../core/place.js'
import type { Migration } from '../files/load.js'
import { type Book, createTables, inTransaction, readBook } from './history-table.js'
import { withLock } from './lock.js'
import type { RunRequest } from './request.js'
import type { Session } from './session.js'
import { stampAll, walk } from './walk.js'

/**
 * Runs what `decide` makes of the history. When nothing is to be done, nothing is locked or written.
 * @throws what `decide` throws; LockError, MigrationError, PartialError, EngineError, InterruptedError, GraphError
 */
export async function runPlan(session: Session, request: RunRequest): Promise<Plan> {
  // A row that is `running` may belong to a run that is alive: only under the lock is it known to be left behind.
  const first = await readBook(session)
  if (first.history.every(({ state }) => state === 'applied')) {
    const plan = await request.decide(first)
    if (isDone(plan, first, request)) return plan
  }
  assertWritable(session)
  const label = `mig ${request.command} ${request.appliedBy} pid ${process.pid}`
  await session.engine.prepareRun(session.connection, label)
  return withLock(
    session,
    { timeoutMs: request.lockTimeoutMs, label, report: request.report, signal: request.signal },
    () => runLocked(session, request),
  )
}

/** @throws EngineError `engine.read-only` */
export function assertWritable({ readOnly, place }: Session): void {
  if (readOnly === null) return
  throw new EngineError(
    'engine.read-only',
    `${describePlace(place)} cannot be written: ${readOnly}. Nothing was changed.`,
    {
      hint: 'Connect to the primary, or make the file writable.',
    },
  )
}

async function runLocked(session: Session, request: RunRequest): Promise<Plan> {
  const book = await readBook(session)
  const plan = await request.decide(book)
  request.report({ kind: 'plan', plan })
  if (isDone(plan, book, request)) return plan
  const migrations = await loadAll(plan, request)
  if (!book.exists) await inTransaction(session, () => createTables(session))
  if (plan.steps.every(({ run }) => !run)) await stampAll(session, request, book, plan)
  else await walk(session, request, book, plan, migrations)
  return plan
}

/** A purge is never done while there are rows: it may be there for what no file knows. */
function isDone({ steps }: Plan, { history }: Book, { purge }: RunRequest): boolean {
  return steps.length === 0 && !(purge === true && history.length > 0)
}

/** All modules are loaded before the first runs: a broken one must not stop a run half-way. */
async function loadAll(plan: Plan, request: RunRequest): Promise<ReadonlyMap<RevisionId, Migration>> {
  const loaded = new Map<RevisionId, Migration>()
  for (const { revision, run } of plan.steps) {
    const file = request.files.get(revision.revision)
    if (run && file !== undefined) loaded.set(revision.revision, await request.load(file))
  }
  return loaded
}
