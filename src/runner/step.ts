// One step of a plan: a migration and its history row, together or told apart for good.

import type { Knex } from 'knex'
import type { Step } from '../core/graph/plan.js'
import type { Listener } from '../core/event.js'
import { MigError } from '../core/errors.js'
import { messageOf } from '../core/thrown.js'
import type { Migration, MigrationContext } from '../files/load.js'
import {
  assertClaimed,
  claim,
  deleteRow,
  finishRow,
  inTransaction,
  insertRow,
  type NewRow,
  readBook,
  readState,
  setState,
} from './history-table.js'
import { untilAborted } from './abort.js'
import { assertNotAborted } from './lock.js'
import type { Recorder, Statement, Watch } from './recorder.js'
import {
  assertKeepsTransaction,
  assertRan,
  endedItself,
  isRead,
  isTransactionControl,
  missingDown,
  objected,
} from './rules.js'
import type { Session } from './session.js'
import type { Trace } from './trace.js'
import { engineError } from './words.js'

/** What a step needs; the same for all steps of a run. */
export interface StepRun {
  readonly session: Session
  readonly recorder: Recorder
  readonly report: Listener
  readonly signal: AbortSignal
}

/** A step with its functions and the row that it writes or removes. */
export interface Work {
  readonly step: Step
  readonly migration: Migration
  readonly row: NewRow
}

/**
 * Runs a step and records it. Returns the counter that stands in the database afterwards.
 * Throws what the migration or the driver threw; `trace` tells how far it came.
 */
export async function runStep(run: StepRun, work: Work, seq: number, trace: Trace): Promise<number> {
  const marker: Marker = { seq }
  const isInside = work.step.revision.transaction
  const limitLockWait = lockWaitLimiter(run.session, isInside ? 'transaction' : 'session')
  let marking: Promise<void> | undefined
  const watch: Watch = {
    async before(sql) {
      trace.running++
      if (trace.givenUp && !isTransactionControl(sql)) assertNotAborted(run.signal)
      if (!trace.calling) return
      trace.statements++
      if (isInside) assertKeepsTransaction(work.step, sql)
      if (isInside && run.session.engine.commitsImplicitly(sql)) await (marking ??= markForGood(run, work, trace))
      await limitLockWait(sql)
    },
    after: (statement) => note(run, work, trace, statement),
  }
  try {
    return await run.recorder.watch(watch, () =>
      isInside ? runInside(run, work, marker, trace) : runOutside(run, work, marker, trace),
    )
  } catch (error) {
    throw error instanceof Error && error.cause instanceof MigError ? error.cause : error
  }
}

/** How long a statement may wait for others before the migration gives way and is tried again. */
const lockWaitMs = 5000

/** Sets the limit before the first statement, and anew where another one holds. */
function lockWaitLimiter(
  { engine, connection }: Session,
  scope: 'transaction' | 'session',
): (sql: string) => Promise<void> {
  let current: number | null = null
  return async (sql) => {
    const wanted = engine.lockWait.isExempt(sql) ? 0 : lockWaitMs
    const limit = wanted === current ? null : engine.lockWait.limit(wanted, scope)
    current = wanted
    if (limit !== null) await connection.query(limit)
  }
}

interface Marker {
  seq: number
}

/** The migration and its row commit together. */
async function runInside(run: StepRun, work: Work, marker: Marker, trace: Trace): Promise<number> {
  const { engine, connection } = run.session
  const before = await engine.transaction.before(connection)
  const started = performance.now()
  try {
    await run.recorder.knex.transaction(async (trx) => {
      marker.seq = await claimFirst(run.session, marker.seq)
      await call(run, work, trx, trace)
      if (trx.isCompleted()) throw endedItself(work.step)
      const objection = await engine.transaction.objection(connection, before)
      if (objection !== null) throw objected(work.step, objection)
      assertNotAborted(run.signal)
      if (!trace.marked) {
        await assertClaimed(run.session, marker.seq)
        await record(run, work, performance.now() - started)
        trace.committing = true
        return
      }
      // The transaction ended with the first statement that commits by itself: the end needs one of its own.
      await connection.query('begin')
      marker.seq = await claim(run.session, marker.seq)
      await finish(run, work, performance.now() - started)
      trace.committing = true
    })
  } finally {
    await engine.transaction.after(connection, before).catch(() => undefined)
  }
  return marker.seq
}

/** What forbids mig to write its own tables is no fault of the migration. */
async function claimFirst(session: Session, seq: number): Promise<number> {
  try {
    return await claim(session, seq)
  } catch (error) {
    const { engine, place } = session
    const { kind } = engine.describe(error)
    throw kind === 'permission' || kind === 'read-only' ? engineError(engine, place, error) : error
  }
}

/** Where nothing can be taken back: marked before, finished after, each for good. */
async function runOutside(run: StepRun, work: Work, marker: Marker, trace: Trace): Promise<number> {
  const started = performance.now()
  await inTransaction(run.session, async () => {
    marker.seq = await claimFirst(run.session, marker.seq)
    await mark(run, work)
  })
  trace.marked = true
  await call(run, work, run.recorder.knex, trace)
  await inTransaction(run.session, async () => {
    marker.seq = await claim(run.session, marker.seq)
    await finish(run, work, performance.now() - started)
  })
  return marker.seq
}

/**
 * On engines whose DDL commits: the mark is written into the open transaction right before the statement that commits
 * it. So a migration that only changes rows stays atomic, and one with DDL is marked from the moment it is not.
 */
async function markForGood(run: StepRun, work: Work, trace: Trace): Promise<void> {
  await mark(run, work)
  trace.marked = true
}

async function mark(run: StepRun, { step, row }: Work): Promise<void> {
  if (step.direction === 'up') await insertRow(run.session, { ...row, state: 'running', durationMs: null })
  else await setState(run.session, row.revision, 'reverting')
}

async function record(run: StepRun, { step, row }: Work, durationMs: number): Promise<void> {
  if (step.direction === 'up')
    await insertRow(run.session, { ...row, state: 'applied', durationMs: Math.round(durationMs) })
  else await deleteRow(run.session, row.revision)
}

async function finish(run: StepRun, { step, row }: Work, durationMs: number): Promise<void> {
  if (step.direction === 'up') await finishRow(run.session, row.revision, Math.round(durationMs))
  else await deleteRow(run.session, row.revision)
}

/** Whether the database has the mark of a step: it is rolled back with a statement that failed before it committed. */
export async function isMarked(session: Session, { step, row }: Pick<Work, 'step' | 'row'>): Promise<boolean> {
  return (await readState(session, row.revision)) === (step.direction === 'up' ? 'running' : 'reverting')
}

/** Takes the mark of a step away again that changed nothing. Returns the counter. */
export async function unmark(session: Session, { step, row }: Pick<Work, 'step' | 'row'>): Promise<number> {
  return inTransaction(session, async () => {
    const seq = await claim(session, (await readBook(session)).seq)
    if (step.direction === 'up') await deleteRow(session, row.revision)
    else await setState(session, row.revision, 'applied')
    return seq
  })
}

/** Calls `up` or `down`; when the run is stopped, its statement is cancelled and the call is given up. */
async function call({ session, report, signal }: StepRun, work: Work, knex: Knex, trace: Trace): Promise<void> {
  const { step, migration } = work
  const { direction, revision } = step
  const context: MigrationContext = {
    engine: session.engine.name,
    revision: revision.revision,
    direction,
    log: (message) => report({ kind: 'log', revision: revision.revision, message: String(message) }),
    signal,
  }
  const run = direction === 'up' ? migration.up : migration.down
  if (run === undefined) throw missingDown(revision.revision)
  assertNotAborted(signal)
  trace.calling = true
  try {
    await untilAborted(session, signal, trace, async () => run(knex, context))
  } catch (thrown) {
    // Knex takes a rejection with `undefined` for a wish to roll back in silence.
    throw thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown })
  } finally {
    trace.calling = false
  }
  assertRan(work.step, trace)
}

function note(run: StepRun, { step }: Work, trace: Trace, { sql, durationMs, failure }: Statement): void {
  trace.running--
  if (failure !== null) trace.failure ??= { sql, failure }
  else if (!isRead(sql)) trace.changes++
  if (!isTransactionControl(sql))
    run.report({ kind: 'statement', revision: step.revision.revision, sql, durationMs, failed: failure !== null })
}
