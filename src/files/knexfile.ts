// The database setting that a configuration leads to: functions are called, knexfiles are read.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../core/errors.js'
import { positionInStack, sourceFrame } from '../core/position.js'
import { messageOf } from '../core/thrown.js'
import type { Config } from './config.js'
import type { DatabaseSetting } from './config-keys.js'
import { importValue } from './load.js'
import type { Importer } from './loader.js'

/**
 * A URL or a Knex configuration.
 * @throws UsageError `config.failed`, `config.invalid`
 */
export async function readDatabaseSetting(
  { database, root, environment }: Config,
  loader: Importer,
): Promise<DatabaseSetting> {
  const setting = typeof database.setting === 'function' ? await called(database.setting) : database.setting
  if (typeof setting === 'string' && isFile(setting))
    return readKnexfile(resolve(root, setting), setting, environment, loader)
  if ((typeof setting === 'string' && setting !== '') || isRecord(setting)) return setting
  if (setting === undefined && typeof database.setting !== 'function')
    throw new UsageError(
      'config.invalid',
      `database is undefined in the configuration, for the environment “${environment}”.`,
      {
        hint: 'Is an environment variable missing? Without the key `database`, DATABASE_URL or ./mig.sqlite3 is used.',
      },
    )
  if (typeof database.setting !== 'function')
    throw new UsageError('config.bad-url', `The database URL of ${database.source} is empty.`, {
      hint: 'Is an environment variable missing?',
    })
  throw new UsageError(
    'config.invalid',
    `What the database function returned is ${setting === '' ? 'empty' : setting === null ? 'null' : typeof setting}; expected a URL or a Knex configuration.`,
    {
      hint: 'Is an environment variable missing?',
    },
  )
}

async function called(
  setting: () => DatabaseSetting | Promise<DatabaseSetting>,
): Promise<DatabaseSetting | null | undefined> {
  try {
    return await setting()
  } catch (cause) {
    throw new UsageError('config.failed', `The database function of the configuration threw: ${messageOf(cause)}`, {
      hint: 'Fix it in mig.config.ts.',
      cause,
    })
  }
}

function isFile(setting: string): boolean {
  return /\.([cm]?[jt]s|json)$/.test(setting) && !/^[a-z][a-z0-9+.-]+:/i.test(setting)
}

async function readKnexfile(
  path: string,
  shown: string,
  environment: string,
  loader: Importer,
): Promise<DatabaseSetting> {
  const exported = await imported(path, shown, loader)
  if (!isRecord(exported))
    throw new UsageError('config.invalid', `${shown} exports no Knex configuration.`, {
      hint: 'Export an object, or a function that returns one.',
    })
  if ('client' in exported || 'connection' in exported) return exported as DatabaseSetting
  const chosen: unknown = exported[environment]
  if (isRecord(chosen)) return chosen
  const known = Object.keys(exported).filter((key) => key !== 'default')
  throw new UsageError('config.invalid', `${shown} has no client, and no environment “${environment}”.`, {
    hint: known.length === 0 ? 'It exports nothing.' : `It has: ${known.join(', ')}. Choose one with --env or MIG_ENV.`,
  })
}

async function imported(path: string, shown: string, loader: Importer): Promise<unknown> {
  try {
    return await importValue(path, loader)
  } catch (cause) {
    const position = positionInStack(cause, path)
    const at = position === null ? shown : `${shown}:${position.line}:${position.column}`
    throw new UsageError('config.failed', `The knexfile ${at} cannot be loaded: ${messageOf(cause)}`, {
      hint: 'Check `database` in mig.config.ts.',
      detail: position === null ? undefined : sourceFrame(readFileSync(path, 'utf8'), position),
      cause,
    })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
