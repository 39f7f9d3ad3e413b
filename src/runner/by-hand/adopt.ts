// A database of another project becomes this one's, as a person says.

import { type Book } from '../../history/book.js'
import { setProject } from '../../history/rows.js'
import type { Entry } from '../../history/journal.js'
import { change, type SettleRequest } from './change.js'
import type { Session } from '../../session/session.js'

export interface AdoptRequest extends SettleRequest {
  readonly project: string
  /** Throws when there is nothing to adopt. Called under the lock. */
  readonly validate: (book: Book) => void
}

/** @throws what `validate` throws; LockError, EngineError, HistoryError */
export async function adopt(session: Session, request: AdoptRequest): Promise<void> {
  const { project, validate } = request
  await change(session, request, (book) => {
    validate(book)
    const write = async (): Promise<readonly Entry[]> => {
      await setProject(session, project)
      return [{ what: 'adopted', note: project }]
    }
    return { added: 0, write }
  })
}
