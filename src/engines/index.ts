// The list of engines, and which one serves a database setting.

import { EngineError, UsageError } from '../core/errors.js'
import type { EngineName } from '../core/place.js'
import type { Knex } from 'knex'
import type { ConnectionSettings } from './contract/connection.js'
import type { Engine, KnexConfig } from './contract/engine.js'
import { mysql } from './mysql/engine.js'
import { postgres } from './postgres/engine.js'
import { sqlite } from './sqlite/engine.js'
import { isUrl, parseUrl } from './url.js'

export const engines = [sqlite, postgres, mysql] as const satisfies readonly Engine[]

/** A database setting with the engine that serves it. */
export interface EngineChoice {
  readonly engine: Engine
  readonly settings: ConnectionSettings
  /** The Knex configuration of the project, as it is written; where a URL is all that it says, one for that URL. */
  readonly knexConfig: KnexConfig
}

export function engineCalled(name: EngineName): Engine {
  return engines.find((engine) => engine.name === name) as Engine
}

/**
 * The engine and its settings for a URL or a Knex configuration.
 * @throws UsageError `config.bad-url`, `config.invalid`; EngineError `engine.unsupported`
 */
export async function chooseEngine(setting: string | Knex.Config, root: string): Promise<EngineChoice> {
  if (typeof setting === 'string') {
    const { engine, settings } = fromUrl(setting, root)
    return { engine, settings, knexConfig: { ...engine.knexConfig, connection: { ...settings.driver } } }
  }
  const { client, connection, pool, searchPath } = setting
  const given: unknown = typeof connection === 'function' ? await connection() : connection
  const hooks = { afterConnect: afterCreateOf(pool), searchPath: asList(searchPath) }
  if (typeof given === 'string' && isUrl(given)) {
    const { engine, settings } = fromUrl(given, root)
    const isIts = typeof client === 'string' && engine.knexClients.includes(client)
    const knexConfig = { ...setting, client: isIts ? client : engine.knexClient }
    return { engine, settings: { ...settings, ...hooks }, knexConfig }
  }
  const engine = engineOfClient(client)
  const driver = typeof given === 'string' ? { filename: given } : (given ?? {})
  const settings = { driver: driver as Record<string, unknown>, root, ...hooks }
  return { engine, settings, knexConfig: { ...setting, client: client as string } }
}

function fromUrl(text: string, root: string): Pick<EngineChoice, 'engine' | 'settings'> {
  const { engine: name, url } = parseUrl(text)
  const engine = engineCalled(name)
  return { engine, settings: { driver: engine.settingsOf(url, root), afterConnect: [], searchPath: [], root } }
}

function engineOfClient(client: unknown): Engine {
  const known = engines.flatMap(({ knexClients }) => knexClients).join(', ')
  if (client === undefined)
    throw new UsageError('config.invalid', 'The Knex configuration has no client.', { hint: `Write one of: ${known}.` })
  const engine =
    typeof client === 'string' ? engines.find(({ knexClients }) => knexClients.includes(client)) : undefined
  if (engine !== undefined) return engine
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
