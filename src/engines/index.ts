// The list of engines, and which one serves a database setting.

import { EngineError, UsageError } from '../core/errors.js'
import type { EngineName } from '../core/place.js'
import type { Knex } from 'knex'
import type { ConnectionSettings } from './contract/connection.js'
import type { Engine } from './contract/engine.js'
import { mysql } from './mysql/engine.js'
import { postgres } from './postgres/engine.js'
import { sqlite } from './sqlite/engine.js'
import { isUrl, parseUrl } from './url.js'

export const engines = [sqlite, postgres, mysql] as const satisfies readonly Engine[]

/** A database setting with the engine that serves it. */
export interface EngineChoice {
  readonly engine: Engine
  readonly settings: ConnectionSettings
  /** Options for the Knex instances that migrations get; without connection and pool. */
  readonly knexOptions: Knex.Config
}

export function engineCalled(name: EngineName): Engine {
  return engines.find((engine) => engine.name === name) as Engine
}

/**
 * The engine and its settings for a URL or a Knex configuration.
 * @throws UsageError `config.bad-url`, `config.invalid`; EngineError `engine.unsupported`
 */
export async function chooseEngine(setting: string | Knex.Config, root: string): Promise<EngineChoice> {
  if (typeof setting === 'string') return fromUrl(setting, root, {})
  const { client, connection, pool, searchPath, ...knexOptions } = setting
  const given: unknown = typeof connection === 'function' ? await connection() : connection
  const afterConnect = afterCreateOf(pool)
  if (typeof given === 'string' && isUrl(given)) return fromUrl(given, root, knexOptions, afterConnect, searchPath)
  const engine = engineOfClient(client)
  const driver = typeof given === 'string' ? { filename: given } : (given ?? {})
  return {
    engine,
    settings: { driver: driver as Record<string, unknown>, afterConnect, searchPath: asList(searchPath), root },
    knexOptions,
  }
}

function fromUrl(
  text: string,
  root: string,
  knexOptions: Knex.Config,
  afterConnect: ConnectionSettings['afterConnect'] = [],
  searchPath?: string | readonly string[],
): EngineChoice {
  const { engine: name, url } = parseUrl(text)
  const engine = engineCalled(name)
  return {
    engine,
    settings: { driver: engine.settingsOf(url, root), afterConnect, searchPath: asList(searchPath), root },
    knexOptions,
  }
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
