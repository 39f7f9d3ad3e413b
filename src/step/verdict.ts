// What became of mig's transaction when it is over and mig did not end it: the server's own word, never the text's.

import { readCounter } from '../history/fence.js'
import { isStarted } from '../history/read-journal.js'
import { startedEntries } from './entries.js'
import { markForGood } from './mark.js'
import { committedByItself, rolledBackByItself } from './rules.js'
import type { StepRun } from './send.js'
import type { Run } from './run.js'
import { stopFor, type Trace } from './step-state.js'
import { forgetChanges, noteUnclean, takeEntries } from './tally.js'
import { noteEnded, noteMarked, type Fate } from './transaction-state.js'

/** Whether the server says that no transaction is open; false when the line is gone: then nobody can say. */
export async function isOver({ run }: StepRun): Promise<boolean> {
  const { connection } = run.session
  if (connection.lost() !== null) return false
  const status = await connection.transactionStatus()
  return status === 'none' || status === 'implicit'
}

/**
 * What mig wrote first in the transaction tells: the counter of the fence, or under a lease, where that moves last, the entry
 * that the step was started. Where neither can be read (a migration may drop mig's tables), a part of it may be there.
 */
export async function fateOfTransaction({ run, trace }: StepRun): Promise<Fate> {
  try {
    return (await isThere(run, trace)) ? 'committed' : 'rolled back'
  } catch (error) {
    noteMarked(trace)
    noteUnclean(trace)
    throw error
  }
}

async function isThere({ session, journal }: Run, { entered, work }: Trace): Promise<boolean> {
  if (entered?.movesLate === false) return (await readCounter(session)) === entered.seq
  return isStarted(session, journal.run, work.step.revision.revision)
}

/**
 * Stops the migration: what is durable is marked as such, and nothing more of it is sent. `sql`: the statement after which the
 * transaction was over; null when it was none that passed the gate. `failure`: what the statement, or else the migration, failed with.
 * @throws always: the failure where that is all there is to say or the migration's own, else what says what is there
 */
export async function judgeEnd(
  step: StepRun,
  sql: string | null,
  failure: { readonly error: unknown } | null,
  known?: Fate,
): Promise<never> {
  const { run, trace } = step
  const fate = known ?? (await fateOfTransaction(step))
  noteEnded(trace, fate)
  const kept = takeEntries(trace)
  const entries = fate === 'committed' ? [...startedEntries(trace), ...kept] : []
  if (fate === 'committed') {
    await markForGood(run, trace.work, entries)
    noteMarked(trace)
  } else forgetChanges(trace, null)
  const unforeseen = fate === 'committed' ? committedByItself(trace, sql) : rolledBackByItself(trace.work.step, sql)
  const isOfMigration = fate === 'rolled back' || sql === null
  const error = failure !== null && isOfMigration ? failure.error : unforeseen
  stopFor(trace, error)
  throw error as Error
}
