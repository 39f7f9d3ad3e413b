// PostgreSQL: stopping a statement from outside, by the protocol's own request: it finds its way through a pooler, to
// whom pg_cancel_backend() would bring a process number that the pooler made up.

import type { EventEmitter } from 'node:events'
import type { Client, ClientConfig } from 'pg'

type PgModule = typeof import('pg')

/** How long the server, or the pooler, may take to read the request. */
const timeoutMs = 5000

/** What node-pg keeps of the server's BackendKeyData (manual, "Canceling Requests in Progress"). */
interface Session {
  readonly processID: number | null
  readonly secretKey: number | null
}

/** The connection below a client of node-pg, which has nothing of its own to send this request. */
interface Wire extends EventEmitter {
  readonly ssl: unknown
  readonly sslNegotiation?: string
  readonly stream: { destroy(): void }
  connect(port: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

/** Asks for an end; whether the statement came to one, only its own answer tells. */
export async function cancel(pg: PgModule, config: ClientConfig, running: Client): Promise<void> {
  const { processID, secretKey } = running as unknown as Session
  if (processID === null) return
  try {
    if (secretKey === null) throw new Error('the server gave no key')
    await request(new pg.Client(config), processID, secretKey)
  } catch {
    await cancelBySql(new pg.Client(config), processID)
  }
}

/** The server closes the connection without an answer. */
function request(client: Client, processId: number, secretKey: number): Promise<void> {
  const { connection: wire } = client as unknown as { readonly connection: Wire }
  return new Promise<void>((resolve, reject) => {
    wire.on('error', reject)
    wire.once('end', resolve)
    wire.once(wire.ssl ? 'sslconnect' : 'connect', () => wire.cancel(processId, secretKey))
    if (wire.ssl && wire.sslNegotiation !== 'direct') wire.once('connect', () => wire.requestSsl())
    if (client.host.startsWith('/')) wire.connect(`${client.host}/.s.PGSQL.${client.port}`)
    else wire.connect(client.port, client.host)
    setTimeout(() => reject(new Error('no answer to a request to cancel')), timeoutMs).unref()
  }).finally(() => wire.stream.destroy())
}

async function cancelBySql(client: Client, processId: number): Promise<void> {
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('select pg_cancel_backend($1)', [processId])
  } finally {
    await client.end()
  }
}
