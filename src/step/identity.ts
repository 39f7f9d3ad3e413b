// That it is still the same transaction: a savepoint of mig, where the engine has no name for a transaction. It goes with
// whatever ends the transaction, also when another one was begun in the same breath.

import { enter, TransactionEnded } from '../history/fence.js'
import { engineError } from '../session/driver-errors.js'
import type { Session } from '../session/session.js'
import { cancellable } from '../session/cancellable.js'
import { startedEntries } from './entries.js'
import { rowsOfMark } from './mark.js'
import type { ControlRequest } from './passing.js'
import type { StepRun } from './send.js'
import { noteEntered } from './transaction-state.js'

const name = 'mig_tx'

/** Begins mig's transaction with the fence, in one message where the engine can. */
export async function enterTransaction({ run, trace }: StepRun, request: ControlRequest): Promise<void> {
  const { session, fence } = run
  const joins = session.engine.transaction.joinsBegin && fence.token === null
  if (!joins) await request.send()
  await enterFenced({ run, trace }, joins ? request.sql : null)
  await placeMark(session)
  // Under a lease the counter does not tell later whether the transaction was committed: this does.
  if (trace.entered?.movesLate === true) await run.journal.write(startedEntries(trace))
}

/** What forbids mig to write its own tables is no fault of the migration. */
export async function enterFenced({ run, trace }: StepRun, opening: string | null): Promise<void> {
  const { session, fence, signal } = run
  try {
    const added = rowsOfMark(trace.work)
    const entered = await cancellable(session, signal, () => enter(session, fence, { opening, added }))
    noteEntered(trace, entered, added !== 0 && !entered.movesLate)
  } catch (error) {
    const { engine, place } = session
    const { kind } = engine.describe(error)
    throw kind === 'permission' || kind === 'read-only' ? engineError(engine, place, error) : error
  }
}

export async function placeMark({ engine, connection }: Session): Promise<void> {
  if (engine.transaction.identity === null) await connection.query(`savepoint ${name}`)
}

/** @throws TransactionEnded when the savepoint is not there any more */
export async function releaseMark({ engine, connection }: Session): Promise<void> {
  if (engine.transaction.identity !== null) return
  try {
    await connection.query(`release savepoint ${name}`)
  } catch (error) {
    throw connection.lost() === null ? new TransactionEnded() : error
  }
}
