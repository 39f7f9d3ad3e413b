// SQLite: foreign keys around the transactions of migrations. Knex rebuilds a table by dropping it, and ON DELETE CASCADE
// would empty its children; inside a transaction the pragma has no effect (sqlite.org/foreignkeys.html, section 2). From one
// migration to the next they stay off, and what is violated is known, unless another connection has written since.

import type { Connection } from '../contract/connection.js'
import type { TransactionAnswers } from '../contract/transaction.js'
import { added, type Violations, violationsIn } from './violations.js'

interface Before {
  readonly enforced: boolean
  /** Changes when another connection commits (sqlite.org/pragma.html#pragma_data_version). */
  readonly dataVersion: number
  /** What was violated before, so that none of it is blamed on the migration. */
  violations: Violations
}

export const transaction: TransactionAnswers = {
  joinsBegin: false,
  identity: null,
  isCommitted: () => true,
  isOver,

  async before(connection, last): Promise<Before> {
    const known = last as Before | null
    if (known?.enforced === false) return known
    const dataVersion = await numberOf(connection, 'data_version')
    if (known?.dataVersion === dataVersion) return known
    const enforced = known !== null || (await numberOf(connection, 'foreign_keys')) === 1
    if (!enforced) return { enforced, dataVersion, violations: new Map() }
    const violations = await violationsIn(connection)
    if (known === null) await connection.query('pragma foreign_keys = off')
    return { enforced, dataVersion, violations }
  },

  async objection(connection, before) {
    if (isOver(connection)) return 'it ended the transaction by a COMMIT or ROLLBACK of its own'
    const own = before as Before
    if (!own.enforced) return null
    const found = await violationsIn(connection)
    const { rows, keys } = added(own.violations, found)
    own.violations = found
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

async function numberOf(connection: Connection, pragma: string): Promise<number> {
  const { rows } = await connection.query(`pragma ${pragma}`)
  return Number(rows[0]?.[pragma])
}
