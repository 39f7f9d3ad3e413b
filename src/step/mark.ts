// The mark of a step in the history: `running` or `reverting`, for good where its statements cannot be taken back.

import { readState } from '../history/book.js'
import { fenced, reread } from '../history/fence.js'
import type { Entry } from '../history/journal.js'
import { count, deleteRow, insertRow, setState } from '../history/rows.js'
import type { Session } from '../session/session.js'
import type { Run } from './run.js'
import type { Work } from './prepared-step.js'
import type { Trace } from './step-state.js'

/** Writes the mark, in the open transaction. */
export async function mark(session: Session, { step, row }: Work): Promise<void> {
  if (step.direction === 'up') await insertRow(session, { ...row, state: 'running', durationMs: null })
  else await setState(session, row.revision, 'reverting')
}

/** As `mark`, in the transaction of mig, which may have counted the row when it was begun. */
export async function markInside(session: Session, { work, isCounted }: Trace): Promise<void> {
  await mark(session, work)
  if (!isCounted && rowsOfMark(work) !== 0) await count(session, rowsOfMark(work))
}

/** How many rows the mark of a step adds to the history. */
export function rowsOfMark({ step }: Work): number {
  return step.direction === 'up' ? 1 : 0
}

/** Whether the database has the mark: it is rolled back with a statement that failed before it committed. */
export async function isMarked(session: Session, { step, row }: Work): Promise<boolean> {
  return (await readState(session, row.revision)) === (step.direction === 'up' ? 'running' : 'reverting')
}

/** Writes the mark for good, with what is known of the step; the counter is read anew. */
export async function markForGood(
  { session, fence, journal }: Run,
  work: Work,
  entries: readonly Entry[],
): Promise<void> {
  const { history } = await reread(session, fence)
  // The transaction that the migration ended may have counted the row, or not.
  await fenced(session, fence, { revisions: history.length + rowsOfMark(work) }, async () => {
    await mark(session, work)
    await journal.write(entries)
  })
}

/** Takes the mark of a step away again that changed nothing. */
export async function unmark({ session, fence }: Run, work: Work): Promise<void> {
  const { step, row } = work
  await reread(session, fence)
  await fenced(session, fence, { added: -rowsOfMark(work) }, async () => {
    if (step.direction === 'up') await deleteRow(session, row.revision)
    else await setState(session, row.revision, 'applied')
  })
}
