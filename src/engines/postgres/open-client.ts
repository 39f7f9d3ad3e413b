// PostgreSQL: opening a client of node-pg as libpq opens one: with or without TLS, bound to it, on a server that can be
// written.

import type { EventEmitter } from 'node:events'
import type { Client, ClientConfig } from 'pg'
import { EngineError } from '../../core/errors.js'
import { describe } from './errors.js'
import { ownQuery } from './own-query.js'

/** What a URL asks for beyond the driver's settings. */
interface Asked {
  /** Which way is tried first when the server decides about TLS (manual, "SSL Mode Descriptions"). */
  readonly encryption?: 'prefer' | 'allow'
  readonly channelBinding?: 'require'
  readonly targetSession?: 'read-write' | 'primary'
}

export type OpenSettings = ClientConfig & Asked

/** The driver's settings for each try, in their order. */
export function attempts({ encryption, ...config }: OpenSettings): readonly OpenSettings[] {
  const plain = { ...config, ssl: false }
  if (encryption === 'prefer') return [config, plain]
  return encryption === 'allow' ? [plain, config] : [config]
}

/** Whether the other way, with or without TLS, can help: the server, or TLS itself, refused this one. */
export function isRefusal(error: unknown): boolean {
  const { kind, code } = describe(error)
  return kind === 'tls' || code === '28000'
}

/** Connects `client`, unless the session would not be the one that was asked for. */
export async function connectClient(client: Client, asked: Asked): Promise<void> {
  const unbound = asked.channelBinding === 'require' ? demandBinding(client) : null
  await client.connect()
  if (unbound !== null) assertBound(unbound)
  if (asked.targetSession !== undefined) await assertTarget(client, asked.targetSession)
}

/** What of node-pg's connection below the client tells how the server asks for the password. */
interface Wire extends EventEmitter {
  readonly stream: { destroy(error: Error): void }
}

/** Without SCRAM bound to TLS no password is sent (manual, "channel_binding"). Answers what says so, until it is bound. */
function demandBinding(client: Client): { error: Error | null } {
  const { connection: wire } = client as unknown as { readonly connection: Wire }
  const unbound: { error: Error | null } = {
    error: new Error('channel binding is required, and the server does not offer it'),
  }
  wire.on('authenticationSASL', ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
    if (client.ssl !== false && mechanisms.includes('SCRAM-SHA-256-PLUS')) unbound.error = null
    else refuse()
  })
  for (const name of ['authenticationCleartextPassword', 'authenticationMD5Password']) wire.on(name, refuse)
  return unbound

  function refuse(): void {
    if (unbound.error !== null) wire.stream.destroy(unbound.error)
  }
}

/** A server may ask for no password at all. */
function assertBound({ error }: { readonly error: Error | null }): void {
  if (error !== null) throw error
}

async function assertTarget(client: Client, target: 'read-write' | 'primary'): Promise<void> {
  const { rows } = await ownQuery(
    client,
    `select pg_is_in_recovery() as "standby", current_setting('transaction_read_only') as "readOnly"`,
  )
  const isIt = rows[0]?.standby === false && (target === 'primary' || rows[0].readOnly === 'off')
  if (isIt) return
  throw new EngineError(
    'engine.read-only',
    `The server is not the one that target_session_attrs=${target} asks for: it can only be read.`,
    { hint: 'Name the primary in the URL.' },
  )
}
