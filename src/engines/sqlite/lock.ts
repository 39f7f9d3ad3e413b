// SQLite: a lock for one run at a time. A second, tiny database beside the first is kept in a write transaction: the
// operating system frees it with the process, however that ends, and others can read in it who holds it.

import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import type Database from 'better-sqlite3'
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
  const before = createdOrFound(path)
  const database = openIfThere(connection, path)
  if (database === null) return false
  if (before === null || !take(database, label) || identity(path) !== before) {
    database.close()
    return false
  }
  held.set(connection, { database, file: before })
  return true
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
    const label = (database.prepare('select label from holder').pluck().get() as string | undefined) ?? null
    return isFree(database) ? null : { ...nothingTold, label }
  } catch {
    return null
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
  } catch {
    return false
  }
}

/** Null when whoever held it has just taken the file away. */
function openIfThere(connection: SqliteConnection, path: string): Database.Database | null {
  try {
    return connection.openLock(path)
  } catch (error) {
    if ((error as { readonly code?: string }).code?.startsWith('SQLITE_CANTOPEN') === true || identity(path) === null)
      return null
    throw error
  }
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

function isBusy(error: unknown): boolean {
  const { code } = error as { readonly code?: string }
  return (
    code?.startsWith('SQLITE_BUSY') === true ||
    code === 'SQLITE_IOERR_LOCK' ||
    code === 'SQLITE_READONLY_DBMOVED' ||
    code === 'SQLITE_IOERR_DELETE_NOENT'
  )
}

/** Opened only when it is new: closing a file that this process has locked elsewhere would free that lock (POSIX). */
function createdOrFound(path: string): string | null {
  try {
    closeSync(openSync(path, 'wx'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return identity(path)
}

/** Which file a path leads to; null when to none. */
function identity(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

function lockPath({ file }: SqliteConnection): string | null {
  return file === null ? null : `${file}-mig-lock`
}
