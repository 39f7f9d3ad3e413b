// Find, import and check mig.config.ts → Config.

import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../core/errors.js'
import { positionInStack, sourceFrame } from '../core/position.js'
import { messageOf } from '../core/thrown.js'
import { checkConfig, type Overrides, type UserConfig } from './config-keys.js'
import { display } from './texts.js'
import { readDotEnv } from './dotenv.js'
import { importValue } from './load.js'
import type { Importer } from './loader.js'

/** The configuration as the commands use it: every key set, every path absolute. */
export interface Config {
  /** The folder of the configuration file; without one, where mig was started. */
  readonly root: string
  /** The configuration file; null when there is none and the defaults hold. */
  readonly file: string | null
  readonly environment: string
  /** Whose migrations these are; null when it is not said. */
  readonly project: string | null
  readonly migrations: readonly string[]
  readonly database: DatabaseChoice
  readonly historyTable: string
  readonly historySchema: string | null
  readonly fileTemplate: string
  readonly template: string | null
  readonly timezone: string
}

/** A database setting and who made it; not yet a connection. */
export interface DatabaseChoice {
  readonly setting: UserConfig['database']
  readonly source: '--database-url' | 'MIG_DATABASE_URL' | 'config' | 'DATABASE_URL' | 'default'
}

export interface ConfigRequest {
  readonly cwd: string
  /** A file to use instead of looking for one, or the configuration itself. */
  readonly config?: string | UserConfig | undefined
  readonly environment?: string | undefined
  readonly databaseUrl?: string | undefined
  /** Read for MIG_ENV, MIG_DATABASE_URL and DATABASE_URL; what `.env` adds is put into it. */
  readonly env: NodeJS.ProcessEnv
}

/** What a configuration file may be called, in the order in which they are looked for. */
export const configNames = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'].map(
  (extension) => `mig.config.${extension}`,
)

/**
 * The configuration that holds at a place.
 * @throws UsageError `config.not-found`, `config.failed`, `config.invalid` (all mistakes at once)
 */
export async function readConfig(request: ConfigRequest, loader: Importer): Promise<Config> {
  const file = typeof request.config === 'object' ? null : findConfig(request.cwd, request.config)
  const root = file === null ? request.cwd : dirname(file)
  readDotEnv(root, request.env)
  const raw =
    typeof request.config === 'object' ? request.config : file === null ? {} : await importConfig(root, file, loader)
  const name = file === null ? 'the configuration' : display(request.cwd, file)
  return complete(request, root, file, checkConfig(raw, name), name)
}

function complete(request: ConfigRequest, root: string, file: string | null, user: UserConfig, name: string): Config {
  const named = request.environment ?? (request.env.MIG_ENV || undefined)
  const environment = named ?? 'development'
  const { environments, ...shared } = user
  if (named !== undefined && environments !== undefined && !Object.hasOwn(environments, environment))
    throw unknownEnvironment(environment, Object.keys(environments), name)
  const chosen = {
    ...shared,
    ...(environments && Object.hasOwn(environments, environment) ? environments[environment] : undefined),
  }
  const folders = chosen.migrations ?? './migrations'
  return {
    root,
    file,
    environment,
    migrations: (typeof folders === 'string' ? [folders] : folders).map((folder) => resolve(root, folder)),
    database: chooseDatabase(request, chosen),
    historyTable: chosen.historyTable ?? 'mig_history',
    historySchema: chosen.historySchema ?? null,
    project: chosen.project ?? null,
    fileTemplate: chosen.fileTemplate ?? '{date}_{revision}_{slug}',
    template: chosen.template === undefined ? null : resolve(root, chosen.template),
    timezone: chosen.timezone ?? 'UTC',
  }
}

/** A key that is there and undefined is a missing variable: another database than the one that was meant is no answer. */
function chooseDatabase({ databaseUrl, env }: ConfigRequest, configured: Overrides): DatabaseChoice {
  if (databaseUrl !== undefined) return { setting: databaseUrl, source: '--database-url' }
  if (env.MIG_DATABASE_URL) return { setting: env.MIG_DATABASE_URL, source: 'MIG_DATABASE_URL' }
  if ('database' in configured) return { setting: configured.database, source: 'config' }
  if (env.DATABASE_URL) return { setting: env.DATABASE_URL, source: 'DATABASE_URL' }
  return { setting: 'sqlite:./mig.sqlite3', source: 'default' }
}

/** The named file, or the nearest `mig.config.*` from `cwd` up to the root of its repository. */
function findConfig(cwd: string, named: string | undefined): string | null {
  if (named !== undefined) {
    const path = resolve(cwd, named)
    if (existsSync(path)) return path
    throw new UsageError('config.not-found', `There is no configuration file ${named}.`, {
      hint: 'Check the path after --config, or run `mig init`.',
    })
  }
  for (const folder of foldersUp(cwd)) {
    const name = configNames.find((candidate) => existsSync(join(folder, candidate)))
    if (name !== undefined) return join(folder, name)
  }
  return null
}

/** `cwd` and the folders above it, ending at the repository's root; outside of a repository at the nearest package. */
function foldersUp(cwd: string): readonly string[] {
  const chain: string[] = []
  for (let here = cwd; ; here = dirname(here)) {
    chain.push(here)
    if (dirname(here) === here) break
  }
  const end = [
    chain.findIndex((folder) => existsSync(join(folder, '.git'))),
    chain.findIndex((folder) => existsSync(join(folder, 'package.json'))),
  ].find((index) => index >= 0)
  return chain.slice(0, (end ?? 0) + 1)
}

async function importConfig(root: string, file: string, loader: Importer): Promise<unknown> {
  try {
    return await importValue(file, loader)
  } catch (cause) {
    const position = positionInStack(cause, file)
    const shown = display(root, file)
    const at = position === null ? shown : `${shown}:${position.line}:${position.column}`
    throw new UsageError('config.failed', `${at} cannot be loaded: ${messageOf(cause)}`, {
      hint: 'Fix it and run the command again.',
      detail: position === null ? undefined : sourceFrame(readFileSync(file, 'utf8'), position),
      path: basename(file),
      cause,
    })
  }
}

function unknownEnvironment(environment: string, known: readonly string[], name: string): UsageError {
  return new UsageError('config.invalid', `${name} has no environment “${environment}”.`, {
    hint: `It has: ${known.join(', ') || 'none'}. Choose one with --env or MIG_ENV.`,
  })
}
