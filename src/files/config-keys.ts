// The keys of mig.config.ts: what each may hold. All mistakes are reported at once.

import type { Knex } from 'knex'
import type { Diagnostic } from '../core/diagnostic.js'
import { assertNoErrors, UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'

/** What `mig.config.ts` exports. Every key may be left out. */
export interface UserConfig extends Overrides {
  /** Named overrides, chosen by `--env` or `MIG_ENV` (default: `development`). */
  readonly environments?: Readonly<Record<string, Overrides>>
}

export interface Overrides {
  /** One folder or several, from the configuration's own folder. Default: `./migrations`. */
  readonly migrations?: string | readonly string[]
  /** A URL, a Knex configuration, the path of a knexfile, or a function that returns one of these. */
  readonly database?: DatabaseSetting | (() => DatabaseSetting | Promise<DatabaseSetting>)
  /** A name for these migrations. A database that was written under another name is refused. */
  readonly project?: string
  /** Default: `mig_history`. The tables `mig_state` and `mig_journal` are named after it. */
  readonly historyTable?: string
  /** The schema (PostgreSQL) or database (MySQL) of the history tables. Default: the connection's own. */
  readonly historySchema?: string
  /** Default: `{date}_{revision}_{slug}`. Also `{year}` `{month}` `{day}` `{hour}` `{minute}` `{second}`. */
  readonly fileTemplate?: string
  /** A template for `mig generate`; its extension is that of new files. */
  readonly template?: string
  /** The time zone of dates in file names, as `Europe/Vienna`. Default: `UTC`. */
  readonly timezone?: string
}

export type DatabaseSetting = string | Knex.Config

/** Types a configuration; returns it as it is. */
export function defineConfig(config: UserConfig): UserConfig {
  return config
}

/** Null when the value is right; else what is expected. */
type Check = (value: unknown) => string | null

const checks: Readonly<Record<keyof Overrides, Check>> = {
  migrations: (value) =>
    isName(value) || (Array.isArray(value) && value.length > 0 && value.every(isName))
      ? null
      : 'a folder, or a list of folders',
  database: (value) =>
    isName(value) || typeof value === 'function' || isRecord(value)
      ? null
      : 'a URL, a Knex configuration, the path of a knexfile, or a function that returns one of these',
  project: (value) => (isName(value) && value.length <= 200 ? null : 'a name of at most 200 characters'),
  historyTable: (value) => checkIdentifier(value, '_journal'),
  historySchema: (value) => checkIdentifier(value, ''),
  fileTemplate: (value) =>
    isName(value) && value.includes('{revision}') && !/[\\/]/.test(value)
      ? null
      : 'a file name with {revision} in it and without folders, like {date}_{revision}_{slug}',
  template: (value) => (isName(value) ? null : 'the path of a template, like ./migrations/_template.ts.tmpl'),
  timezone: (value) => (isName(value) && isTimeZone(value) ? null : 'a time zone, like UTC or Europe/Vienna'),
}

/**
 * Checks a configuration as it was exported.
 * @throws UsageError `config.invalid` with one diagnostic for each mistake
 */
export function checkConfig(raw: unknown, name: string): UserConfig {
  assertNoErrors(UsageError, mistakes(raw, name))
  return raw as UserConfig
}

function mistakes(raw: unknown, name: string): readonly Diagnostic[] {
  if (!isRecord(raw))
    return [
      mistake(
        name,
        `exports ${raw === undefined ? 'nothing' : describe(raw)}, not a configuration`,
        'Write: export default defineConfig({ … })',
      ),
    ]
  const { environments, ...shared } = raw
  return [...checkKeys(shared, '', name, ['environments']), ...checkEnvironments(environments, name)]
}

function checkEnvironments(environments: unknown, name: string): readonly Diagnostic[] {
  if (environments === undefined) return []
  const expected = 'an object of named overrides'
  if (!isRecord(environments)) return [mistake(name, `environments is ${describe(environments)}; expected ${expected}`)]
  return Object.entries(environments).flatMap(([environment, overrides]) =>
    isRecord(overrides)
      ? checkKeys(overrides, `environments.${environment}.`, name, [])
      : [mistake(name, `environments.${environment} is ${describe(overrides)}; expected an object of overrides`)],
  )
}

function checkKeys(
  record: Record<string, unknown>,
  prefix: string,
  name: string,
  others: readonly string[],
): readonly Diagnostic[] {
  return Object.entries(record).flatMap(([key, value]) => {
    if (!Object.hasOwn(checks, key))
      return [unknownKey(name, `${prefix}${key}`, key, [...Object.keys(checks), ...others])]
    const expected = value === undefined ? null : checks[key as keyof Overrides](value)
    return expected === null ? [] : [mistake(name, `${prefix}${key} is ${describe(value)}; expected ${expected}`)]
  })
}

function unknownKey(name: string, path: string, key: string, known: readonly string[]): Diagnostic {
  const [alike] = nearest(key, known, 1)
  return mistake(
    name,
    `${path} is no key of a configuration`,
    alike === undefined ? `The keys are: ${known.join(', ')}.` : `Did you mean ${alike}?`,
  )
}

function mistake(name: string, what: string, hint?: string): Diagnostic {
  return {
    code: 'config.invalid',
    severity: 'error',
    message: `${name}: ${what}.`,
    ...(hint !== undefined && { hint }),
  }
}

/** PostgreSQL cuts names at 63 bytes, silently; MySQL refuses above 64 characters. */
function checkIdentifier(value: unknown, suffix: string): string | null {
  const expected = 'a name of 1 to 63 bytes'
  if (!isName(value) || value.includes('\0')) return expected
  return Buffer.byteLength(value + suffix) <= 63
    ? null
    : suffix === ''
      ? expected
      : `a name of at most ${63 - suffix.length} bytes (another table adds “${suffix}”)`
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0)
    return true
  } catch {
    return false
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The kind of a wrong value, never the value of a setting that may hold a secret. */
function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'string'
    ? value.trim() === ''
      ? 'an empty text'
      : 'a text'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value}`
}
