// SQLite: what its errors mean. Codes: sqlite.org/rescode.html.

import { type DriverError, type DriverErrorKind, errorFacts } from '../contract/errors.js'

const kinds: Readonly<Record<string, DriverErrorKind>> = {
  SQLITE_CANTOPEN: 'unopened',
  SQLITE_NOTADB: 'unsupported',
  SQLITE_AUTH: 'permission',
  SQLITE_PERM: 'permission',
  SQLITE_READONLY: 'read-only',
  SQLITE_BUSY: 'lock-timeout',
  SQLITE_LOCKED: 'lock-timeout',
  SQLITE_CONSTRAINT_TRIGGER: 'raised',
}

export function describe(error: unknown): DriverError {
  const { code, message } = errorFacts(error)
  return { kind: kindOf(code, message), code, message, detail: null, position: positionOf(error), limit: null }
}

function kindOf(code: string | null, message: string): DriverErrorKind {
  const [primary] = Object.entries(kinds).filter(([name]) => code === name || code?.startsWith(`${name}_`))
  if (primary !== undefined) return primary[1]
  if (/no such table/i.test(message)) return 'missing-table'
  if (/\btable \S+ already exists/i.test(message)) return 'table-exists'
  if (/no such column|has no column/i.test(message)) return 'missing-column'
  if (/no transaction is active/i.test(message)) return 'no-transaction'
  return /database connection is not open/i.test(message) ? 'lost' : 'other'
}

/** better-sqlite3 tells the byte offset of an error in the statement where SQLite knows it. */
function positionOf(error: unknown): number | null {
  const { offset } = (error ?? {}) as { readonly offset?: unknown }
  return typeof offset === 'number' && offset >= 0 ? offset + 1 : null
}
