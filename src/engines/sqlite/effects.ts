// SQLite: a statement runs in this very process, so that its answer cannot be lost; nothing has to be found out of it.

import type { EffectAnswers } from '../contract/effects.js'
import { shapeOf, statementsOf } from '../../core/sql/sql.js'
import { sqliteLexicon } from './lexicon.js'

export const effects: EffectAnswers = {
  of: () => null,
  isRepeatable: (sql) => statementsOf(sql, sqliteLexicon).every((statement) => repeatable.test(shapeOf(statement))),
  cleanup: () => null,
}

const repeatable = /^(vacuum|pragma|analyze|reindex|drop [a-z]+ if exists|create( [a-z]+)+ if not exists)\b/
