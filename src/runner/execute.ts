// Carries out a plan: lock, read, decide, walk the steps, tell each event. What to do is decided by the caller.

import type { Listener, MigEvent } from '../core/event.js'
import { EngineError, InterruptedError, MigError, PartialError } from '../core/errors.js'
import { normalizeSource } from '../core/checksum.js'
import type { AppliedRevision } from '../core/graph/history.js'
import type { Plan, Step } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import { revisionTitle } from '../core/graph/revision.js'
import { describePlace } from '../core/place.js'
import type { MigrationFile } from '../files/discover.js'
import type { Migration } from '../files/load.js'
import { failed, leftUnfinished } from './failure.js'
import {
  type Book,
  claim,
  createTables,
  deleteAllRows,
  deleteRow,
  inTransaction,
  insertRow,
  type NewRow,
  readBook,
} from './history-table.js'
import { assertNotAborted, withLock } from './lock.js'
import { createRecorder } from './recorder.js'
import type { Session } from './session.js'
import { isMarked, runStep, type StepRun, type Trace, unmark, type Work } from './step.js'
import { engineError } from './words.js'

export interface RunRequest {
  /** Validates what is there and plans. Called before anything changes, and again whenever the book is read anew. */
  readonly decide: (book: Book) => Plan | Promise<Plan>
  readonly files: ReadonlyMap<RevisionId, MigrationFile>
  /** Only for stamps: forget all that is applied first, whether or not the files know it. */
  readonly purge?: boolean
  /** Labels in `dependsOn` as ids, for the history. */
  readonly dependenciesOf: (id: RevisionId) => readonly RevisionId[]
  /** The functions of a migration. Throws GraphError `graph.bad-module`. */
  readonly load: (file: MigrationFile) => Promise<Migration>
  readonly lockTimeoutMs: number
  /** What runs, for others to read while they wait: "upgrade". */
  readonly command: string
  /** user@host */
  readonly appliedBy: string
  readonly migVersion: string
  readonly report: Listener
  readonly signal: AbortSignal
}

export interface RunResult {
  readonly plan: Plan
  /** The steps that were done; all of the plan's when nothing failed. */
  readonly done: readonly Step[]
}

/**
 * Runs what `decide` makes of the history. When nothing is to be done, nothing is locked or written.
 * @throws what `decide` throws; LockError, MigrationError, PartialError, EngineError, InterruptedError, GraphError
 */
export async function runPlan(session: Session, request: RunRequest): Promise<RunResult> {
  // A row that is `running` may belong to a run that is alive: only under the lock is it known to be left behind.
  const first = await readBook(session)
  if (first.history.every(({ state }) => state === 'applied')) {
    const plan = await request.decide(first)
    if (plan.steps.length === 0) return { plan, done: [] }
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

async function runLocked(session: Session, request: RunRequest): Promise<RunResult> {
  const book = await readBook(session)
  const plan = await request.decide(book)
  request.report({ kind: 'plan', plan })
  if (plan.steps.length === 0) return { plan, done: [] }
  const migrations = await loadAll(plan, request)
  if (!book.exists) await inTransaction(session, () => createTables(session))
  if (plan.steps.every(({ run }) => !run)) return stampAll(session, request, book, plan)
  return walk(session, request, book, plan, migrations)
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

async function walk(
  session: Session,
  request: RunRequest,
  book: Book,
  plan: Plan,
  migrations: ReadonlyMap<RevisionId, Migration>,
): Promise<RunResult> {
  const recorder = createRecorder(session)
  const run: StepRun = { session, recorder, report: request.report, signal: request.signal }
  const total = plan.steps.length
  let seq = book.seq
  let serial = nextSerial(book.history)
  try {
    for (const [index, step] of plan.steps.entries()) {
      const migration = migrations.get(step.revision.revision)
      if (migration === undefined) continue
      const work: Work = { step, migration, row: rowOf(step, serial++, 'upgrade', request) }
      const tell = (kind: 'step-started') => request.report({ kind, step, index, total })
      assertNotAborted(request.signal)
      tell('step-started')
      const started = performance.now()
      const end = (kind: 'step-finished' | 'step-failed'): MigEvent => ({
        kind,
        step,
        index,
        total,
        durationMs: performance.now() - started,
      })
      const trace: Trace = { calling: false, changes: 0, running: 0, failure: null, marked: false }
      try {
        seq = await runStep(run, work, seq, trace)
      } catch (cause) {
        request.report(end('step-failed'))
        throw await explain(session, work, trace, cause, headsAfter(plan, index))
      }
      request.report(end('step-finished'))
    }
  } finally {
    await recorder.close()
  }
  return { plan, done: plan.steps }
}

/** What a failed step means, after looking what can be looked at. */
async function explain(
  session: Session,
  work: Work,
  trace: Trace,
  cause: unknown,
  heads: readonly RevisionId[],
): Promise<MigError> {
  const isStopped = cause instanceof InterruptedError
  if (session.connection.lost() !== null && !isStopped) return connectionLost(session, work, trace, cause)
  if (trace.marked && !(await takenBack(session, work, trace))) {
    return isStopped ? stoppedInTheMiddle(work, cause) : leftUnfinished(work, trace, cause)
  }
  return cause instanceof MigError ? cause : failed(session, work, trace, cause, heads)
}

/**
 * Whether nothing of a marked step is left. The mark may have been rolled back with the statement that should have
 * committed it; and it goes when the step failed before or with its very first change.
 */
async function takenBack(session: Session, work: Work, trace: Trace): Promise<boolean> {
  try {
    if (!(await isMarked(session, work))) return true
    const failedCleanly = trace.failure === null || !session.engine.leavesTraces(trace.failure.sql)
    if (trace.changes > 0 || trace.running > 0 || !failedCleanly) return false
    await unmark(session, work)
    return true
  } catch {
    return false
  }
}

function connectionLost(session: Session, { step }: Work, trace: Trace, cause: unknown): MigError {
  const { revision } = step.revision
  if (!trace.marked) {
    const broken = engineError(session.engine, session.place, cause)
    return new EngineError(
      'engine.unreachable',
      `${broken.message} It broke while ${revisionTitle(step.revision)} was running.`,
      {
        hint: 'Run `mig current` to see where the database stands; an open transaction is rolled back by the server.',
        revision,
        cause,
      },
    )
  }
  return new PartialError(
    'partial.unfinished',
    `The connection broke while ${revisionTitle(step.revision)} was running, and its statements cannot be rolled back.`,
    {
      hint: `Look what is there, complete or undo it by hand, then: mig resolve ${revision} --applied, or: mig resolve ${revision} --not-applied`,
      revision,
      cause,
    },
  )
}

function stoppedInTheMiddle({ step }: Work, cause: InterruptedError): PartialError {
  const { revision } = step.revision
  return new PartialError(
    'partial.unfinished',
    `${revisionTitle(step.revision)} was stopped in the middle, and its statements cannot be rolled back.`,
    {
      hint: `Look what is there, complete or undo it by hand, then: mig resolve ${revision} --applied, or: mig resolve ${revision} --not-applied`,
      revision,
      cause,
    },
  )
}

/** Stamps are rows alone: all of them in one transaction. */
async function stampAll(session: Session, request: RunRequest, book: Book, plan: Plan): Promise<RunResult> {
  let serial = nextSerial(book.history)
  await inTransaction(session, async () => {
    await claim(session, book.seq)
    if (request.purge === true) await deleteAllRows(session)
    for (const step of plan.steps) {
      if (step.direction === 'down') {
        if (request.purge !== true) await deleteRow(session, step.revision.revision)
      } else await insertRow(session, rowOf(step, serial++, 'stamp', request))
    }
  })
  return { plan, done: plan.steps }
}

function rowOf({ revision }: Step, serial: number, origin: 'upgrade' | 'stamp', request: RunRequest): NewRow {
  const file = request.files.get(revision.revision)
  return {
    serial,
    revision: revision.revision,
    downRevisions: revision.downRevisions,
    dependsOn: request.dependenciesOf(revision.revision),
    message: revision.message,
    checksum: file?.checksum() ?? '',
    source: file === undefined ? null : normalizeSource(file.text),
    origin,
    state: 'applied',
    durationMs: null,
    appliedBy: request.appliedBy,
    migVersion: request.migVersion,
  }
}

function nextSerial(history: readonly AppliedRevision[]): number {
  return history.reduce((highest, { serial }) => Math.max(highest, serial), 0) + 1
}

/** Where the database stands when the steps before `index` are done. Heads move by one step at a time. */
function headsAfter(plan: Plan, index: number): readonly RevisionId[] {
  const heads = new Set(plan.from)
  for (const { direction, revision } of plan.steps.slice(0, index)) {
    const { revision: id, downRevisions } = revision
    if (direction === 'up') {
      for (const parent of downRevisions) heads.delete(parent)
      heads.add(id)
    } else {
      heads.delete(id)
      for (const parent of downRevisions) heads.add(parent)
    }
  }
  return [...heads]
}
