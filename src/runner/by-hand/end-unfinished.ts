// Ends the unfinished state of a row, as a person says.

import type { AppliedRevision } from '../../core/graph/history.js'
import type { RevisionId } from '../../core/graph/revision.js'
import { deleteRow, finishRow, setState } from '../../history/rows.js'
import type { Entry } from '../../history/journal.js'
import { change, type SettleRequest } from './change.js'
import type { Session } from '../../session/session.js'

export type Outcome = 'applied' | 'not-applied'

export interface EndRequest extends SettleRequest {
  /** Picks the row, or throws. Called under the lock. */
  readonly choose: (history: readonly AppliedRevision[]) => AppliedRevision
  readonly outcome: Outcome
}

/** @throws what `choose` throws; LockError, EngineError, HistoryError */
export async function endUnfinished(
  session: Session,
  request: EndRequest,
): Promise<{ readonly revision: RevisionId; readonly outcome: Outcome }> {
  const { choose, outcome } = request
  let ended = ''
  await change(session, request, ({ history }) => {
    const { revision, state, durationMs } = choose(history)
    ended = revision
    const write = async (): Promise<readonly Entry[]> => {
      if (outcome === 'not-applied') await deleteRow(session, revision)
      else if (state === 'running') await finishRow(session, revision, durationMs)
      else await setState(session, revision, 'applied')
      return [{ what: 'resolved', revision, note: outcome }]
    }
    return { added: outcome === 'not-applied' ? -1 : 0, write }
  })
  return { revision: ended, outcome }
}
