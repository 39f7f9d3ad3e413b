// Takes an edited file for what was applied, as a person says.

import type { RevisionId } from '../../core/graph/revision.js'
import type { MigrationFile } from '../../files/discover.js'
import type { Entry } from '../../history/journal.js'
import { change, type SettleRequest } from './change.js'
import { type Book } from '../../history/book.js'
import { setSource } from '../../history/rows.js'
import { sourceOf } from '../row.js'
import type { Session } from '../../session/session.js'

export interface AcceptRequest extends SettleRequest {
  readonly file: MigrationFile
  /** As ids. */
  readonly dependsOn: readonly RevisionId[]
  /** Throws when there is nothing to accept. Called under the lock. */
  readonly validate: (book: Book) => void
}

/** Writes what the file is and depends on over what is stored. Throws what `validate` throws; LockError, EngineError. */
export async function acceptFile(session: Session, request: AcceptRequest): Promise<RevisionId> {
  const { file, dependsOn, validate } = request
  const { revision } = file.revision
  await change(session, request, (book) => {
    validate(book)
    const write = async (): Promise<readonly Entry[]> => {
      await setSource(session, revision, sourceOf(file, dependsOn))
      return [{ what: 'accepted', revision }]
    }
    return { added: 0, write }
  })
  return revision
}
