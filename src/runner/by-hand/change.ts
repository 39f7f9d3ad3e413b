// A change of the history by hand: under the lock, behind the fence, and journalled.

import { randomUUID } from 'node:crypto'
import { assertWritable, prepareRun } from '../prepare.js'
import { fenced, newFence } from '../../history/fence.js'
import { type Book, readBook } from '../../history/book.js'
import { createTables } from '../../history/rows.js'
import { lockKind, type LockRequest, withLock } from '../../lock/wait.js'
import { type Entry, openJournal } from '../../history/journal.js'
import { ensureJournal } from '../../history/lost-journal.js'
import type { Session } from '../../session/session.js'
import type { Who } from '../../session/who.js'

export interface SettleRequest {
  readonly lock: LockRequest
  /** For the journal: "resolve c9b52448285b --applied". */
  readonly command: string
  readonly who: Who
  readonly migVersion: string
}

/** A change by hand. */
export interface HandChange {
  /** How many rows it adds; less than 0: takes away. */
  readonly added: number
  /** Returns what the journal says of it. */
  readonly write: () => Promise<readonly Entry[]>
}

/**
 * `prepare` looks at the history, and returns the change; it is made in one transaction with what it returns for the
 * journal.
 * @throws what `prepare` throws; LockError, EngineError, HistoryError
 */
export async function change(
  session: Session,
  { lock, command, who, migVersion }: SettleRequest,
  prepare: (book: Book) => HandChange,
): Promise<void> {
  assertWritable(session)
  await prepareRun(session, lock.label)
  if (lockKind(session, lock.kind) === 'lease' && !(await readBook(session)).exists) await createTables(session, null)
  await withLock(session, lock, async (held) => {
    const book = await readBook(session)
    const { added, write } = prepare(book)
    const fence = newFence(book.seq, held.token)
    await ensureJournal(session, lock.report)
    const facts = { command, connection: null, migVersion, gitCommit: null, ...who }
    await fenced(session, fence, { added }, async () => {
      const entries = await write()
      const journal = await openJournal(session, fence, randomUUID(), facts)
      await journal.write(entries)
    })
  })
}
