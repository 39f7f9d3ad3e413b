// SQLite: foreign keys around a migration's transaction. Knex rebuilds a table by dropping it, and ON DELETE CASCADE
// would empty its children; inside a transaction the pragma has no effect (sqlite.org/foreignkeys.html, section 2).

import type { Connection, TransactionAnswers } from '../engine.js'

interface Before {
  readonly enforced: boolean
  /** Violations that were there before, so that none is blamed on the migration. */
  readonly violations: ReadonlySet<string>
}

export const transaction: TransactionAnswers = {
  async before(connection): Promise<Before> {
    const { rows } = await connection.query('pragma foreign_keys')
    const enforced = Number(rows[0]?.foreign_keys) === 1
    if (!enforced) return { enforced, violations: new Set() }
    const violations = new Set(await violationsIn(connection))
    await connection.query('pragma foreign_keys = off')
    return { enforced, violations }
  },

  async objection(connection, before) {
    const { enforced, violations } = before as Before
    if (!enforced) return null
    const added = (await violationsIn(connection)).filter((violation) => !violations.has(violation))
    if (added.length === 0) return null
    return `it leaves ${added.length === 1 ? 'a row' : `${added.length} rows`} without the row that a foreign key wants: ${added.slice(0, 3).join('; ')}`
  },

  async after(connection, before) {
    if ((before as Before).enforced) await connection.query('pragma foreign_keys = on')
  },
}

async function violationsIn(connection: Connection): Promise<readonly string[]> {
  const { rows } = await connection.query('pragma foreign_key_check')
  return rows.map(({ table, rowid, parent }) => `${String(table)} (rowid ${String(rowid)}) refers to ${String(parent)}`)
}
