// PostgreSQL: how a text of SQL falls into pieces and statements.

import { commonPieces, createsWithBegin, endOfNestedComment, type Lexicon, type Pieces } from '../../core/sql/sql.js'

/** PostgreSQL manual, "Lexical Structure": comments nest, dollars quote. */
const pieces: Pieces = [
  ['nothing', /\s+|--[^\n\r]*/y],
  ['nothing', endOfNestedComment],
  ['literal', /\$([\p{L}_][\p{L}\p{N}_]*)?\$[\s\S]*?\$\1\$/uy],
  ['literal', /e'[^'\\]*(?:\\[\s\S][^'\\]*)*'/iy],
  ['name', /(?:u&)?"[^"]*(?:""[^"]*)*"/iy],
  ...commonPieces,
]

export const postgresLexicon: Lexicon = { pieces, bodies: createsWithBegin }
