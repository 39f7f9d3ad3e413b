// Database URLs → their parts. Passwords may hold any character, encoded or not; no part of a URL is ever printed.

import { UsageError } from '../core/errors.js'
import type { EngineName } from '../core/place.js'
import type { DatabaseUrl } from './contract/connection.js'

const schemes: Readonly<Record<string, EngineName>> = {
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  file: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mysql2: 'mysql',
  mariadb: 'mysql',
}

/** [user[:password]@][host][:port][/database][?parameters]; of several `@` the last one that fits ends the user. */
const authority = /^(?:(.*)@)?(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@[\]]*)(?::(\d{1,5}))?(?:\/([^?#]*))?(?:\?([^#]*))?$/s

/** Whether a text is meant as a URL: it begins with a scheme. A Windows path does not. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text)
}

/**
 * Reads a URL.
 * @throws UsageError `config.bad-url`, which does not show it
 */
export function parseUrl(text: string): { readonly engine: EngineName; readonly url: DatabaseUrl } {
  const colon = text.indexOf(':')
  const scheme = text.slice(0, colon).toLowerCase()
  const engine = schemes[scheme]
  if (colon < 0 || engine === undefined)
    throw badUrl(colon < 0 ? 'it has no scheme' : `its scheme is none that mig knows`)
  const rest = text.slice(colon + 1)
  return { engine, url: engine === 'sqlite' ? parseFile(rest) : parseServer(rest) }
}

/** `sqlite:path`, `sqlite:./path`, `sqlite:/abs`, `sqlite:///abs`, `sqlite::memory:` */
function parseFile(rest: string): DatabaseUrl {
  const database = rest.startsWith('//') ? rest.slice(2) : rest
  if (database === '') throw badUrl('it names no file')
  if (database.includes('?'))
    throw badUrl('a SQLite URL has no parameters: nothing may follow the name of the file, from the “?” on')
  return { user: null, password: null, host: null, port: null, database, parameters: {} }
}

function parseServer(rest: string): DatabaseUrl {
  if (!rest.startsWith('//')) throw badUrl('“//” is missing after the scheme')
  const match = authority.exec(rest.slice(2)) ?? authority.exec(maskSpecial(rest.slice(2)))
  if (match === null && severalHosts.test(rest.slice(2))) throw several()
  if (match === null || Number(match[3] ?? 0) > 65_535) throw badUrl('host, port or database cannot be distinguished')
  const [, userInfo, host = '', port, database = '', query = ''] = match
  if (decode(host).includes(',')) throw several()
  const colon = userInfo?.indexOf(':') ?? -1
  return {
    user: userInfo === undefined ? null : decode(colon < 0 ? userInfo : userInfo.slice(0, colon)) || null,
    password: userInfo === undefined || colon < 0 ? null : decode(userInfo.slice(colon + 1)),
    host: decode(host).replace(/^\[|\]$/g, '') || null,
    port: port === undefined ? null : Number(port),
    database: decode(database),
    parameters: parametersIn(query),
  }
}

/** Of a parameter that is given twice, programs take the first or the last: nobody knows which one is meant. */
function parametersIn(query: string): Readonly<Record<string, string>> {
  const all = [...new URLSearchParams(query)]
  const names = all.map(([name]) => name)
  if (new Set(names).size < names.length) throw badUrl('a parameter is given twice')
  return Object.fromEntries(all)
}

/** `a:1,b:2` of libpq and JDBC, after the user. */
const severalHosts = /^(?:.*@)?[^\s/?#@,]+,[^\s/?#@]+(?:[/?#]|$)/s

function several(): UsageError {
  return badUrl('it names several hosts, and mig connects to one: name the primary')
}

/** A fragment has no meaning here; a `#` that is left must belong to the database's name or the parameters. */
function maskSpecial(text: string): string {
  const at = text.lastIndexOf('@')
  return text.slice(0, at + 1) + text.slice(at + 1).replaceAll('#', '%23')
}

/** Percent-decoding that takes a lone `%` for itself. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}

/** The error of a URL that cannot be used. `why` must hold no value that could be a password. */
export function badUrl(why: string, hint = urlForms): UsageError {
  return new UsageError('config.bad-url', `The database URL cannot be read: ${why}.`, { hint })
}

const urlForms =
  'Write sqlite:path, postgres://user:password@host:port/name or mysql://user:password@host:port/name; encode special characters of the password with encodeURIComponent.'
