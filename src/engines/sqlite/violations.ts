// SQLite: rows without the row that a foreign key requires, compared before and after a migration.

import type { Connection } from '../contract/connection.js'
import { errorFacts } from '../contract/errors.js'
import { tables } from './tables.js'

/** A foreign key in words, with the values of a row that violates it → how often. */
export type Violations = ReadonlyMap<string, { readonly key: string; readonly count: number }>

/** How many rows violate a key now and did not before, and which keys. */
export function added(
  before: Violations,
  now: Violations,
): { readonly rows: number; readonly keys: readonly string[] } {
  const more = [...now].flatMap(([row, { key, count }]) => {
    const rows = count - (before.get(row)?.count ?? 0)
    return rows > 0 ? [{ key, rows }] : []
  })
  return { rows: more.reduce((sum, { rows }) => sum + rows, 0), keys: [...new Set(more.map(({ key }) => key))] }
}

interface Found {
  readonly table: unknown
  /** Null for a table that has none. */
  readonly rowid: unknown
  readonly parent: unknown
  readonly fkid: unknown
}

export async function violationsIn(connection: Connection): Promise<Violations> {
  const counts = new Map<string, { readonly key: string; readonly count: number }>()
  for (const found of await check(connection)) {
    const key = `${String(found.table)} refers to ${String(found.parent)}`
    const row = `${key} ${JSON.stringify(await valuesOf(connection, found))}`
    counts.set(row, { key, count: (counts.get(row)?.count ?? 0) + 1 })
  }
  return counts
}

/**
 * A key that refers to what is no key stops the whole check with "foreign key mismatch"; each table is asked by itself, then,
 * and such a key is a violation of its own.
 */
async function check(connection: Connection): Promise<readonly Found[]> {
  try {
    return (await connection.query('pragma foreign_key_check')).rows as unknown as readonly Found[]
  } catch (error) {
    if (!isMismatch(error)) throw error
  }
  const { rows } = await connection.query(`select name from main.sqlite_master where type = 'table' order by name`)
  const found: Found[] = []
  for (const { name } of rows) {
    try {
      const own = await connection.query(`pragma foreign_key_check(${tables.quote(String(name))})`)
      found.push(...(own.rows as unknown as readonly Found[]))
    } catch (error) {
      if (!isMismatch(error)) throw error
      found.push({ table: name, rowid: null, parent: 'what is no key', fkid: null })
    }
  }
  return found
}

function isMismatch(error: unknown): boolean {
  return errorFacts(error).message.startsWith('foreign key mismatch')
}

/** Row numbers change when a table is rebuilt; the values of the key do not. */
async function valuesOf(connection: Connection, { table, rowid, fkid }: Found): Promise<unknown> {
  if (rowid === null) return null
  const name = tables.quote(String(table))
  const { rows } = await connection.query(`pragma foreign_key_list(${name})`)
  const columns = rows
    .filter(({ id }) => id === fkid)
    .map(({ from }) => `coalesce(cast(${tables.quote(String(from))} as text), '')`)
  const own = await connection.query(`select ${columns.join(` || ',' || `)} as value from ${name} where rowid = ?`, [
    rowid,
  ])
  return own.rows[0]?.value ?? null
}
