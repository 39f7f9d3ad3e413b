// Test databases of PostgreSQL.

import pg from 'pg'

import { database, type Connection, type DatabaseServer, type Row } from '../database.js'

export function postgresServer(url: string): DatabaseServer {
  return {
    async createDatabase(name) {
      await administer(url, `CREATE DATABASE ${quote(name)}`)
      const databaseUrl = new URL(url)
      databaseUrl.pathname = `/${encodeURIComponent(name)}`
      return database({
        url: databaseUrl.href,
        name,
        open: () => open(databaseUrl.href),
        remove: () => administer(url, `DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`),
      })
    },
  }
}

async function administer(url: string, sql: string): Promise<void> {
  const connection = await open(url)
  try {
    await connection.query(sql)
  } finally {
    await connection.close()
  }
}

async function open(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // the session was ended from outside: the next query says so
  await client.connect()
  return {
    async query(sql, bindings) {
      const result = await client.query<Row>(sql, bindings ? [...bindings] : undefined)
      const last = Array.isArray(result) ? (result as pg.QueryResult<Row>[]).at(-1) : result
      return (last?.rows ?? []).map((row) => ({ ...row }))
    },
    close: () => client.end(),
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
