// SQLite: foreign keys around a migration's transaction. Knex rebuilds a table by dropping it, and ON DELETE CASCADE
// would empty its children; inside a transaction the pragma has no effect (sqlite.org/foreignkeys.html, section 2).

import type { Connection } from '../contract/connection.js'
import type { TransactionAnswers } from '../contract/transaction.js'

/** A foreign key in words → how many rows violate it. */
type Violations = ReadonlyMap<string, number>

interface Before {
  readonly enforced: boolean
  /** How many violations of which foreign key were there before, so that none is blamed on the migration. */
  readonly violations: Violations
}

export const transaction: TransactionAnswers = {
  joinsBegin: false,
  identity: null,
  isCommitted: () => true,
  isOver,

  async before(connection): Promise<Before> {
    const { rows } = await connection.query('pragma foreign_keys')
    const enforced = Number(rows[0]?.foreign_keys) === 1
    if (!enforced) return { enforced, violations: new Map() }
    const violations = await violationsIn(connection)
    await connection.query('pragma foreign_keys = off')
    return { enforced, violations }
  },

  async objection(connection, before) {
    if (isOver(connection)) return 'it ended the transaction by a COMMIT or ROLLBACK of its own'
    const { enforced, violations } = before as Before
    if (!enforced) return null
    const added = [...(await violationsIn(connection))].filter(([key, count]) => count > (violations.get(key) ?? 0))
    if (added.length === 0) return null
    const rows = added.reduce((sum, [key, count]) => sum + count - (violations.get(key) ?? 0), 0)
    return `it leaves ${rows === 1 ? 'a row' : `${rows} rows`} without the row that a foreign key wants: ${added.map(([key]) => key).join('; ')}`
  },

  leftBehind: () => Promise.resolve(null),

  async after(connection, before) {
    if ((before as Before).enforced) await connection.query('pragma foreign_keys = on')
  },
}

/** SQLITE_FULL and its like roll back by themselves (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"). */
function isOver({ raw }: Connection): boolean {
  return !(raw as { readonly inTransaction: boolean }).inTransaction
}

/** Row numbers change when a table is rebuilt, and some tables have none: only the counts can be compared. */
async function violationsIn(connection: Connection): Promise<Violations> {
  const { rows } = await connection.query('pragma foreign_key_check')
  const counts = new Map<string, number>()
  for (const { table, parent } of rows) {
    const key = `${String(table)} refers to ${String(parent)}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
