// Takes an edited file for what was applied, as a person says.

import { normalizeSource } from '../core/checksum.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { MigrationFile } from '../files/discover.js'
import { assertWritable } from './execute.js'
import { type Book, claim, inTransaction, readBook, setSource } from './history-table.js'
import { type LockRequest, withLock } from './lock.js'
import type { Session } from './session.js'

export interface AcceptRequest {
  readonly file: MigrationFile
  /** Throws when there is nothing to accept. Called under the lock. */
  readonly validate: (book: Book) => void
  readonly lock: LockRequest
}

/** Writes the file's checksum and text over the stored ones. Throws what `validate` throws; LockError, EngineError. */
export async function acceptFile(session: Session, { file, validate, lock }: AcceptRequest): Promise<RevisionId> {
  assertWritable(session)
  await session.engine.prepareRun(session.connection, lock.label)
  return withLock(session, lock, async () => {
    const book = await readBook(session)
    validate(book)
    const { revision } = file.revision
    await inTransaction(session, async () => {
      await claim(session, book.seq)
      await setSource(session, revision, file.checksum(), normalizeSource(file.text))
    })
    return revision
  })
}
