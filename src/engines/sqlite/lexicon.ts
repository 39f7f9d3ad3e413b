// SQLite: how a text of SQL falls into pieces and statements.

import { commonPieces, type Pieces } from '../../core/sql/pieces.js'
import { createsWithBegin, type Lexicon } from '../../core/sql/sql.js'

/** sqlite.org/lang_keywords.html: four ways to quote. */
const pieces: Pieces = [
  ['nothing', /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['name', /"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\]/y],
  ...commonPieces,
]

export const sqliteLexicon: Lexicon = { pieces, bodies: createsWithBegin }
