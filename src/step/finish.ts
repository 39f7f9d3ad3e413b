// The end of a step in its transaction: the journal, a last look behind the fence, and the history.

import type { Fragment } from '../engines/contract/connection.js'
import { type Entered, leave, moveOnLate, TransactionEnded, unchanged } from '../history/fence.js'
import { altered } from '../history/book.js'
import { countingFrom, deleteRow, deletionFrom, insertRow, insertionFrom } from '../history/rows.js'
import { type Entry, mostEntriesAtOnce } from '../history/journal.js'
import { placeMark, releaseMark } from './identity.js'
import type { Run } from './run.js'
import type { Trace } from './step-state.js'
import type { Work } from './prepared-step.js'
import type { StepRun } from './send.js'
import { judgeEnd } from './verdict.js'
import { changeDone, noteStart } from './tally.js'
import { noteLockWait } from './transaction-state.js'

export interface Ending {
  readonly entries: readonly Entry[]
  readonly durationMs: number
  /** Whether the transaction ends with it. */
  readonly isLast: boolean
  /** How many rows the history has more by it that are not counted yet; less than 0: fewer. */
  readonly added: number
}

/**
 * Writes a step down, as the last thing before its commit; in one round trip where the engine can.
 * @throws LockError `lock.lost`; PartialError or MigrationError when it is not mig's transaction any more; HistoryError `history.altered`
 */
export async function recordStep(run: Run, trace: Trace, entered: Entered, ending: Ending): Promise<void> {
  try {
    const isAtOnce = run.session.engine.chainsWrites && ending.entries.length <= mostEntriesAtOnce
    await (isAtOnce ? recordAtOnce : recordInTurn)(run, trace.work, entered, ending)
    noteLockWait(trace, isAtOnce ? entered.lockWaitMs : null)
  } catch (error) {
    if (!(error instanceof TransactionEnded)) throw error
    await judgeLateEnd({ run, trace })
  }
}

async function recordInTurn({ session, fence, journal }: Run, work: Work, entered: Entered, ending: Ending) {
  const { step, row } = work
  await journal.write(ending.entries)
  await releaseMark(session)
  await leave(session, fence, entered, ending.added)
  if (step.direction === 'down') await deleteRow(session, row.revision)
  else await insertRow(session, appliedRow(work, ending))
  if (!ending.isLast) await placeMark(session)
}

/**
 * Another transaction is open than the one that mig began: it is rolled back. What was done before in mig's is there; which
 * statements those are nobody knows.
 */
async function judgeLateEnd({ run, trace }: StepRun): Promise<never> {
  await run.session.connection.query('rollback').catch(() => undefined)
  noteStart(trace, false)
  changeDone(trace, 'statement')
  return judgeEnd({ run, trace }, null, null)
}

/** All of it hangs on one row of the fence: where that is not as it was, nothing is written, and `leave` says why. */
async function recordAtOnce({ session, fence, journal }: Run, work: Work, entered: Entered, ending: Ending) {
  const { step, row } = work
  const isDown = step.direction === 'down'
  const change: Fragment = isDown
    ? deletionFrom('fence', session, row.revision)
    : insertionFrom('fence', session, appliedRow(work, ending))
  const behind = unchanged(session, fence, entered, ending.isLast)
  const entries = journal.insertionFrom('fence', ending.entries)
  const isCounted = entered.movesLate || ending.added === 0
  const counted = isCounted ? '' : `, counted as (${countingFrom('fence', session, ending.added)})`
  const { affected } = await session.connection.query(
    `with fence as (${behind.sql}), journalled as (${entries.sql})${counted} ${change.sql}`,
    [...behind.values, ...entries.values, ...change.values],
  )
  if (affected === 1) return moveOnLate(session, fence, entered, ending.added)
  await leave(session, fence, entered)
  throw altered(
    session,
    `the row of ${row.revision} was not ${isDown ? 'there' : 'kept; a trigger or rule may act on it'}`,
  )
}

function appliedRow({ row }: Work, { durationMs }: Ending) {
  return { ...row, state: 'applied' as const, durationMs: Math.round(durationMs) }
}
