// PostgreSQL: the encodings of client and server, as the server reports them with every change (manual, "ParameterStatus").

import type { EventEmitter } from 'node:events'
import type { Client } from 'pg'
import { escapedText } from '../../core/stored-text.js'
import { ownQuery } from './own-query.js'

interface Reported {
  readonly parameterName: string
  readonly parameterValue: string
}

export interface Encodings {
  readonly client: string | null
  readonly server: string | null
}

/** Follows both from before the client connects; costs no round trip. */
export function followEncodings(client: Client): Encodings {
  const { connection: wire } = client as unknown as { readonly connection: EventEmitter }
  const found: { client: string | null; server: string | null } = { client: null, server: null }
  wire.on('parameterStatus', ({ parameterName: name, parameterValue: value }: Reported) => {
    if (name === 'client_encoding') found.client = value
    if (name === 'server_encoding') found.server = value
  })
  return found
}

/** What mig writes, it writes into its own tables. */
const writes = /^\s*(insert|update|delete|with)\b/i

/** Encodings that hold every character; SQL_ASCII holds any bytes. None of them holds a NUL. */
const universal: readonly (string | null)[] = ['UTF8', 'SQL_ASCII', null]

/** The values of a statement of mig, in a form that the server can hold. */
export function storable({ server }: Encodings, sql: string, values: readonly unknown[]): readonly unknown[] {
  if (!writes.test(sql)) return values
  const holdsAll = universal.includes(server)
  return values.map((value) =>
    typeof value === 'string' && (!holdsAll || value.includes('\0')) ? escapedText(value) : value,
  )
}

/**
 * Runs what mig writes in the encoding in which the driver writes, whatever a migration has set; its own setting is there
 * again afterwards, in the transaction in which it was made.
 */
export async function inUtf8<T>(
  client: Client,
  encodings: Encodings,
  sql: string,
  write: () => Promise<T>,
): Promise<T> {
  const theirs = encodings.client
  if (theirs === null || theirs === 'UTF8' || !writes.test(sql)) return write()
  const scope = client.getTransactionStatus() === 'T' ? 'local ' : ''
  const setBack = () => ownQuery(client, `set ${scope}client_encoding to '${theirs}'`)
  await ownQuery(client, `set ${scope}client_encoding to 'UTF8'`)
  try {
    const result = await write()
    await setBack()
    return result
  } catch (error) {
    await setBack().catch(() => undefined) // a transaction that has failed gives it back with its end
    throw error
  }
}
