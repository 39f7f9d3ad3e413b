// SQLite: one open database of better-sqlite3.

import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { EngineError } from '../../core/errors.js'
import type { Connection, ConnectionSettings, Purpose, QueryResult } from '../engine.js'

type SqliteModule = typeof import('better-sqlite3')

/** A SQLite connection also knows its file, and can open the database that serves as its lock. */
export interface SqliteConnection extends Connection {
  /** Absolute; null for a database in memory. */
  readonly file: string | null
  /** Throws SQLITE_CANTOPEN when there is no such file. */
  openLock(path: string): Database.Database
}

export function openConnection(driver: unknown, settings: ConnectionSettings, purpose: Purpose): SqliteConnection {
  const Sqlite = driver as SqliteModule
  const { filename, options, timeout } = settings.driver as {
    filename?: string
    options?: { readonly?: boolean; nativeBinding?: string }
    timeout?: number
  }
  const name = filename ?? ':memory:'
  const file = isMemory(name) ? null : resolve(settings.root, name)
  let raw: Database.Database | undefined
  return {
    place: { engine: 'sqlite', host: null, port: null, database: name },
    file,
    get raw() {
      return raw
    },
    async connect() {
      if (file !== null && !existsSync(dirname(file))) throw missingFolder(name)
      // Opening creates the file. Whoever only looks at a database that is not there sees an empty one.
      const path = file === null || (purpose === 'look' && !existsSync(file)) ? ':memory:' : file
      raw = new Sqlite(path, {
        timeout: timeout ?? 5000,
        readonly: options?.readonly ?? false,
        ...(options?.nativeBinding !== undefined && { nativeBinding: options.nativeBinding }),
      })
      for (const hook of settings.afterConnect) await hook(raw)
    },
    query: (sql, values = []) => Promise.resolve().then(() => run(raw, sql, values)),
    openLock: (path) => new Sqlite(path, { timeout: 0, fileMustExist: true }),
    // A statement of SQLite runs to its end in this very thread: when this is called, none is running.
    cancel: () => Promise.resolve(),
    lost: () => (raw?.open === false ? new Error('the database is closed') : null),
    close: () => Promise.resolve(void raw?.close()),
  }
}

export function isMemory(filename: string): boolean {
  return filename === '' || filename === ':memory:'
}

function run(raw: Database.Database | undefined, sql: string, values: readonly unknown[]): QueryResult {
  if (raw === undefined) throw new Error('the connection is not open')
  const statement = raw.prepare(sql)
  if (statement.reader) return { rows: statement.all(...values) as QueryResult['rows'], affected: 0 }
  return { rows: [], affected: statement.run(...values).changes }
}

function missingFolder(name: string): EngineError {
  return new EngineError('engine.missing-database', `The folder of the SQLite file ${name} does not exist.`, {
    hint: `mkdir -p '${dirname(name)}'`,
  })
}
