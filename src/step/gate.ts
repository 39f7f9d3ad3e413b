// The gate: the statements of a migration pass it one after the other. Each is sent, refused, or left out because an earlier
// run did it; what cannot be taken back is journalled; and after each the server is asked where the transaction stands.

import { MigError } from '../core/errors.js'
import { assertNotAborted } from '../session/pause.js'
import { limitLockWait } from '../session/lock-wait.js'
import { control } from './control.js'
import { passInside } from './inside.js'
import { passOutside, type ResumableStep } from './outside.js'
import type { ControlRequest, Gate, Passing } from './passing.js'
import { assertHarmlessBehindPooler } from './pooler.js'
import { lateQuery } from './rules.js'
import { stop } from './step-state.js'
import { noteRunning, noteStatement, noteThings } from './tally.js'
import { noteGroupEnd, noteLockWait } from './transaction-state.js'

export function openGate(step: ResumableStep): Gate {
  const { trace } = step
  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<unknown>): Promise<unknown> => {
    noteRunning(trace, 1)
    const turn = queue.then(work).finally(() => {
      noteRunning(trace, -1)
    })
    queue = turn.catch(() => undefined)
    return turn
  }
  return {
    pass: (passing) => inTurn(() => orStop(step, passing, (watched) => pass(step, watched))),
    control: (request) => inTurn(() => orStop(step, request, (watched) => passControl(step, watched))),
  }
}

/**
 * A migration may let pass what its statement failed with, and nothing else: what mig refused, or could not write down, is
 * followed by nothing. In mig's transaction, and in one that has failed, nothing is lost by what could not be written.
 */
async function orStop<Sent extends Passing | ControlRequest>(
  step: ResumableStep,
  sent: Sent,
  work: (watched: Sent) => Promise<void>,
): Promise<void> {
  const own = new Set<unknown>()
  const send = (sql?: string): Promise<unknown> =>
    sent.send(sql).catch((error: unknown) => {
      own.add(error)
      throw error
    })
  try {
    await work({ ...sent, send })
  } catch (error) {
    const isOfOther = sent.caller !== null && sent.caller.work !== step.trace.work
    const isOfMig = error instanceof MigError || (!own.has(error) && (await mustBeWritten(step)))
    if (isOfMig && !isOfOther) stop(step.trace, error)
    throw error
  }
}

async function mustBeWritten({ run, trace }: ResumableStep): Promise<boolean> {
  const { connection } = run.session
  if (trace.isInside && !trace.marked) return false
  return connection.lost() === null && (await connection.transactionStatus()) !== 'failed'
}

/** What a transaction of Knex ends is not refused: whatever was stopped, an end must be possible. */
async function passControl(step: ResumableStep, request: ControlRequest): Promise<void> {
  const { trace } = step
  const ends = request.kind === 'rollback' || request.kind === 'rollback to'
  if (!ends) {
    await assertInTime(step, request)
    assertGoesOn(step)
  }
  if (trace.calling) noteStatement(trace)
  await control(step, request)
}

async function pass(step: ResumableStep, passing: Passing): Promise<void> {
  const { run, trace } = step
  await assertInTime(step, passing)
  assertGoesOn(step)
  if (!trace.calling)
    throw stop(trace, lateQuery(passing.caller ?? { work: trace.work, step: null }, passing.sql)).error
  const { engine, keepsSession } = run.session
  if (!keepsSession)
    assertHarmlessBehindPooler(trace.work.step, passing.sql, engine.sessionState.leavesBehind(passing.sql))
  noteStatement(trace)
  if (passing.facts.endsGroup) noteGroupEnd(trace)
  if (trace.thingsBefore === null && engine.losses.mayLose(passing.sql))
    noteThings(trace, await engine.losses.look(run.session.connection))
  if (passing.beside === null) {
    await run.settings.note(trace, passing.sql, passing.facts)
    noteLockWait(trace, await limitLockWait(run.session, trace, passing.facts))
  }
  await (trace.isInside && !trace.marked ? passInside(step, passing) : passOutside(step, passing))
}

/**
 * A query that its caller did not wait for is nobody else's. A named step that was written down as done is not done, then.
 * @throws MigrationError `migration.failed`
 */
async function assertInTime({ run, trace }: ResumableStep, { caller, sql }: Passing | ControlRequest): Promise<void> {
  if (caller === null) return
  if (caller.work !== trace.work) throw lateQuery(caller, sql)
  if (caller.step === null || caller.step === trace.step) return
  const stopped = stop(trace, lateQuery(caller, sql))
  const { revision, direction } = caller.work.step
  const undone = { what: 'undone' as const, revision: revision.revision, direction, step: caller.step }
  if (trace.marked) await run.journal.write([undone])
  throw stopped.error
}

function assertGoesOn({ trace }: ResumableStep): void {
  if (trace.givenUp !== null) assertNotAborted(trace.givenUp)
  if (trace.stopped !== null) throw trace.stopped.error
}
