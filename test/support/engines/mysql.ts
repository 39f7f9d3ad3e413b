// Test databases of MySQL and MariaDB.

import mysql from 'mysql2/promise'

import { database, type Connection, type Database, type DatabaseServer, type Row } from '../database.js'

export function mysqlServer(url: string): DatabaseServer {
  return {
    async createDatabase(name) {
      await administer(url, (connection) => connection.query(`CREATE DATABASE ${quote(name)}`))
      return mysqlDatabase(url, name)
    },
  }
}

/** A database that is there, by way of this server: each node of a cluster has the same ones. */
export function mysqlDatabase(url: string, name: string): Database {
  const databaseUrl = new URL(url)
  databaseUrl.pathname = `/${encodeURIComponent(name)}`
  return database({
    url: databaseUrl.href,
    name,
    open: () => open({ uri: url, database: name }),
    remove: () => administer(url, (connection) => drop(connection, name)),
  })
}

/** DROP DATABASE waits for sessions that hold a table, so they are ended first. */
async function drop(connection: Connection, name: string): Promise<void> {
  const sessions = await connection.query('SELECT id AS id FROM information_schema.processlist WHERE db = ?', [name])
  // A session may be gone by itself before its turn.
  for (const { id } of sessions) await connection.query(`KILL ${Number(id)}`).catch(() => undefined)
  await connection.query(`DROP DATABASE IF EXISTS ${quote(name)}`)
}

async function administer(url: string, work: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection = await open({ uri: url })
  try {
    await work(connection)
  } finally {
    await connection.close()
  }
}

async function open(options: mysql.ConnectionOptions): Promise<Connection> {
  const connection = await mysql.createConnection({ ...options, multipleStatements: true })
  connection.on('error', () => undefined) // the session was ended from outside: the next query says so
  return {
    async query(sql, bindings) {
      const [result, fields] = await connection.query(sql, bindings ? [...bindings] : undefined)
      return rowsOf(result, fields)
    },
    close: () => Promise.resolve(connection.destroy()),
  }
}

/** Several statements give a list of results, and a list of column lists beside it. */
function rowsOf(result: unknown, fields: unknown): Row[] {
  const isSeveral = Array.isArray(fields) && fields.some((field) => field === undefined || Array.isArray(field))
  const last: unknown = isSeveral && Array.isArray(result) ? result.at(-1) : result
  return Array.isArray(last) ? last.map((row) => ({ ...(row as Row) })) : []
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
