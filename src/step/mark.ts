// The mark of a step in the history: `running` or `reverting`, for good where its statements cannot be taken back.

import { readBook, readState } from '../history/book.js'
import { fenced } from '../history/fence.js'
import type { Entry } from '../history/journal.js'
import { deleteRow, insertRow, setState } from '../history/rows.js'
import type { Session } from '../session/session.js'
import type { Run } from './run.js'
import type { Work } from './prepared-step.js'

/** Writes the mark, in the open transaction. */
export async function mark(session: Session, { step, row }: Work): Promise<void> {
  if (step.direction === 'up') await insertRow(session, { ...row, state: 'running', durationMs: null })
  else await setState(session, row.revision, 'reverting')
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
  fence.seq = (await readBook(session)).seq
  await fenced(session, fence, async () => {
    await mark(session, work)
    await journal.write(entries)
  })
}

/** Takes the mark of a step away again that changed nothing. */
export async function unmark({ session, fence }: Run, { step, row }: Work): Promise<void> {
  fence.seq = (await readBook(session)).seq
  await fenced(session, fence, async () => {
    if (step.direction === 'up') await deleteRow(session, row.revision)
    else await setState(session, row.revision, 'applied')
  })
}
