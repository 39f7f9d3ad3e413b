// PostgreSQL: where the transaction stands, from the status byte of ReadyForQuery (manual, "Message Formats").

import type { EventEmitter } from 'node:events'
import type { Client } from 'pg'
import type { TransactionStatus } from '../contract/connection.js'

/** What node-pg keeps of the server's last ReadyForQuery, and where it comes from. */
interface Ready {
  readonly readyForQuery: boolean
  readonly connection: EventEmitter
  getTransactionStatus(): 'I' | 'T' | 'E' | null
}

const statuses = { I: 'none', T: 'open', E: 'failed' } as const

/**
 * A statement that failed is told before ReadyForQuery comes: until then the status is that of the statement before.
 * @throws Error when the connection ends before the server is ready
 */
export async function readTransactionStatus(client: Client): Promise<TransactionStatus> {
  const ready = client as unknown as Ready
  if (!ready.readyForQuery) await untilReady(client, ready.connection)
  return statuses[ready.getTransactionStatus() ?? 'I']
}

function untilReady(client: Client, wire: EventEmitter): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      wire.off('readyForQuery', ready)
      client.off('end', gone)
      client.off('error', gone)
    }
    const ready = (): void => {
      done()
      resolve()
    }
    const gone = (error?: Error): void => {
      done()
      reject(error ?? new Error('the server closed the connection'))
    }
    wire.once('readyForQuery', ready)
    client.once('end', gone)
    client.once('error', gone)
  })
}
