// Steps of a plan: each migration and its history row, together or told apart for good.

import type { Knex } from 'knex'
import { MigError } from '../core/errors.js'
import { call } from './call-migration.js'
import { conduct } from './gate.js'
import { type Entered, enter, fenced } from '../history/fence.js'
import { readBook, readState } from '../history/book.js'
import { deleteRow, finishRow, insertRow, setSource, setState } from '../history/rows.js'
import { assertNotAborted } from '../session/pause.js'
import type { Entry } from '../history/journal.js'
import { recordStep } from './finish.js'
import { openReplay } from './replay.js'
import { endedItself, objected } from './rules.js'
import type { Session } from '../session/session.js'
import { type Trace, turnTo } from './step-state.js'
import type { Run } from './run.js'
import type { Work } from './prepared-step.js'
import { engineError } from '../session/driver-errors.js'

/**
 * Runs steps and records them: several in one transaction, or one in whatever way it asks for. Returns how many of them
 * are done: a group ends where what a migration made can be used only after a commit. The counter of the fence is moved.
 * Throws what the migration or the driver threw; `trace` tells how far it came.
 */
export async function runSteps(run: Run, works: readonly Work[], trace: Trace): Promise<number> {
  const replay = trace.work.isResumed ? await openReplay(run, trace.work) : null
  if (replay?.hasBegun === true) trace.changes++ // an earlier run did something of it
  const gate = conduct({ run, trace, replay, mark: () => mark(run.session, trace.work) })
  try {
    return await run.recorder.through(gate, async () => {
      if (trace.isInside) return runInside(run, works, trace)
      await (replay === null ? begin(run, trace) : resume(run, trace))
      await call(run, trace, run.recorder.knex, replay)
      await end(run, trace)
      return 1
    })
  } catch (error) {
    throw error instanceof Error && error.cause instanceof MigError ? error.cause : error
  }
}

/** The migrations and their rows commit together. */
async function runInside(run: Run, works: readonly Work[], trace: Trace): Promise<number> {
  const { engine, connection } = run.session
  const before = await engine.transaction.before(connection)
  let entered: Entered | null = null
  let done = 0
  try {
    await run.recorder.knex.transaction(async (trx) => {
      await noteSession(run)
      for (const work of works) {
        const started = performance.now()
        if (work !== trace.work) turnTo(trace, work)
        if (entered === null || entered.movesLate) entered = await enterFirst(run, trace)
        await runOne(run, trace, trx, { before, entered, isLast: work === works.at(-1) })
        trace.durations.push(performance.now() - started)
        done++
        if (trace.endsGroup || trace.marked) break
      }
      trace.committing = true
    }, isolation(run))
  } finally {
    await engine.transaction.after(connection, before).catch(() => undefined)
  }
  return done
}

/** The transaction in which a work runs. */
interface Opened {
  /** Of the engine. */
  readonly before: unknown
  readonly entered: Entered
  /** Whether no other work is to come in it. */
  readonly isLast: boolean
}

async function runOne(run: Run, trace: Trace, trx: Knex.Transaction, opened: Opened): Promise<void> {
  const { before, entered } = opened
  const { session, fence } = run
  const { step } = trace.work
  const started = performance.now()
  await call(run, trace, trx, null)
  if (trx.isCompleted()) throw endedItself(step)
  // The transaction ended with the first statement that commits by itself: the end needs one of its own.
  if (trace.marked) {
    fence.seq = entered.seq
    return end(run, trace)
  }
  const objection = await session.engine.transaction.objection(session.connection, before)
  if (objection !== null) throw objected(step, objection)
  assertNotAborted(run.signal)
  const about = { revision: step.revision.revision, direction: step.direction }
  const what = step.direction === 'up' ? 'applied' : 'reverted'
  const durationMs = performance.now() - started
  const entries: readonly Entry[] = [{ what: 'started', ...about }, ...trace.entries, { what, ...about, durationMs }]
  const isLast = opened.isLast || trace.endsGroup
  await recordStep(run, trace, entered, { entries, durationMs, isLast })
  trace.entries = []
}

/** Behind a pooler only inside of a transaction it is known which session of the server is at work. */
async function noteSession({ session, hold }: Run): Promise<void> {
  if (!session.keepsSession) hold.worksOn(await session.engine.activity.connectionId(session.connection))
}

/** Under a lease the heartbeat writes the row that the fence reads: a stricter isolation would call that a conflict. */
function isolation({ fence, session }: Run): Knex.TransactionConfig {
  return fence.token !== null && session.engine.name === 'postgres' ? { isolationLevel: 'read committed' } : {}
}

/** What forbids mig to write its own tables is no fault of the migration. */
async function enterFirst({ session, fence }: Run, trace: Trace): Promise<Entered> {
  const { opening } = trace
  trace.opening = null
  try {
    const entered = await enter(session, fence, opening)
    trace.lockWaitMs = entered.lockWaitMs
    return entered
  } catch (error) {
    const { engine, place } = session
    const { kind } = engine.describe(error)
    throw kind === 'permission' || kind === 'read-only' ? engineError(engine, place, error) : error
  }
}

/** Where nothing can be taken back: marked before, for good. */
async function begin(run: Run, trace: Trace): Promise<void> {
  const { session, journal } = run
  const { step } = trace.work
  trace.startedMs = performance.now()
  await fencedFirst(run, async () => {
    await mark(session, trace.work)
    await journal.write([{ what: 'started', revision: step.revision.revision, direction: step.direction }])
  })
  trace.marked = true
}

async function resume({ journal }: Run, trace: Trace): Promise<void> {
  const { step } = trace.work
  trace.startedMs = performance.now()
  trace.marked = true
  await journal.writeFenced({ what: 'resumed', revision: step.revision.revision, direction: step.direction })
}

async function fencedFirst(run: Run, work: () => Promise<void>): Promise<void> {
  try {
    await fenced(run.session, run.fence, work)
  } catch (error) {
    const { engine, place } = run.session
    const { kind } = engine.describe(error)
    throw kind === 'permission' || kind === 'read-only' ? engineError(engine, place, error) : error
  }
}

/** The mark becomes what it stood for. */
async function end(run: Run, trace: Trace): Promise<void> {
  const { session, journal, fence } = run
  const { step, row, isResumed } = trace.work
  const durationMs = performance.now() - trace.startedMs
  assertNotAborted(run.signal)
  // First: the history is not to be written in another role, or another time zone.
  await run.settings.settle(trace)
  await fenced(session, fence, async () => {
    const what = step.direction === 'up' ? 'applied' : 'reverted'
    await journal.write([{ what, revision: step.revision.revision, direction: step.direction, durationMs }])
    if (step.direction === 'down') return deleteRow(session, row.revision)
    // It may have been mended since it was begun: what is kept is what was completed.
    if (isResumed) await setSource(session, row.revision, row)
    await finishRow(session, row.revision, Math.round(durationMs))
  })
}

async function mark(session: Session, { step, row }: Work): Promise<void> {
  if (step.direction === 'up') await insertRow(session, { ...row, state: 'running', durationMs: null })
  else await setState(session, row.revision, 'reverting')
}

/** Whether the database has the mark of a step: it is rolled back with a statement that failed before it committed. */
export async function isMarked(session: Session, { step, row }: Work): Promise<boolean> {
  return (await readState(session, row.revision)) === (step.direction === 'up' ? 'running' : 'reverting')
}

/** Marks a step that ended its transaction: of what it did nobody knows what is there. */
export async function markAfterwards(run: Run, work: Work): Promise<void> {
  run.fence.seq = (await readBook(run.session)).seq
  await fenced(run.session, run.fence, () => mark(run.session, work))
}

/** Takes the mark of a step away again that changed nothing. */
export async function unmark({ session, fence }: Run, { step, row }: Work): Promise<void> {
  fence.seq = (await readBook(session)).seq
  await fenced(session, fence, async () => {
    if (step.direction === 'up') await deleteRow(session, row.revision)
    else await setState(session, row.revision, 'applied')
  })
}
