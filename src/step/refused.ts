// What is written down of a statement that the server refused.

import { type Entry, type EntryOf, takenBack } from '../history/journal.js'
import { leavesSomething } from './own-transaction.js'
import type { Passing } from './passing.js'
import type { StepRun } from './send.js'

export interface Refused {
  /** What the server refused it with. */
  readonly error: unknown
  /** Whether it was sent in a transaction that takes it along when it is rolled back. */
  readonly isWithin: boolean
}

/** With the note that nothing of it is left, where that is so for certain. */
export async function refusalOf(
  step: StepRun,
  passing: Passing,
  entry: EntryOf,
  { error, isWithin }: Refused,
): Promise<Entry> {
  const isLeft = !passing.facts.allOrNothing && (await mayBeLeft(step, passing, isWithin))
  return { ...refused(passing, entry, error), ...(!isLeft && { note: takenBack }) }
}

async function mayBeLeft(step: StepRun, { sql }: Passing, isWithin: boolean): Promise<boolean> {
  const { connection, engine } = step.run.session
  const status = await connection.transactionStatus()
  if (status === 'failed') return false
  const isInside = status === 'open'
  if (isWithin && !isInside) return leavesSomething(step)
  return engine.transaction.refusalLeaves(connection, { sql, isInside }).catch(() => true)
}

export function refused({ failureOf }: Passing, entry: EntryOf, error: unknown): Entry {
  return { ...entry, what: 'refused', error: failureOf(error).message }
}
