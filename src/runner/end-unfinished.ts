// Ends the unfinished state of a row, as a person says.

import type { AppliedRevision } from '../core/graph/history.js'
import type { RevisionId } from '../core/graph/revision.js'
import { claim, deleteRow, finishRow, inTransaction, readBook, setState } from './history-table.js'
import { assertWritable } from './execute.js'
import { type LockRequest, withLock } from './lock.js'
import type { Session } from './session.js'

export type Outcome = 'applied' | 'not-applied'

export interface EndRequest {
  /** Picks the row, or throws. Called under the lock. */
  readonly choose: (history: readonly AppliedRevision[]) => AppliedRevision
  readonly outcome: Outcome
  readonly lock: LockRequest
}

/** @throws what `choose` throws; LockError, EngineError, HistoryError */
export async function endUnfinished(
  session: Session,
  { choose, outcome, lock }: EndRequest,
): Promise<{ readonly revision: RevisionId; readonly outcome: Outcome }> {
  assertWritable(session)
  await session.engine.prepareRun(session.connection, lock.label)
  return withLock(session, lock, async () => {
    const book = await readBook(session)
    const { revision, state, durationMs } = choose(book.history)
    await inTransaction(session, async () => {
      await claim(session, book.seq)
      if (outcome === 'not-applied') await deleteRow(session, revision)
      else if (state === 'running') await finishRow(session, revision, durationMs)
      else await setState(session, revision, 'applied')
    })
    return { revision, outcome }
  })
}
