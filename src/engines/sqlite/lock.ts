// SQLite: a lock for one run at a time. A second, tiny database beside the first is kept in a write transaction: the
// operating system frees it with the process, however that ends, and others can read in it who holds it.

import { accessSync, closeSync, constants, fchmodSync, fchownSync, openSync, rmSync, statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { EngineError } from '../../core/errors.js'
import { shellWord } from '../../core/shell.js'
import type { Connection } from '../contract/connection.js'
import type { LockAnswers, LockHolder } from '../contract/lock.js'
import type { SqliteConnection } from './connection.js'
import { assertOneName } from './hard-links.js'

interface Held {
  readonly database: Database.Database
  /** The file that was locked: its path may lead to another one since. */
  readonly file: string
}

const held = new WeakMap<Connection, Held>()

export const lock: LockAnswers = {
  tryLock: (connection, _key, label) => Promise.resolve(tryLock(connection as SqliteConnection, label)),
  unlock: (connection) => Promise.resolve(unlock(connection as SqliteConnection)),
  holder: (connection) => Promise.resolve(holder(connection as SqliteConnection)),
  isMine: (connection) => isMine(connection as SqliteConnection),
  isHeldBy: () => null,
}

function tryLock(connection: SqliteConnection, label: string): boolean {
  const path = lockPath(connection)
  if (path === null) return true
  assertOneName(connection)
  const before = createdOrFound(connection, path)
  const database = openIfThere(connection, path)
  if (database === null) return false
  try {
    if (before !== null && take(database, label) && identity(path) === before) {
      held.set(connection, { database, file: before })
      return true
    }
  } catch (error) {
    if (!isInPieces(error)) throw error
    // Nobody holds it: a holder has written it. A machine that went down may leave one that was never written out.
    if (identity(path) === before) rmSync(path, { force: true })
  }
  database.close()
  return false
}

/**
 * The file goes first: whoever waits for it notices that the path leads elsewhere, and starts anew. When it leads
 * elsewhere already, what is there is the lock of another run.
 */
function unlock(connection: SqliteConnection): void {
  const lock = held.get(connection)
  const path = lockPath(connection)
  if (lock === undefined || path === null) return
  held.delete(connection)
  if (identity(path) === lock.file) rmSync(path, { force: true })
  lock.database.close()
}

function holder(connection: SqliteConnection): LockHolder | null {
  const path = lockPath(connection)
  const database = path === null ? null : openIfThere(connection, path)
  if (database === null) return null
  try {
    return isFree(database) ? null : { ...nothingTold, label: labelIn(database) }
  } finally {
    database.close()
  }
}

/** A database in memory needs no lock: nobody else can open it. */
function isMine(connection: SqliteConnection): boolean {
  const path = lockPath(connection)
  if (path === null) return true
  const lock = held.get(connection)
  return lock !== undefined && lock.database.open && lock.database.inTransaction && identity(path) === lock.file
}

/** There is no server that would know more. */
const nothingTold: LockHolder = {
  connection: null,
  label: null,
  session: null,
  connectedForS: null,
  statement: null,
  statementForS: null,
}

/** Whether the lock could be taken: the file of a holder that was killed stays, with its label in it. */
function isFree(database: Database.Database): boolean {
  try {
    database.exec('begin immediate; rollback')
    return true
  } catch (error) {
    if (isBusy(error)) return false
    if (isInPieces(error)) return true
    throw error
  }
}

/** Null when it is not written yet. */
function labelIn(database: Database.Database): string | null {
  try {
    return (database.prepare('select label from holder').pluck().get() as string | undefined) ?? null
  } catch {
    return null
  }
}

/**
 * Null when whoever held it has just taken the file away.
 * @throws EngineError `engine.permission`
 */
function openIfThere(connection: SqliteConnection, path: string): Database.Database | null {
  // SQLite would open it to read, and begin a transaction that locks nothing.
  if (isDenied(path)) throw notOurs(connection, path)
  try {
    return connection.openLock(path)
  } catch (error) {
    if (isWithin(error, 'SQLITE_CANTOPEN') || identity(path) === null) return null
    throw error
  }
}

function isDenied(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'
  }
}

/** Nothing of it is known: neither whether it is held, nor by whom. */
function notOurs({ place }: SqliteConnection, path: string): EngineError {
  return new EngineError(
    'engine.permission',
    `The lock file ${path} may not be written by this user: whether another run is at work on ${place.database} cannot be seen. Nothing was changed.`,
    { hint: `Run mig as its owner, or as one who may write it as the database: ls -l ${shellWord(path)}` },
  )
}

/** Two write transactions: the first tells who we are, the second is the lock. In between another may be faster. */
function take(database: Database.Database, label: string): boolean {
  try {
    database.pragma('journal_mode = memory')
    database.pragma('synchronous = off')
    database.exec('begin immediate; create table if not exists holder (label text); delete from holder')
    database.prepare('insert into holder values (?)').run(label)
    database.exec('commit; begin immediate')
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw error
  }
}

/** Another run has it, or has just given it back. */
function isBusy(error: unknown): boolean {
  const moved = ['SQLITE_IOERR_LOCK', 'SQLITE_READONLY_DBMOVED', 'SQLITE_IOERR_DELETE_NOENT']
  return [...moved, 'SQLITE_BUSY'].some((code) => isWithin(error, code))
}

function isInPieces(error: unknown): boolean {
  return isWithin(error, 'SQLITE_NOTADB') || isWithin(error, 'SQLITE_CORRUPT')
}

/** Extended codes begin with the code that they belong to (sqlite.org/rescode.html). */
function isWithin(error: unknown, code: string): boolean {
  const { code: found } = error as { readonly code?: string }
  return found === code || found?.startsWith(`${code}_`) === true
}

/** Opened only when it is new: closing a file that this process has locked elsewhere would free that lock (POSIX). */
function createdOrFound({ file }: SqliteConnection, path: string): string | null {
  try {
    const lock = openSync(path, 'wx')
    likeDatabase(lock, file)
    closeSync(lock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return identity(path)
}

/** Whoever may write the database may write what lies beside it: so SQLite does with its journals. */
function likeDatabase(lock: number, file: string | null): void {
  const database = file === null ? undefined : statSync(file, { throwIfNoEntry: false })
  if (database === undefined) return
  try {
    fchmodSync(lock, database.mode & 0o777)
    fchownSync(lock, process.getuid?.() === 0 ? database.uid : -1, database.gid)
  } catch {
    // A group of which this user is no member, or a file system that knows no owners.
  }
}

/** Which file a path leads to; null when to none. */
function identity(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

function lockPath({ file }: SqliteConnection): string | null {
  return file === null ? null : `${file}-mig-lock`
}
