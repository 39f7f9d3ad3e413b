// PostgreSQL: how a text of SQL falls into pieces and statements.

import { endOfEscaped, endOfNestedComment, endOfQuoted, type Pieces, type Token } from '../../core/sql/pieces.js'
import { type BodyRule, type Cursor, cursorOn, isKeyword, type Lexicon, type Statement } from '../../core/sql/sql.js'

/** PostgreSQL manual, "Lexical Structure", and its scan.l: comments nest, dollars quote, all beyond ASCII is a letter. */
function piecesWith(endOfPlain: (sql: string, at: number) => number): Pieces {
  return [
    ['nothing', /[ \t\n\r\f\v]{1,4000}/y], // bounded: one match of millions may overflow the stack
    ['nothing', endOfLineComment],
    ['sign', /[,;()=.]/y],
    ['word', /(?![ebnx]'|u&['"])[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy],
    ['literal', (sql, at) => endOfLiteral(sql, at, endOfPlain)],
    ['literal', /0[box][\da-f_]+|\d[\d_]*(?:\.[\d_]+)?(?:e[+-]?\d+)?/iy],
    ['name', endOfName],
    ['nothing', endOfNestedComment],
    ['literal', endOfDollarQuoted],
    ['literal', endOfEscapeString],
    ['sign', endOfUnclosed],
  ]
}

/**
 * In parentheses stand the statements of a rule, between `begin atomic` and its `end` those of a function. `case` has an
 * `end` of its own; after `as` and after a dot both words are names.
 */
const bodies: BodyRule = () => {
  let isCreate: boolean | null = null
  let parentheses = 0
  let blocks = 0
  let last: Token | undefined
  return (token) => {
    isCreate ??= isKeyword(token, 'create')
    parentheses = Math.max(0, parentheses + stepOf(token, '(', ')'))
    if (isCreate && !isName(last)) blocks = Math.max(0, blocks + blockStep(token, last, blocks))
    last = token
    return parentheses > 0 || blocks > 0
  }
}

function stepOf(token: Token, open: string, close: string): number {
  return isKeyword(token, open) ? 1 : isKeyword(token, close) ? -1 : 0
}

function blockStep(token: Token, last: Token | undefined, blocks: number): number {
  if (blocks > 0) return stepOf(token, 'case', 'end')
  return isKeyword(token, 'atomic') && isKeyword(last, 'begin') ? 1 : 0
}

/** Whether a word after this one is a name. */
function isName(last: Token | undefined): boolean {
  return isKeyword(last, '.') || isKeyword(last, 'as')
}

export const postgresLexicon: Lexicon = { pieces: piecesWith((sql, at) => endOfQuoted(sql, at, "'")), bodies }

/** As a session with standard_conforming_strings = off reads it: a backslash escapes in each literal. */
export const backslashLexicon: Lexicon = { pieces: piecesWith(endOfEscaped), bodies }

export function cursorIn(statement: Statement): Cursor {
  return cursorOn(statement, fold)
}

/** Unquoted names are of lower case, but for letters beyond ASCII (manual, "Identifiers and Key Words"). */
function fold(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const dollarQuote = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy

function endOfDollarQuoted(sql: string, at: number): number {
  dollarQuote.lastIndex = at
  if (!sql.startsWith('$', at) || !dollarQuote.test(sql)) return at
  const quote = sql.slice(at, dollarQuote.lastIndex)
  const end = sql.indexOf(quote, dollarQuote.lastIndex)
  return end < 0 ? at : end + quote.length
}

/** `B'…'`, `X'…'`, `N'…'`, `U&'…'` too. */
function endOfLiteral(sql: string, at: number, endOfPlain: (sql: string, at: number) => number): number {
  prefixed.lastIndex = at
  return prefixed.test(sql) ? Math.max(at, endOfPlain(sql, prefixed.lastIndex)) : at
}

const prefixed = /(?:[bxn]|u&)?'/iy

/** What continues it on another line is of its kind. */
function endOfEscapeString(sql: string, at: number): number {
  if (!/[eE]/.test(sql.charAt(at)) || !sql.startsWith("'", at + 1)) return at
  let end = endOfEscaped(sql, at + 2)
  for (let next = continuationOf(sql, end); end > 0 && next > end; next = continuationOf(sql, end))
    end = endOfEscaped(sql, next)
  return Math.max(at, end)
}

const lineEnd = /[\n\r]/g

function endOfLineComment(sql: string, at: number): number {
  if (!sql.startsWith('--', at)) return at
  lineEnd.lastIndex = at
  return lineEnd.test(sql) ? lineEnd.lastIndex - 1 : sql.length
}

const space = /[ \t\f\v]*/y
const line = /[\n\r][ \t\n\r\f\v]*(?:--[^\n\r]*)?/y

/** After the quote that opens the next part of a literal, "separated only by whitespace with at least one newline". */
function continuationOf(sql: string, at: number): number {
  let end = endOfMatch(space, sql, at)
  let isOnNewLine = false
  for (let next = endOfMatch(line, sql, end); next > end; next = endOfMatch(line, sql, end)) {
    end = next
    isOnNewLine = true
  }
  return isOnNewLine && sql.startsWith("'", end) ? end + 1 : at
}

function endOfMatch(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : at
}

/** `U&"…"` too. */
function endOfName(sql: string, at: number): number {
  const open = /[uU]/.test(sql.charAt(at)) && sql.startsWith('&"', at + 1) ? at + 2 : at
  return sql.startsWith('"', open) ? Math.max(at, endOfQuoted(sql, open + 1, '"')) : at
}

/** A sign, or a quote that is not closed with all that follows. The server refuses such a text as a whole. */
function endOfUnclosed(sql: string, at: number): number {
  opening.lastIndex = at
  return opening.test(sql) ? sql.length : at + 1
}

const opening = /(?:[ebnx]|u&)?'|(?:u&)?"|\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy
