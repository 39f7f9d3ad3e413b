// The list of engines, and which one serves a database setting.

import { EngineError, UsageError } from '../core/errors.js'
import type { EngineName } from '../core/place.js'
import type { Knex } from 'knex'
import type { ConnectionSettings } from './contract/connection.js'
import type { Engine, KnexConfig } from './contract/engine.js'
import { isUrl, parseUrl } from './url.js'

interface Choice {
  /** Knex client names that it serves. */
  readonly knexClients: readonly string[]
  /** Only what a run needs is read: each engine is a large part of mig. */
  readonly load: () => Promise<Engine>
}

const choices: Readonly<Record<EngineName, Choice>> = {
  sqlite: {
    knexClients: ['better-sqlite3', 'sqlite3', 'sqlite'],
    load: async () => (await import('./sqlite/engine.js')).sqlite,
  },
  postgres: {
    knexClients: ['pg', 'postgres', 'postgresql'],
    load: async () => (await import('./postgres/engine.js')).postgres,
  },
  mysql: {
    knexClients: ['mysql2', 'mysql'],
    load: async () => (await import('./mysql/engine.js')).mysql,
  },
}

/** A database setting with the engine that serves it. */
export interface EngineChoice {
  readonly engine: Engine
  readonly settings: ConnectionSettings
  /** The Knex configuration of the project, as it is written; where a URL is all that it says, one for that URL. */
  readonly knexConfig: KnexConfig
}

/**
 * The engine and its settings for a URL or a Knex configuration.
 * @throws UsageError `config.bad-url`, `config.invalid`; EngineError `engine.unsupported`
 */
export async function chooseEngine(setting: string | Knex.Config, root: string): Promise<EngineChoice> {
  if (typeof setting === 'string') {
    const { engine, settings } = await fromUrl(setting, root)
    return { engine, settings, knexConfig: { ...engine.knexConfig, connection: { ...settings.driver } } }
  }
  const { client, connection, pool, searchPath } = setting
  const given: unknown = typeof connection === 'function' ? await connection() : connection
  if ('connection' in setting) assertComplete(given)
  const hooks = { afterConnect: afterCreateOf(pool), searchPath: asList(searchPath) }
  if (typeof given === 'string' && isUrl(given)) {
    const { engine, settings } = await fromUrl(given, root)
    const isIts = typeof client === 'string' && choices[engine.name].knexClients.includes(client)
    const knexConfig = { ...setting, client: isIts ? client : engine.knexClient }
    return { engine, settings: { ...settings, ...hooks }, knexConfig }
  }
  const engine = await choiceOfClient(client).load()
  const driver = typeof given === 'string' ? { filename: given } : (given ?? {})
  const settings = { driver: driver as Record<string, unknown>, root, ...hooks }
  return { engine, settings, knexConfig: { ...setting, client: client as string } }
}

/** What says which database it is: without one of these, drivers go to another than the one that was meant. */
const choosing = ['host', 'user', 'database', 'filename', 'connectionString', 'uri', 'socketPath']

/** A key that is there and undefined is a missing variable. @throws UsageError `config.invalid` */
function assertComplete(connection: unknown): void {
  const missing =
    connection === undefined || connection === null || connection === ''
      ? ['connection']
      : choosing
          .filter((key) => Object.hasOwn(connection, key) && isMissing(connection as Record<string, unknown>, key))
          .map((key) => `connection.${key}`)
  if (missing.length === 0) return
  throw new UsageError(
    'config.invalid',
    `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} undefined in the Knex configuration, so another database could be meant. Nothing was changed.`,
    { hint: 'Is an environment variable missing? Leave the key out where the default is meant.' },
  )
}

/** SQLite takes an empty name for a database that is gone with the connection. */
function isMissing(connection: Record<string, unknown>, key: string): boolean {
  return connection[key] === undefined || connection[key] === null || (key === 'filename' && connection[key] === '')
}

async function fromUrl(text: string, root: string): Promise<Pick<EngineChoice, 'engine' | 'settings'>> {
  const { engine: name, url } = parseUrl(text)
  const engine = await choices[name].load()
  return { engine, settings: { driver: engine.settingsOf(url, root), afterConnect: [], searchPath: [], root } }
}

function choiceOfClient(client: unknown): Choice {
  const known = Object.values(choices)
    .flatMap(({ knexClients }) => knexClients)
    .join(', ')
  if (client === undefined)
    throw new UsageError('config.invalid', 'The Knex configuration has no client.', { hint: `Write one of: ${known}.` })
  const choice =
    typeof client === 'string'
      ? Object.values(choices).find(({ knexClients }) => knexClients.includes(client))
      : undefined
  if (choice !== undefined) return choice
  const shown = typeof client === 'string' ? `The Knex client “${client}”` : 'A Knex client class'
  throw new EngineError('engine.unsupported', `${shown} is none that mig works with.`, {
    hint: `mig works with: ${known}.`,
  })
}

function afterCreateOf(pool: Knex.PoolConfig | undefined): ConnectionSettings['afterConnect'] {
  const afterCreate = pool?.afterCreate as ((raw: unknown, done: (error?: Error | null) => void) => void) | undefined
  if (afterCreate === undefined) return []
  return [(raw) => new Promise((resolve, reject) => afterCreate(raw, (error) => (error ? reject(error) : resolve())))]
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}
