// MySQL and MariaDB: one pinned connection of mysql2.

import type {
  Connection as MysqlConnection,
  ConnectionOptions,
  QueryError,
  ResultSetHeader,
  RowDataPacket,
} from 'mysql2'
import type { Connection, ConnectionSettings, QueryResult } from '../contract/connection.js'

import { readStatusOf, type StatusReader } from './transaction-status.js'

type MysqlModule = typeof import('mysql2')

export function openConnection(driver: unknown, settings: ConnectionSettings): Connection {
  const mysql = driver as MysqlModule
  const options = settings.driver as ConnectionOptions
  let raw: MysqlConnection | undefined
  let status: StatusReader | undefined
  let broken: Error | null = null
  return {
    place: placeOf(options),
    get raw() {
      return raw
    },
    async connect() {
      const connection = mysql.createConnection(options)
      raw = connection
      connection.on('error', (error: Error) => (broken ??= error))
      connection.on('end', () => (broken ??= new Error('the server closed the connection')))
      await settled((done) => connection.connect(done))
      status = readStatusOf(connection)
      for (const hook of settings.afterConnect) await hook(connection)
    },
    query: (sql, values = []) => query(raw, withValues(sql, values), []),
    async cancel() {
      const other = mysql.createConnection(options)
      other.on('error', () => undefined)
      try {
        await query(other, 'kill query ?', [raw?.threadId])
      } finally {
        other.destroy()
      }
    },
    transactionStatus: () => (status === undefined ? Promise.resolve('none') : status.read()),
    lost: () => broken,
    async close() {
      const connection = raw
      if (connection !== undefined && broken === null)
        await settled((done) => connection.end(done)).catch(() => undefined)
      connection?.destroy()
    },
  }
}

function placeOf({ host, port, database, socketPath }: ConnectionOptions): Connection['place'] {
  return {
    engine: 'mysql',
    host: socketPath === undefined ? (host ?? 'localhost') : null,
    port: socketPath === undefined ? Number(port ?? 3306) : null,
    database: database ?? '',
  }
}

function query(connection: MysqlConnection | undefined, sql: string, values: readonly unknown[]): Promise<QueryResult> {
  if (connection === undefined) throw new Error('the connection is not open')
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[] | ResultSetHeader>(sql, [...values], (error, result) => {
      if (error) reject(error)
      else resolve(Array.isArray(result) ? { rows: result, affected: 0 } : { rows: [], affected: result.affectedRows })
    })
  })
}

/**
 * The values of mig's own statements as SQL. The driver writes backslashes, which mean something else under
 * NO_BACKSLASH_ESCAPES; a migration may have set that. A text with signs that could be read in two ways is written in
 * hexadecimal (MySQL manual, "Hexadecimal Literals").
 */
function withValues(sql: string, values: readonly unknown[]): string {
  let at = 0
  return sql.replace(/`[^`]*`|'[^']*'|\?/g, (part) => (part === '?' ? literal(values[at++]) : part))
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (/^[\w .,:;@/()=<>+*#-]*$/.test(text)) return `'${text}'`
  return `_utf8mb4 0x${Buffer.from(text, 'utf8').toString('hex')}`
}

function settled(start: (done: (error?: QueryError | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))
}
