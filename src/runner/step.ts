// One step of a plan: a migration and its history row, together or told apart for good.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Step } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Listener } from '../core/event.js'
import { MigrationError } from '../core/errors.js'
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
import { assertNotAborted } from './lock.js'
import type { Recorder, Statement, StatementFailure, Watch } from './recorder.js'
import type { Session } from './session.js'
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

/** What was seen of a migration while it ran. */
export interface Trace {
  /** Statements that succeeded and may have changed something. */
  changes: number
  /** Whether the migration's function is at work. */
  calling: boolean
  /** Whether the run was stopped: nothing more of the migration is sent. */
  givenUp: boolean
  /** Whether all that is left to do is to commit. */
  committing: boolean
  /** Statements that were sent while the function was at work. */
  statements: number
  /** Statements that were sent and have not ended. */
  running: number
  /** The first statement that failed, whether or not the migration let it pass. */
  failure: { readonly sql: string; readonly failure: StatementFailure } | null
  /** Whether the history says `running` or `reverting` for good: a part of the step is committed. */
  marked: boolean
}

export function newTrace(): Trace {
  return {
    calling: false,
    givenUp: false,
    committing: false,
    statements: 0,
    changes: 0,
    running: 0,
    failure: null,
    marked: false,
  }
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
      if (isInside) assertKeepsTransaction(work, sql)
      if (isInside && run.session.engine.commitsImplicitly(sql)) await (marking ??= markForGood(run, work, trace))
      await limitLockWait(sql)
    },
    after: (statement) => note(run, work, trace, statement),
  }
  return run.recorder.watch(watch, () =>
    isInside ? runInside(run, work, marker, trace) : runOutside(run, work, marker, trace),
  )
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
      if (trx.isCompleted()) throw endedItself(work)
      const objection = await engine.transaction.objection(connection, before)
      if (objection !== null) throw objected(work, objection)
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
  assertRan(work, trace)
}

/** A builder without `await` never runs, or runs when nobody waits for it. A merge has nothing to run. */
function assertRan({ step }: Work, { statements, running }: Trace): void {
  const { revision, path, empty, downRevisions } = step.revision
  const name = step.direction
  if (running > 0) {
    throw new MigrationError(
      'migration.failed',
      `${running === 1 ? 'A query was' : `${running} queries were`} still running when ${name} of ${revision} (${path}) returned.`,
      {
        hint: 'Put `await` before every query.',
        revision,
        path,
      },
    )
  }
  if (statements > 0 || empty || downRevisions.length > 1 || name === 'down') return
  throw new MigrationError(
    'migration.no-statement',
    `${name} of ${revision} (${path}) ran no statement. Nothing was changed.`,
    {
      hint: 'A query without `await` never runs. If there is truly nothing to do: export const empty = true',
      revision,
      path,
    },
  )
}

/**
 * Waits for `work`. An abort cancels the running statement, lets no other be sent, and gives up waiting when none is
 * under way any more: only then can be told what is left.
 */
async function untilAborted(
  session: Session,
  signal: AbortSignal,
  trace: Trace,
  work: () => Promise<void>,
): Promise<void> {
  let stop = (): void => undefined
  const aborted = new Promise<void>((resolve) => {
    stop = () => {
      trace.givenUp = true
      void session.connection
        .cancel()
        .catch(() => undefined)
        .then(() => settled(trace))
        .finally(resolve)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([work(), aborted])
    assertNotAborted(signal)
  } catch (error) {
    // What a cancelled statement throws is no news.
    if (signal.aborted) await aborted
    assertNotAborted(signal)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const longestSettlingMs = 5000

/** Until no statement is under way; a server that does not cancel is not waited for. */
async function settled(trace: Trace): Promise<void> {
  for (const started = performance.now(); trace.running > 0 && performance.now() - started < longestSettlingMs;)
    await sleep(5)
}

function note(run: StepRun, { step }: Work, trace: Trace, { sql, durationMs, failure }: Statement): void {
  trace.running--
  if (failure !== null) trace.failure ??= { sql, failure }
  else if (!isRead(sql)) trace.changes++
  if (!isTransactionControl(sql))
    run.report({ kind: 'statement', revision: step.revision.revision, sql, durationMs, failed: failure !== null })
}

/** Statements that surely change nothing: a select that calls a function may change anything. */
function isRead(sql: string): boolean {
  if (/;\s*\S/.test(sql)) return false
  const isPlain =
    /^\s*(show|explain|describe|pragma\s+\w+\s*$|set\s+(?!global|persist))\b/i.test(sql) ||
    /^\s*select\b[^(]*$/i.test(sql)
  return isPlain || isTransactionControl(sql)
}

/** What ends a transaction belongs to mig; a nested `knex.transaction` is a savepoint and stays. */
function assertKeepsTransaction(work: Work, sql: string): void {
  const bare = /^\s*create\b/i.test(sql) ? '' : sql.replace(/\$(\w*)\$[\s\S]*?\$\1\$|'[^']*'|--[^\n]*/g, '')
  if (/(^|;)\s*(commit|end|abort|begin|start\s+transaction|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b/i.test(bare))
    throw endedItself(work)
}

function endedItself({ step }: Work): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError(
    'migration.failed',
    `${revision} (${path}) ends or begins the transaction that mig runs it in. It was rolled back.`,
    {
      hint: `Leave commit and rollback to mig. To run without its transaction: export const transaction = false`,
      revision,
      path,
    },
  )
}

function isTransactionControl(sql: string): boolean {
  return /^\s*(begin|commit|rollback|start\s+transaction|savepoint|release)\b/i.test(sql)
}

function objected({ step }: Work, objection: string): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError('migration.failed', `${revision} (${path}) was not committed: ${objection}.`, {
    hint: 'While a migration runs on SQLite, foreign keys are checked at its end and ON DELETE actions do not run: delete or correct those rows in the migration itself.',
    revision,
    path,
  })
}

function missingDown(revision: RevisionId): MigrationError {
  return new MigrationError('migration.irreversible', `${revision} has no down.`, { revision })
}
