// SQLite: one open database of better-sqlite3.

import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { EngineError } from '../../core/errors.js'
import { shellWord } from '../../core/shell.js'
import type { Connection, ConnectionSettings, QueryResult } from '../contract/connection.js'

type SqliteModule = typeof import('better-sqlite3')

/**
 * A SQLite connection also knows its file, and can open the database that serves as its lock. Opening would create the
 * file: a database that is not there is an empty one in memory until there is a file: another run made it, or a
 * statement is no select.
 */
export interface SqliteConnection extends Connection {
  /** Absolute; null for a database in memory. */
  readonly file: string | null
  /** Throws SQLITE_CANTOPEN when there is no such file. */
  openLock(path: string): Database.Database
}

export function openConnection(driver: unknown, settings: ConnectionSettings): SqliteConnection {
  const Sqlite = driver as SqliteModule
  const { filename, options, timeout } = settings.driver as {
    filename?: string
    options?: { readonly?: boolean; nativeBinding?: string }
    timeout?: number
  }
  const name = filename ?? inMemory
  const file = isMemory(name) ? null : realPath(resolve(settings.root, name))
  let raw: Database.Database | undefined
  async function open(path: string): Promise<void> {
    try {
      raw = new Sqlite(path, {
        timeout: timeout ?? 5000,
        readonly: path !== inMemory && (options?.readonly ?? false),
        ...(options?.nativeBinding !== undefined && { nativeBinding: options.nativeBinding }),
      })
    } catch (error) {
      throw isUnbuilt(error) ? unbuilt(error) : error
    }
    for (const hook of settings.afterConnect) await hook(raw)
  }
  return {
    place: { engine: 'sqlite', host: null, port: null, database: name },
    file,
    get raw() {
      return raw
    },
    async connect() {
      if (file !== null) assertMayBeFile(name, file)
      await open(file === null || !existsSync(file) ? inMemory : file)
    },
    async query(sql, values = []) {
      // The file is made by the first write, and may have been made by somebody else since.
      if (file !== null && raw?.memory === true && (existsSync(file) || !/^\s*select\b/i.test(sql))) {
        raw.close()
        await open(file)
      }
      return run(raw, sql, values)
    },
    openLock: (path) => new Sqlite(path, { timeout: 0, fileMustExist: true }),
    // A statement of SQLite runs to its end in this very thread: when this is called, none is running.
    cancel: () => Promise.resolve(),
    transactionStatus: () => Promise.resolve(raw?.inTransaction === true ? 'open' : 'none'),
    lost: () => (raw?.open === false ? new Error('the database is closed') : null),
    close: () => Promise.resolve(void raw?.close()),
    abandon: () => void raw?.close(),
  }
}

const inMemory = ':memory:'

/** Two names of one file must lead to one lock. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}

function isMemory(filename: string): boolean {
  return filename === '' || filename === inMemory
}

function run(raw: Database.Database | undefined, sql: string, values: readonly unknown[]): QueryResult {
  if (raw === undefined) throw new Error('the connection is not open')
  // A project may read its own numbers as bigints.
  const statement = raw.prepare(sql).safeIntegers(false)
  if (!statement.reader) return { rows: [], affected: statement.run(...values).changes }
  const rows = withPlainNames(statement, statement.all(...values) as Row[])
  // With `pragma count_changes` a write answers with a row.
  return { rows, affected: statement.readonly ? 0 : Number(raw.prepare('select changes()').pluck().get()) }
}

type Row = QueryResult['rows'][number]

/** With `pragma full_column_names` a column is called after its table, too. */
function withPlainNames(statement: Database.Statement, rows: readonly Row[]): readonly Row[] {
  if (rows[0] === undefined || !Object.keys(rows[0]).some((name) => name.includes('.'))) return rows
  const long = statement.columns().filter(({ name, column, table }) => name === `${table}.${column}`)
  if (long.length === 0) return rows
  const plain = new Map(long.map(({ name, column }) => [name, String(column)]))
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [plain.get(name) ?? name, value])),
  )
}

/** The native part of better-sqlite3 is loaded with the first database. */
function isUnbuilt(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ERR_DLOPEN_FAILED' || message.startsWith('Could not locate the bindings file')
}

function unbuilt(cause: unknown): EngineError {
  const [reason] = (cause as Error).message.split(/[.\n]/)
  return new EngineError(
    'engine.driver-missing',
    `The package better-sqlite3 is installed and does not load: ${reason}.`,
    {
      hint: 'Was it built for this version of Node? npm rebuild better-sqlite3',
      cause,
    },
  )
}

function assertMayBeFile(name: string, file: string): void {
  if (!existsSync(dirname(file)))
    throw new EngineError('engine.missing-database', `The folder of the SQLite file ${name} does not exist.`, {
      hint: `mkdir -p ${shellWord(dirname(name))}`,
    })
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new EngineError('engine.missing-database', `The SQLite file ${name} is a folder.`, {
      hint: `Name a file: ${shellWord(`sqlite:${join(name, 'app.sqlite3')}`)}`,
    })
}
