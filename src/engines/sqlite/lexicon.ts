// SQLite: how a text of SQL falls into pieces and statements.

import { endOfQuoted, type Pieces, type Token } from '../../core/sql/pieces.js'
import { type BodyRule, isKeyword, type Lexicon } from '../../core/sql/sql.js'

/**
 * As its tokenizer has it: four ways to quote, none of which knows a backslash; what is not ASCII belongs to a name. What
 * is not closed goes to the end of the text.
 */
const pieces: Pieces = [
  ['sign', /[(),;.=*]/y], // a text of many rows has little else
  ['nothing', /[ \t\n\f\r]{1,4000}/y], // bounded: one match of millions may overflow the stack
  ['nothing', endOfComment],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['name', endOfName],
  ['literal', /[?@#$:][\w$\u0080-\uffff]+/y],
  ['literal', endOfLiteral],
  ['literal', /\d[\w.]*/y],
]

/** As sqlite3_complete has it: a trigger ends with the `end` after a semicolon, whatever stands before. */
const triggers: BodyRule = () => {
  let place: Place = 'start'
  let last: Token | undefined
  return (token) => {
    place = next(place, token, last)
    last = token
    return place === 'in trigger'
  }
}

/** Where a statement stands while it is read. */
type Place = 'start' | 'after create' | 'in trigger' | 'no body'

const start = new Map<string, Place>([
  ['explain', 'start'],
  ['query', 'start'],
  ['plan', 'start'],
  ['create', 'after create'],
])
const afterCreate = new Map<string, Place>([
  ['temp', 'after create'],
  ['temporary', 'after create'],
  ['trigger', 'in trigger'],
])

function next(place: Place, token: Token, last: Token | undefined): Place {
  if (place === 'no body') return place
  if (place === 'in trigger') return isKeyword(token, 'end') && isKeyword(last, ';') ? 'no body' : place
  if (token.kind !== 'word') return 'no body'
  return (place === 'start' ? start : afterCreate).get(token.text.toLowerCase()) ?? 'no body'
}

export const sqliteLexicon: Lexicon = { pieces, bodies: triggers }

function endOfComment(sql: string, at: number): number {
  const close = sql.startsWith('--', at) ? '\n' : sql.startsWith('/*', at) ? '*/' : null
  if (close === null) return at
  const end = sql.indexOf(close, at + 2)
  return end < 0 ? sql.length : end + close.length
}

function endOfLiteral(sql: string, at: number): number {
  if (!sql.startsWith("'", at)) return at
  const end = endOfQuoted(sql, at + 1, "'")
  return end < 0 ? sql.length : end
}

/** Between brackets nothing is doubled. */
function endOfName(sql: string, at: number): number {
  const quote = sql.charAt(at)
  if (quote === '"' || quote === '`') return endOfQuoted(sql, at + 1, quote)
  if (quote !== '[') return at
  const end = sql.indexOf(']', at)
  return end < 0 ? sql.length : end + 1
}
