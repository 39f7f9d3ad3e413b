// MySQL and MariaDB: how a text of SQL falls into pieces and statements.

import { commonPieces, type Pieces } from '../../core/sql/pieces.js'
import { createsWithBegin, type Lexicon } from '../../core/sql/sql.js'

/**
 * MySQL manual, "Lexical Structure". What stands in an executable comment is a part of the statement. Double quotes
 * are a name's when sql_mode has ANSI_QUOTES; where a name is wanted they can be nothing else.
 */
const pieces: Pieces = [
  ['nothing', /\s+|--(?=\s|$)[^\n]*|#[^\n]*|\/\*M?!\d*|\*\/|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['name', /`[^`]*(?:``[^`]*)*`|"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"/y],
  ['literal', /'[^'\\]*(?:\\[\s\S][^'\\]*)*'/y],
  ['word', /[\p{L}\p{N}_$]*[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ...commonPieces,
]

export const mysqlLexicon: Lexicon = { pieces, bodies: createsWithBegin }
