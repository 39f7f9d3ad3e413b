// The fence: no change of the history without the counter, and under a lease the token, that this run has seen.

import { InternalError, LockError } from '../core/errors.js'
import type { Fragment } from '../engines/contract/connection.js'
import { again } from '../session/again.js'
import { altered, type Book, readBook, textOrNull } from './book.js'
import { freed, overtaken } from './fence-errors.js'
import { count, inTransaction } from './rows.js'
import { lockWaitMs } from '../session/lock-wait.js'
import type { Session } from '../session/session.js'

/** What the database must still hold when the history is written. The counter is moved here, and nowhere else. */
export interface Fence {
  /** Moves on with each change that is committed. */
  readonly seq: number
  /** The token of the lease; null under a lock of the session. */
  readonly token: number | null
  /** The session of the server that holds the lock, where it is not the one that asks. */
  readonly holder?: string | null
}

/** A transaction behind the fence. */
export interface Entered {
  /** The counter as `leave` must find it. */
  readonly seq: number
  /** Whether it moves with each record, and not at once. */
  readonly movesLate: boolean
  /** Names the transaction where the engine can; another name later means that the migration ended it. */
  readonly transaction: string | null
  /** The limit for waiting for locks that came along; null: none did. */
  readonly lockWaitMs: number | null
}

/** At the counter that was read under the lock. */
export function newFence(seq: number, token: number | null): Fence {
  return { seq, token }
}

function moveTo(fence: { seq: number }, seq: number): void {
  fence.seq = seq
}

/** Of a transaction that is over nobody knows whether it was committed: the counter is as the database has it. */
export async function reread(session: Session, fence: Fence): Promise<Book> {
  const book = await readBook(session)
  moveTo(fence, book.seq)
  return book
}

/** The counter is as the open transaction has left it: what follows is written behind a commit that is to come. */
export function foresee(fence: Fence, entered: Entered): void {
  moveTo(fence, entered.seq)
}

/** What was to move it was rolled back. */
export function backTo(fence: Fence, seq: number): void {
  moveTo(fence, seq)
}

/**
 * First in a transaction. Under a lock of the session the counter moves at once, and its row stays locked to the end;
 * under a lease it is only read, because the heartbeat must be able to write that row. SQLite has one writer anyway, and
 * must write first: a transaction that begins to read cannot always go on to write (sqlite.org/isolation.html).
 * `opening` begins the transaction, where that can be one message with the counter's move; `added` rows of the history,
 * which will come in it, are counted by the same message, unless the counter moves late.
 * @throws LockError `lock.lost`; HistoryError `history.altered` when the database keeps nothing that is written there
 */
export async function enter(
  session: Session,
  fence: Fence,
  { opening = null, added = 0 }: { readonly opening?: string | null; readonly added?: number } = {},
): Promise<Entered> {
  const isEarly = fence.token === null || session.engine.hasOneWriter
  if (!isEarly && opening !== null)
    throw new InternalError('internal.unexpected', 'A transaction was to begin with a fence that only reads.')
  if (isEarly) {
    const transaction = await moveOnFirst(session, fence, opening, { added })
    return {
      seq: fence.seq + 1,
      movesLate: false,
      transaction,
      lockWaitMs: session.engine.lockWait.expression && lockWaitMs,
    }
  }
  const found = await read(session, false)
  if (found.seq !== fence.seq || isTaken(fence, found)) throw overtaken(session)
  return { seq: fence.seq, movesLate: true, transaction: found.transaction, lockWaitMs: null }
}

/**
 * Last in a transaction, right before the history is written. `added` rows are counted (less than 0: rows that go) that
 * were not when the transaction was entered.
 * @throws LockError `lock.lost`; TransactionEnded when it is not the transaction that was entered
 */
export async function leave(session: Session, fence: Fence, entered: Entered, added = 0): Promise<void> {
  await assertUnchanged(session, fence, entered)
  if (!entered.movesLate && added !== 0) await count(session, added)
  if (!entered.movesLate && fence.token !== null) await beatOnce(session)
  await moveOnLate(session, fence, entered, added)
}

/** SQLite cannot beat while a transaction is open: its commit does. */
async function beatOnce({ connection, tables, engine }: Session): Promise<void> {
  await connection.query(`update ${tables.state} set beat = beat + 1, beat_at = ${engine.tables.now} where id = 1`)
}

async function assertUnchanged(
  session: Session,
  fence: Fence,
  entered: Pick<Entered, 'seq' | 'transaction'>,
): Promise<void> {
  const found = await read(session, fence.token === null)
  if (entered.transaction !== null && found.transaction !== entered.transaction) throw new TransactionEnded()
  if (found.seq !== entered.seq || isTaken(fence, found)) throw overtaken(session)
  if (!found.hasLock) throw freed(session)
}

/** Under a lease the counter moves at the end, and counts `added` rows. */
export async function moveOnLate(session: Session, fence: Fence, entered: Entered, added = 0): Promise<void> {
  if (entered.movesLate) await moveOn(session, fence, null, { added })
  moveTo(fence, entered.movesLate ? fence.seq + 1 : entered.seq)
}

/**
 * A query with one row while everything is as it was when the transaction was entered: what `leave` asks, as a condition.
 * The lock is looked for only at the end of the transaction: the more it has made, the longer the server's list of locks.
 * Before that, the limit for waiting for locks is set again for the next migration.
 */
export function unchanged(
  { engine, connection, lockKey, tables }: Session,
  fence: Fence,
  entered: Entered,
  isLast: boolean,
): Fragment {
  const isMine = fence.token === null && isLast ? engine.lock.isMine(connection, lockKey) : true
  const limit = isLast ? undefined : engine.lockWait.expression?.(lockWaitMs)
  const conditions: Fragment[] = [
    { sql: 'seq = ?', values: [entered.seq] },
    ...(fence.token === null ? [] : [{ sql: 'token = ?', values: [fence.token] }]),
    ...(entered.transaction === null
      ? []
      : [{ sql: `${engine.transaction.identity ?? ''} = ?`, values: [entered.transaction] }]),
    ...(typeof isMine === 'boolean' ? [] : [isMine]),
  ]
  return {
    sql: `select ${limit ?? '1'} from ${tables.state} where id = 1 and ${conditions.map(({ sql }) => sql).join(' and ')}`,
    values: conditions.flatMap(({ values }) => values),
  }
}

/** How many rows a change adds (less than 0: takes away), or how many there are after it. */
export type Change = { readonly added: number } | { readonly revisions: number }

/**
 * Several changes of the history behind the fence, all or none. They are short: the counter moves first, under a lease
 * too, and whoever else has to write its row waits.
 * @throws LockError `lock.lost`; HistoryError `history.altered` when the database keeps nothing that is written there
 */
export function fenced<T>(session: Session, fence: Fence, change: Change, work: () => Promise<T>): Promise<T> {
  return again(session, async () => {
    const result = await inTransaction(session, async () => {
      await moveOnFirst(session, fence, null, change)
      const done = await work()
      await assertUnchanged(session, fence, { seq: fence.seq + 1, transaction: null })
      return done
    })
    moveTo(fence, fence.seq + 1)
    return result
  })
}

/**
 * The row of the state while counter, lease and lock are this run's, as the end of a `select`: what is written with it is
 * written only then.
 * @throws LockError `lock.lost` when the lock is known to be gone without asking
 */
export function whileOurs(session: Session, { seq, token, holder = null }: Fence): Fragment {
  const { tables } = session
  const isMine = token === null ? isHeld(session, holder) : true
  if (isMine === false) throw freed(session)
  const lock = isMine === true ? null : isMine
  return {
    sql: `from ${tables.state} where id = 1 and seq = ?${token === null ? '' : ' and token = ?'}${lock === null ? '' : ` and ${lock.sql}`}`,
    values: [seq, ...(token === null ? [] : [token]), ...(lock?.values ?? [])],
  }
}

function isHeld({ engine, connection, lockKey }: Session, holder: string | null): boolean | Fragment {
  return holder === null ? engine.lock.isMine(connection, lockKey) : (engine.lock.isHeldBy(holder, lockKey) ?? true)
}

/** The counter as the database has it. */
export async function readCounter(session: Session): Promise<number> {
  return (await read(session, false)).seq
}

/** Why `whileOurs` did not hold. */
export async function notOurs(session: Session, fence: Fence): Promise<LockError> {
  const found = await read(session, fence.token === null)
  return found.hasLock ? overtaken(session) : freed(session)
}

async function moveOnFirst(
  session: Session,
  fence: Fence,
  opening: string | null,
  change: Change,
): Promise<string | null> {
  try {
    return await moveOn(session, fence, opening, change)
  } catch (error) {
    // A rule that does nothing instead of the update can answer nothing either, and says that it cannot.
    if (session.engine.describe(error).kind === 'unsupported') throw altered(session, swallowed)
    if (!(error instanceof LockError)) throw error
    const found = await read(session, false)
    throw found.seq === fence.seq && !isTaken(fence, found) ? altered(session, swallowed) : error
  }
}

const swallowed = 'what is written to mig_state is not kept; a trigger, a rule or row-level security may act on it'

/** Moves the counter of the database, not that of `fence`, and limits how long statements wait. Answers the name of the transaction. */
async function moveOn(
  session: Session,
  { seq, token }: Fence,
  opening: string | null = null,
  change: Change = { added: 0 },
): Promise<string | null> {
  const { engine, tables, connection } = session
  const { identity } = engine.transaction
  const limit = engine.lockWait.expression?.(lockWaitMs)
  const wanted = [
    ...(identity === null ? [] : [`${identity} as transaction_identity`]),
    ...(limit === undefined ? [] : [limit]),
  ]
  const isMine = token === null ? '' : ` and token = ${token}`
  const { rows, affected } = await connection.query(
    `${opening === null ? '' : `${opening.replace(/;\s*$/, '')}; `}update ${tables.state} set seq = seq + 1${counting(change)} where id = 1 and seq = ${seq}${isMine}${
      wanted.length === 0 ? '' : ` returning ${wanted.join(', ')}`
    }`,
  )
  if (affected !== 1) throw overtaken(session)
  return textOrNull(rows[0]?.transaction_identity)
}

function counting(change: Change): string {
  if ('revisions' in change) return `, revisions = ${change.revisions}`
  return change.added === 0 ? '' : `, revisions = revisions + ${change.added}`
}

interface Found {
  readonly seq: number
  readonly token: number
  readonly transaction: string | null
  /** Where it was not asked for: true. */
  readonly hasLock: boolean
}

async function read({ connection, engine, tables, lockKey }: Session, asksForLock: boolean): Promise<Found> {
  const isMine = asksForLock ? engine.lock.isMine(connection, lockKey) : true
  const condition = typeof isMine === 'boolean' ? null : isMine
  const { rows } = await connection.query(
    `select seq, token, ${engine.transaction.identity ?? 'null'} as transaction_identity, ${condition?.sql ?? 'null'} as has_lock
       from ${tables.state} where id = 1`,
    condition?.values ?? [],
  )
  const { seq, token, transaction_identity: name, has_lock: hasLock } = rows[0] ?? {}
  return {
    seq: Number(seq),
    token: Number(token),
    transaction: textOrNull(name),
    hasLock: condition === null ? isMine === true : Boolean(Number(hasLock)),
  }
}

function isTaken({ token }: Fence, found: Found): boolean {
  return token !== null && found.token !== token
}

/** The migration ended the transaction that mig ran it in. Told in our words by whoever knows the migration. */
export class TransactionEnded extends Error {}
