// MySQL and MariaDB: the ways in which a server may read a text. Most texts have one.

import type { Dialect } from './lexicon.js'

/**
 * All ways that the servers of today have; null when a text names too many versions. Versions count as in executable
 * comments: 80034, 101106.
 */
export function dialectsOf(sql: string): readonly Dialect[] | null {
  const servers = serversOf(sql)
  if (servers.length > mostServers) return null
  return escapesOf(sql).flatMap((escapesIn) => servers.map((server) => ({ ...server, escapesIn })))
}

type Server = Omit<Dialect, 'escapesIn'>

const mostServers = 8

/** Modes of quotes matter only where there is a backslash. */
function escapesOf(sql: string): readonly string[] {
  if (!sql.includes('\\')) return [`'"`]
  return sql.includes('"') ? [`'"`, "'", ''] : [`'"`, '']
}

function serversOf(sql: string): readonly Server[] {
  const marks = sql.includes('/*') ? [...new Set(sql.match(/\/\*M?!(?:\d{5,6})?/g))] : []
  if (marks.length === 0 && !/\$[A-Za-z0-9_]*\$/.test(sql)) return [mysql(oldestMysql)]
  const versions = [...new Set(marks.map((mark) => Number(/\d+/.exec(mark)?.[0] ?? 0)))]
  return [
    ...[oldestMysql, ...versions.filter((version) => isBetween(oldestMysql, version))].map(mysql),
    ...[oldestMaria, ...versions.filter((version) => isBetween(oldestMaria, version))].map(maria),
  ]
}

/** Older ones execute nothing that these do not. */
const oldestMysql = 50_700
const oldestMaria = 100_300

/** `/*!999999` is an author's way to say never. */
const never = 200_000

function isBetween(oldest: number, version: number): boolean {
  return version > oldest && version < never
}

/** MySQL manual, "Comments". */
function mysql(server: number): Server {
  return { dollarsQuote: true, executes: (mark, version) => mark === '!' && version <= server }
}

/** MariaDB, "Comment Syntax": what is meant for MySQL 5.7 and later is passed over. */
function maria(server: number): Server {
  return {
    dollarsQuote: false,
    executes: (mark, version) => version <= server && (mark === 'M!' || version < 50_700 || version > 99_999),
  }
}
