// SQLite: which statements cannot stand in a transaction.

import { shapeOf, sqliteLexicon, statementsOf } from '../../core/sql/sql.js'

/**
 * VACUUM and the change into or out of WAL fail in a transaction (sqlite.org/lang_vacuum.html, pragma.html), DETACH
 * when the database was used in it.
 */
export function refusesTransaction(sql: string): boolean {
  return (
    /\b(vacuum|journal_mode|detach)\b/i.test(sql) &&
    statementsOf(sql, sqliteLexicon).some((statement) => refused.test(shapeOf(statement)))
  )
}

const refused = /^(vacuum|detach)\b|^pragma (\S+ \. )?journal_mode [=(]/
