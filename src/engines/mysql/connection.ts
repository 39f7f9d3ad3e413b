// MySQL and MariaDB: one pinned connection of mysql2.

import type {
  Connection as MysqlConnection,
  ConnectionOptions,
  QueryError,
  ResultSetHeader,
  RowDataPacket,
} from 'mysql2'
import type { Connection, ConnectionSettings, QueryResult } from '../contract/connection.js'

import { describe } from './errors.js'
import { readStatusOf, type StatusReader } from './transaction-status.js'

type MysqlModule = typeof import('mysql2')

export function openConnection(driver: unknown, settings: ConnectionSettings): Connection {
  const mysql = driver as MysqlModule
  const { encryption, ...given } = settings.driver as ConnectionOptions & { readonly encryption?: 'prefer' }
  let options: ConnectionOptions = given
  let raw: MysqlConnection | undefined
  let status: StatusReader | undefined
  let broken: Error | null = null
  async function opened(): Promise<MysqlConnection> {
    const connection = mysql.createConnection(options)
    raw = connection
    const end = (error: Error): void => {
      if (raw === connection) broken ??= error
    }
    connection.on('error', end)
    connection.on('end', () => end(new Error('the server closed the connection')))
    await settled((done) => connection.connect(done))
    return connection
  }
  return {
    place: placeOf(options),
    get raw() {
      return raw
    },
    async connect() {
      let connection: MysqlConnection
      try {
        connection = await opened()
      } catch (error) {
        if (encryption !== 'prefer' || describe(error).kind !== 'tls') throw error
        raw?.destroy()
        options = withoutTls(options)
        broken = null
        connection = await opened()
      }
      status = readStatusOf(connection)
      for (const hook of settings.afterConnect) await hook(connection)
    },
    query: (sql, values = []) => query(raw, withValues(sql, values)),
    async cancel() {
      const other = mysql.createConnection(options)
      other.on('error', () => undefined)
      try {
        await query(other, `kill query ${raw?.threadId}`)
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
    abandon: () => raw?.destroy(),
  }
}

/** PREFERRED: where TLS comes to nothing, plain text is what was asked for (MySQL manual, "--ssl-mode"). */
function withoutTls(options: ConnectionOptions): ConnectionOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'ssl'))
}

/** What a `uri` says comes after the other options, as in mysql2. */
function placeOf(options: ConnectionOptions): Connection['place'] {
  const { host, port, database, socketPath } = { ...inUri(options.uri), ...options }
  return {
    engine: 'mysql',
    host: socketPath === undefined ? (host ?? 'localhost') : null,
    port: socketPath === undefined ? Number(port ?? 3306) : null,
    database: database ?? '',
  }
}

function inUri(uri: string | undefined): Pick<ConnectionOptions, 'host' | 'port' | 'database'> {
  if (uri === undefined || !URL.canParse(uri)) return {}
  const { hostname, port, pathname } = new URL(uri)
  const database = decodeURIComponent(pathname.slice(1))
  return {
    host: decodeURIComponent(hostname),
    ...(port !== '' && { port: Number(port) }),
    ...(database !== '' && { database }),
  }
}

function query(connection: MysqlConnection | undefined, sql: string): Promise<QueryResult> {
  if (connection === undefined) throw new Error('the connection is not open')
  return new Promise((resolve, reject) => {
    send(connection, sql, (error, result) => {
      if (error) reject(error)
      else resolve(Array.isArray(result) ? { rows: result, affected: 0 } : { rows: [], affected: matchedBy(result) })
    })
  })
}

type Answered = (error: QueryError | null, result: RowDataPacket[] | ResultSetHeader) => void

/**
 * In the form that mig reads, whatever the project has set for its own queries. `queryFormat` is called while the query
 * is made; of the others the query has its own.
 */
function send(connection: MysqlConnection, sql: string, answered: Answered): void {
  const { config } = connection as unknown as { readonly config: { queryFormat: unknown; readonly typeCast: unknown } }
  const { queryFormat } = config
  config.queryFormat = undefined
  try {
    const typeCast = typeof config.typeCast === 'function' ? castByDriver : true
    connection.query(
      { sql, values: [], rowsAsArray: false, nestTables: false, namedPlaceholders: false, typeCast },
      answered,
    )
  } finally {
    config.queryFormat = queryFormat
  }
}

function castByDriver(_field: unknown, next: () => unknown): unknown {
  return next()
}

/** How many rows an update found, also where the flag FOUND_ROWS was taken off the connection, and it changed fewer. */
function matchedBy({ info, affectedRows }: ResultSetHeader): number {
  const [, matched] = /^Rows matched: (\d+)/.exec(info) ?? []
  return matched === undefined ? affectedRows : Number(matched)
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
