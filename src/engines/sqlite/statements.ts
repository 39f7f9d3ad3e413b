// SQLite: which statements cannot stand in a transaction.

import { controlKind, endsTransaction, isOfSession, isTemporary, onlyReads } from '../../core/sql/guess.js'
import type { StatementAnswers } from '../contract/statements.js'
import { sessionState } from './session-state.js'
import { shapeOf, statementsOf } from '../../core/sql/sql.js'
import { sqliteLexicon } from './lexicon.js'

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

export const statements: StatementAnswers = {
  read(sql) {
    const kind = controlKind(sql)
    return {
      count: 1,
      reads: kind === null && onlyReads(sql),
      ofSession: isOfSession(sql),
      control: kind === null ? null : { kind, savepoint: null },
      endsTransaction: endsTransaction(sql),
      commits: false,
      mayControl: false,
      refusesTransaction: refusesTransaction(sql),
      endsGroup: false,
      allOrNothing: !/;\s*\S/.test(sql),
      temporary: isTemporary(sql),
      changesSettings: sessionState.mayChange(sql),
      tableLocks: null,
      waitsLong: false,
    }
  },
}
