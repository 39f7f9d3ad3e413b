// SQLite: foreign keys around a migration's transaction. Knex rebuilds a table by dropping it, and ON DELETE CASCADE
// would empty its children; inside a transaction the pragma has no effect (sqlite.org/foreignkeys.html, section 2).

import type { Connection } from '../contract/connection.js'
import type { TransactionAnswers } from '../contract/transaction.js'
import { added, type Violations, violationsIn } from './violations.js'

interface Before {
  readonly enforced: boolean
  /** What was violated before, so that none of it is blamed on the migration. */
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
    const { rows, keys } = added(violations, await violationsIn(connection))
    if (rows === 0) return null
    return `it leaves ${rows === 1 ? 'a row' : `${rows} rows`} without the row that a foreign key requires: ${keys.join('; ')}`
  },

  leftBehind: () => Promise.resolve(null),
  // What `or fail` changed before the row that failed stays (sqlite.org/lang_conflict.html).
  refusalLeaves: () => Promise.resolve(true),

  async after(connection, before) {
    if ((before as Before).enforced) await connection.query('pragma foreign_keys = on')
  },
}

/** SQLITE_FULL and its like roll back by themselves (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"). */
function isOver({ raw }: Connection): boolean {
  return !(raw as { readonly inTransaction: boolean }).inTransaction
}
