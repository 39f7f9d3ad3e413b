// Transactions and savepoints that a migration begins itself: what the server rolled back with them is written down, so that a
// resumed migration does it again.

import { readDone } from '../history/read-journal.js'
import type { StepRun } from './send.js'
import type { Trace } from './step-state.js'
import { changeDone, forgetChanges } from './tally.js'
import { type Level, takeOwn } from './transaction-state.js'

/** In mig's transaction: what was rolled back to a savepoint is known by heart. */
export function undoSince(trace: Trace, { before }: Level): void {
  changeDone(trace, 'undone', before)
}

/**
 * The migration's own transaction is over: the journal, which was written in it, tells what of it is there. `isSure`: the
 * server has said that it was committed as a whole.
 */
export async function settleOwn({ run, trace }: StepRun, isSure: boolean): Promise<void> {
  const { own, isInDoubt } = takeOwn(trace)
  if (own.length === 0 || (isSure && !isInDoubt)) return
  const { revision, direction } = trace.work.step
  const done = await readDone(run.session, run.journal.run, revision.revision, direction)
  const undone = own.filter(({ ordinal, step }) => !done.has(`${ordinal} ${step ?? ''}`))
  forgetChanges(trace, undone.length)
  if (undone.length > 0) await run.journal.write(undone.map((entry) => ({ ...entry, what: 'undone' })))
}
