// Steps of a plan: each migration and its history row, together or told apart for good.

import { isError } from '../core/thrown.js'
import type { Knex } from 'knex'
import { MigError } from '../core/errors.js'
import { fenced } from '../history/fence.js'
import { deleteRow, finishRow, setSource } from '../history/rows.js'
import type { Entry } from '../history/journal.js'
import { engineError } from '../session/driver-errors.js'
import { assertNotAborted } from '../session/pause.js'
import { cancellable } from '../session/cancellable.js'
import { call } from './call-migration.js'
import { startedEntries } from './entries.js'
import { recordStep } from './finish.js'
import { openGate } from './gate.js'
import { enterFenced } from './identity.js'
import { mark, rowsOfMark } from './mark.js'
import { closeOwn } from './outside.js'
import type { Work } from './prepared-step.js'
import { openReplay } from './replay.js'
import { endedItself, leftOpen, objected } from './rules.js'
import type { Run } from './run.js'
import { noteDuration, noteStarted, type Trace, turnTo } from './step-state.js'
import { isOver, judgeEnd } from './verdict.js'
import { noteChange, takeEntries } from './tally.js'
import { noteLeftBehind, noteMarked } from './transaction-state.js'

/**
 * Runs steps and records them: several in one transaction, or one in whatever way it asks for. Returns how many of them
 * are done: a group ends where what a migration made can be used only after a commit. The counter of the fence is moved.
 * Throws what the migration or the driver threw; `trace` tells how far it came.
 */
export async function runSteps(
  run: Run,
  works: readonly Work[],
  trace: Trace,
  onTurn: (work: Work) => void,
): Promise<number> {
  const replay = trace.work.isResumed ? await openReplay(run, trace.work) : null
  if (replay?.hasBegun === true) noteChange(trace) // an earlier run did something of it
  try {
    return await run.recorder.through(openGate({ run, trace, replay }), async () => {
      if (trace.isInside) return runInside(run, works, trace, onTurn)
      await run.around.leave()
      await (replay === null ? begin(run, trace) : resume(run, trace))
      await call(run, trace, run.recorder.knex, replay)
      await end(run, trace)
      return 1
    })
  } catch (error) {
    await closeLeftOpen(run, trace)
    // Whatever the migration made of it.
    if (trace.stopped !== null) throw trace.stopped.error as Error
    throw isError(error) && error.cause instanceof MigError ? error.cause : error
  }
}

/** What a migration that failed has begun itself and not ended: mig looks and writes behind it. */
async function closeLeftOpen(run: Run, trace: Trace): Promise<void> {
  if (!trace.marked || trace.running > 0 || run.session.connection.lost() !== null) return
  await closeOwn({ run, trace }).catch(() => undefined)
}

/** The migrations and their rows commit together. */
async function runInside(
  run: Run,
  works: readonly Work[],
  trace: Trace,
  onTurn: (work: Work) => void,
): Promise<number> {
  const before = await run.around.enter()
  let done = 0
  let isCommitted = false
  try {
    await run.recorder.knex.transaction(async (trx) => {
      await noteSession(run)
      for (const work of works) {
        const started = performance.now()
        if (work !== trace.work) {
          turnTo(trace, work)
          onTurn(work)
          await enterLate(run, trace)
        }
        await runOne(run, trace, trx, { before, isLast: work === works.at(-1) })
        noteDuration(trace, performance.now() - started)
        done++
        if (trace.endsGroup || trace.marked) break
      }
    }, isolation(run))
    isCommitted = done > 0
  } finally {
    await rollBackRest(run, trace)
    if (!isCommitted) await run.around.leave()
  }
  // Knex is done when it was asked for a rollback, whether or not the migration is.
  if (done === 0) throw (trace.stopped?.error ?? endedItself(trace.work.step)) as Error
  return done
}

/** Under a lease the counter moves with each work of a transaction: each enters the fence for itself. */
async function enterLate(run: Run, trace: Trace): Promise<void> {
  if (trace.entered?.movesLate !== true) return
  await enterFenced({ run, trace }, null)
  await run.journal.write(startedEntries(trace))
}

/** Knex takes a transaction for ended that the migration asked it to end. */
async function rollBackRest(run: Run, trace: Trace): Promise<void> {
  const { connection, engine } = run.session
  // A statement that was not cancelled would keep the answer back.
  if (connection.lost() !== null || trace.running > 0 || (await isOver({ run, trace }).catch(() => true))) return
  await connection.query('rollback').catch(() => undefined)
  if (trace.leftBehind === null)
    noteLeftBehind(trace, await engine.transaction.leftBehind(connection).catch(() => null))
}

/** The transaction in which a work runs. */
interface Opened {
  /** Of the engine. */
  readonly before: unknown
  /** Whether no other work is to come in it. */
  readonly isLast: boolean
}

async function runOne(run: Run, trace: Trace, trx: Knex.Transaction, opened: Opened): Promise<void> {
  const { before } = opened
  const { session } = run
  const { step } = trace.work
  const started = performance.now()
  await call(run, trace, trx, null).catch((error: unknown) => judgeFailure(run, trace, error))
  if (trx.isCompleted()) throw endedItself(step)
  // The transaction ended with the first statement that commits by itself: the end needs one of its own.
  if (trace.marked) return end(run, trace)
  if (await isOver({ run, trace })) await judgeEnd({ run, trace }, null, null)
  const objection = await session.engine.transaction.objection(session.connection, before)
  if (objection !== null) throw objected(step, objection)
  assertNotAborted(run.signal)
  const about = { revision: step.revision.revision, direction: step.direction }
  const what = step.direction === 'up' ? 'applied' : 'reverted'
  const durationMs = performance.now() - started
  const entries: readonly Entry[] = [...startedEntries(trace), ...trace.entries, { what, ...about, durationMs }]
  if (trace.entered === null) throw endedItself(step)
  const isLast = opened.isLast || trace.endsGroup
  await run.settings.restoreInside()
  const { entered } = trace
  const ending = { entries, durationMs, isLast, added: notCounted(trace) }
  await cancellable(session, run.signal, () => recordStep(run, trace, entered, ending))
  takeEntries(trace)
}

/** A rollback takes nothing back where the transaction was over before the migration failed: past mig, nobody saw that. */
async function judgeFailure(run: Run, trace: Trace, error: unknown): Promise<never> {
  const isJudged = trace.stopped !== null || trace.marked || trace.entered === null
  if (!isJudged && trace.running === 0 && (await isOver({ run, trace })))
    await judgeEnd({ run, trace }, null, { error })
  throw error
}

/** How many rows the work adds in all that are not counted yet. */
function notCounted({ work, isCounted }: Trace): number {
  return isCounted ? 0 : work.step.direction === 'up' ? 1 : -1
}

/** Behind a pooler only inside of a transaction it is known which session of the server is at work. */
async function noteSession({ session, held }: Run): Promise<void> {
  if (!session.keepsSession) held.worksOn(await session.engine.activity.connectionId(session.connection))
}

/** Under a lease the heartbeat writes the row that the fence reads: a stricter isolation would call that a conflict. */
function isolation({ fence, session }: Run): Knex.TransactionConfig {
  const { leaseIsolation } = session.engine
  return fence.token !== null && leaseIsolation !== null ? { isolationLevel: leaseIsolation } : {}
}

/** Where nothing can be taken back: marked before, for good. */
async function begin(run: Run, trace: Trace): Promise<void> {
  const { session, journal } = run
  const { step } = trace.work
  noteStarted(trace)
  await fencedFirst(run, rowsOfMark(trace.work), async () => {
    await mark(session, trace.work)
    await journal.write([{ what: 'started', revision: step.revision.revision, direction: step.direction }])
  })
  noteMarked(trace)
}

async function resume({ journal }: Run, trace: Trace): Promise<void> {
  const { step } = trace.work
  noteStarted(trace)
  noteMarked(trace)
  await journal.writeFenced({ what: 'resumed', revision: step.revision.revision, direction: step.direction })
}

async function fencedFirst(run: Run, added: number, work: () => Promise<void>): Promise<void> {
  try {
    await cancellable(run.session, run.signal, () => fenced(run.session, run.fence, { added }, work))
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
  if (await closeOwn({ run, trace })) throw leftOpen(step)
  // First: the history is not to be written in another role, or another time zone.
  await run.settings.restore(trace)
  const change = { added: step.direction === 'down' ? -1 : 0 }
  const record = async () => {
    const what = step.direction === 'up' ? 'applied' : 'reverted'
    await journal.write([{ what, revision: step.revision.revision, direction: step.direction, durationMs }])
    if (step.direction === 'down') return deleteRow(session, row.revision)
    // It may have been fixed since it was begun: what is kept is what was completed.
    if (isResumed) await setSource(session, row.revision, row)
    await finishRow(session, row.revision, Math.round(durationMs))
  }
  await cancellable(session, run.signal, () => fenced(session, fence, change, record))
}
