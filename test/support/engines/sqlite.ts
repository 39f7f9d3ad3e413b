// Test databases of SQLite: files in one folder.

import { rmSync } from 'node:fs'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'

import { database, type Connection, type DatabaseServer, type Row } from '../database.js'

export function sqliteServer(url: string): DatabaseServer {
  const folder = url.slice('sqlite:'.length)
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- the other engines have to wait
    async createDatabase(name) {
      const path = join(folder, `${name}.sqlite3`)
      new Sqlite(path).close()
      return database({
        url: `sqlite:${path.split('/').map(encodeURIComponent).join('/')}`,
        name,
        open: () => Promise.resolve(open(path)),
        remove: () => Promise.resolve(removeFiles(path)),
      })
    },
  }
}

function open(path: string): Connection {
  const connection = new Sqlite(path, { timeout: 5_000 })
  return {
    query: (sql, bindings) => new Promise((resolve) => resolve(query(connection, sql, bindings))),
    close: () => Promise.resolve(void connection.close()),
  }
}

function query(connection: Sqlite.Database, sql: string, bindings: readonly unknown[] | undefined): Row[] {
  const statement = bindings ? connection.prepare(sql) : prepareOne(connection, sql)
  if (statement?.reader) return statement.all(...(bindings ?? [])).map((row) => ({ ...(row as Row) }))
  statement?.run(...(bindings ?? []))
  return []
}

/** The driver prepares one statement only; several are run here and now. */
function prepareOne(connection: Sqlite.Database, sql: string): Sqlite.Statement | undefined {
  try {
    return connection.prepare(sql)
  } catch (error) {
    if (!String(error).includes('more than one statement')) throw error
    connection.exec(sql)
    return undefined
  }
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
}
