// Transactions and savepoints that a migration begins itself: what the server rolled back with them is written down, so that a
// resumed migration does it again.

import { type Entry, keyOf } from '../history/journal.js'
import { readWritten } from '../history/read-journal.js'
import type { StepRun } from './send.js'
import type { Trace } from './step-state.js'
import { changeDone, forgetChanges, noteUnclean } from './tally.js'
import { type Level, noteOwnUndone, type OwnEntry, takeOwn } from './transaction-state.js'

/** In mig's transaction: what was rolled back to a savepoint is known by heart. */
export function undoSince(trace: Trace, { before }: Level): void {
  changeDone(trace, 'undone', before)
}

/**
 * It was rolled back to a savepoint, whose level is given where mig knows it. What is not done is written down in the same
 * transaction: a run that dies right after its commit would leave statements of which the journal says nothing.
 */
export async function settlePart(step: StepRun, level: Level | undefined): Promise<void> {
  const own = step.trace.own.slice(level?.before)
  if (own.length === 0) return
  const isLeft = await leavesSomething(step)
  const undone = level === undefined ? await missing(step, own) : own
  await step.run.journal.write(entriesOfUndone(step.trace, undone, isLeft))
}

/**
 * The migration's own transaction is over: the journal, which was written in it, tells what of it is there. `isSure`: the
 * server has said that it was committed as a whole.
 */
export async function settleOwn(step: StepRun, isSure: boolean): Promise<void> {
  const own = takeOwn(step.trace)
  if (own.length === 0 || isSure) return
  const isLeft = await leavesSomething(step)
  await writeForGood(step, entriesOfUndone(step.trace, await missing(step, own), isLeft))
}

/** Without autocommit the entries begin another transaction: they are not to go with that. */
export async function writeForGood({ run: { session, journal } }: StepRun, entries: readonly Entry[]): Promise<void> {
  await journal.write(entries)
  if ((await session.connection.transactionStatus()) === 'open') await session.connection.query('commit')
}

/** Right after a rollback: whether it could not take back everything. */
export async function leavesSomething({ run }: StepRun): Promise<boolean> {
  const { connection, engine } = run.session
  return (await engine.transaction.leftBehind(connection)) !== null
}

async function missing({ run, trace }: StepRun, own: readonly OwnEntry[]): Promise<readonly OwnEntry[]> {
  const { revision, direction } = trace.work.step
  const written = await readWritten(run.session, run.journal.run, revision.revision, direction)
  return own.filter(({ otherwise }) => !written.has(keyOf(otherwise)))
}

/** `isLeft`: tables without transactions kept what was written to them, and nobody knows by which of the statements. */
function entriesOfUndone(trace: Trace, undone: readonly OwnEntry[], isLeft: boolean): readonly Entry[] {
  const count = noteOwnUndone(undone)
  if (isLeft) noteUnclean(trace)
  else forgetChanges(trace, count)
  return undone.map(({ otherwise }) => (isLeft ? inDoubt(otherwise) : otherwise))
}

function inDoubt(entry: Entry): Entry {
  return entry.what === 'undone' ? { ...entry, what: 'statement' } : entry
}
