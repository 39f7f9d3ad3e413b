// What is written down of a statement that the server refused.

import { type Entry, type EntryOf, takenBack } from '../history/journal.js'
import type { Passing } from './passing.js'
import type { StepRun } from './send.js'

/** With the note that nothing of it is left, where that is so for certain. */
export async function refusalOf(step: StepRun, passing: Passing, entry: EntryOf, error: unknown): Promise<Entry> {
  const isLeft = !passing.facts.allOrNothing && (await mayBeLeft(step, passing))
  return { ...refused(passing, entry, error), ...(!isLeft && { note: takenBack }) }
}

async function mayBeLeft({ run }: StepRun, { sql }: Passing): Promise<boolean> {
  const { connection, engine } = run.session
  const status = await connection.transactionStatus()
  if (status === 'failed') return false
  return engine.transaction.refusalLeaves(connection, { sql, isInside: status === 'open' }).catch(() => true)
}

export function refused({ failureOf }: Passing, entry: EntryOf, error: unknown): Entry {
  return { ...entry, what: 'refused', error: failureOf(error).message }
}
