// PostgreSQL: one pinned connection of node-pg.

import type { Client, QueryResult as PgResult } from 'pg'
import type { Connection, ConnectionSettings, QueryResult } from '../contract/connection.js'
import { cancel } from './cancel.js'
import { followEncodings, inUtf8, storable } from './encoding.js'
import { ownName, ownQuery } from './own-query.js'
import { attempts, connectClient, isRefusal, type OpenSettings } from './open-client.js'
import { readTransactionStatus } from './transaction-status.js'

type PgModule = typeof import('pg')

export function openConnection(driver: unknown, settings: ConnectionSettings): Connection {
  const pg = driver as PgModule
  const given = { application_name: ownName, connectionTimeoutMillis: 10_000, ...settings.driver } as OpenSettings
  let config: OpenSettings = given
  let client = new pg.Client(config)
  let encodings = followEncodings(client)
  let broken: Error | null = null
  /** Without a listener a connection that the server ends would end the whole process. */
  function watched(opened: Client): Client {
    const end = (error: Error): void => {
      if (opened === client) broken ??= error
    }
    opened.on('error', end)
    opened.on('end', () => end(new Error('the server closed the connection')))
    return opened
  }
  async function connect(): Promise<void> {
    const tries = attempts(given)
    for (const [index, attempt] of tries.entries()) {
      config = attempt
      client = watched(new pg.Client(attempt))
      encodings = followEncodings(client)
      try {
        return await connectClient(client, attempt)
      } catch (error) {
        if (index === tries.length - 1 || !isRefusal(error)) throw error
        broken = null
        await client.end().catch(() => undefined)
      }
    }
  }
  return {
    place: placeOf(client),
    get raw() {
      return client
    },
    async connect() {
      await connect()
      if (settings.searchPath.length > 0)
        await client.query(
          `set search_path to ${settings.searchPath.map((name) => client.escapeIdentifier(name)).join(', ')}`,
        )
      for (const hook of settings.afterConnect) await hook(client)
    },
    query: (sql, values = []) =>
      inUtf8(client, encodings, sql, async () =>
        resultOf(await ownQuery(client, numbered(sql), storable(encodings, sql, values))),
      ),
    cancel: () => cancel(pg, config, client),
    transactionStatus: () => readTransactionStatus(client),
    lost: () => broken,
    close: () => client.end(),
    abandon: () => streamOf(client).destroy(),
  }
}

function streamOf(client: Client): { destroy(): void } {
  return (client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream
}

function placeOf(client: Client): Connection['place'] {
  const isSocket = client.host.startsWith('/')
  return {
    engine: 'postgres',
    host: isSocket ? null : client.host,
    port: isSocket ? null : client.port,
    database: client.database ?? '',
  }
}

/** Several statements have several results, whatever the driver's types say. */
function resultOf(answer: PgResult<Record<string, unknown>> | PgResult<Record<string, unknown>>[]): QueryResult {
  const result = Array.isArray(answer) ? answer.at(-1) : answer
  return { rows: result?.rows ?? [], affected: result?.rowCount ?? 0 }
}

/** `?` → `$1`, `$2`, … but for those in quotes: a table may be called so. */
function numbered(sql: string): string {
  let count = 0
  return sql.replace(/"[^"]*"|'[^']*'|\?/g, (part) => (part === '?' ? `$${++count}` : part))
}
