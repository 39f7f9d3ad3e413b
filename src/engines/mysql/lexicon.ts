// MySQL and MariaDB: how a text of SQL falls into pieces and statements. The text alone does not say it: the server's
// kind and version decide what executable comments are, and sql_mode decides what a backslash is.

import type { Pieces } from '../../core/sql/pieces.js'
import type { Lexicon } from '../../core/sql/sql.js'
import { bodies } from './bodies.js'

type Piece = Pieces[number]

/** One way in which a server may read a text. */
export interface Dialect {
  /** Whether what stands in an executable comment is a part of the statement; a version of 0 is none. */
  readonly executes: (mark: '!' | 'M!', version: number) => boolean
  /** The quotes in which a backslash escapes: not under NO_BACKSLASH_ESCAPES, and under ANSI_QUOTES in single ones only. */
  readonly escapesIn: string
  /** Whether `$$` quotes, as from MySQL 8.0.34 on. */
  readonly dollarsQuote: boolean
}

/** MySQL manual, "Lexical Structure". Double quotes are a name's when sql_mode has ANSI_QUOTES; they are taken for that. */
export function lexiconOf(dialect: Dialect): Lexicon {
  return { pieces: piecesOf(dialect), bodies }
}

/** All that may be a part of a statement is one. */
export const mysqlLexicon = lexiconOf({ executes: () => true, escapesIn: `'"`, dollarsQuote: false })

function piecesOf({ executes, escapesIn, dollarsQuote }: Dialect): Pieces {
  return [
    ['nothing', (sql, at) => endOfNothing(sql, at, executes)],
    ...(dollarsQuote ? [dollarQuoted] : []),
    ['word', /[0-9]*[A-Za-z_$\u0080-\uffff][0-9A-Za-z_$\u0080-\uffff]*/y],
    quoted('literal', "'", escapesIn),
    quoted('name', '"', escapesIn),
    quoted('name', '`', escapesIn),
    ['sign', endOfUnclosed],
    ['literal', /\d[\w.]*/y],
  ]
}

const dollarQuoted: Piece = ['literal', endOfDollarQuoted]

function quoted(kind: 'literal' | 'name', quote: string, escapesIn: string): Piece {
  const escapes = escapesIn.includes(quote)
  return [kind, (sql, at) => (sql[at] === quote ? endOfQuoted(sql, at, escapes) : at)]
}

/** A quote that is not closed is one sign, with all that follows. */
function endOfUnclosed(sql: string, at: number): number {
  return `'"\``.includes(sql.charAt(at)) ? sql.length : at
}

/** Spaces, comments, and the marks of executable comments that are executed. */
function endOfNothing(sql: string, at: number, executes: Dialect['executes']): number {
  const code = sql.charCodeAt(at)
  if (isSpace(code)) return endOfSpaces(sql, at)
  if (code === hash || (sql.startsWith('--', at) && isSpaceOrEnd(sql, at + 2))) return endOfLine(sql, at)
  if (sql.startsWith('*/', at)) return at + 2
  if (!sql.startsWith('/*', at)) return at
  executable.lastIndex = at
  const mark = executable.exec(sql)
  if (mark === null) return endOfComment(sql, at)
  return executes(mark[1] as '!' | 'M!', Number(mark[2] ?? 0)) ? executable.lastIndex : endOfNestedComment(sql, at)
}

/** The version has five or six digits; fewer are a part of the statement. */
const executable = /\/\*(M?!)(\d{5,6})?/y

const hash = 0x23

function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0x7f
}

function isSpaceOrEnd(sql: string, at: number): boolean {
  return at >= sql.length || isSpace(sql.charCodeAt(at))
}

function endOfSpaces(sql: string, at: number): number {
  let end = at
  while (end < sql.length && isSpace(sql.charCodeAt(end))) end++
  return end
}

function endOfLine(sql: string, at: number): number {
  const end = sql.indexOf('\n', at)
  return end === -1 ? sql.length : end
}

function endOfComment(sql: string, at: number): number {
  const end = sql.indexOf('*/', at + 2)
  return end === -1 ? sql.length : end + 2
}

/** One that is not executed may hold comments, and they no others. */
function endOfNestedComment(sql: string, at: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = at + 2
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    if (mark[0] === '*/') return marks.lastIndex
    marks.lastIndex = endOfComment(sql, mark.index)
  }
  return sql.length
}

/** Doubled quotes are one within. `at` itself when it is not closed. */
function endOfQuoted(sql: string, at: number, escapes: boolean): number {
  const quote = sql.charCodeAt(at)
  for (let end = at + 1; end < sql.length; end++) {
    const code = sql.charCodeAt(end)
    if (code === backslash && escapes) end++
    else if (code === quote) {
      if (sql.charCodeAt(end + 1) !== quote) return end + 1
      end++
    }
  }
  return at
}

const backslash = 0x5c

function endOfDollarQuoted(sql: string, at: number): number {
  dollarQuote.lastIndex = at
  const [quote] = dollarQuote.exec(sql) ?? []
  if (quote === undefined) return at
  const end = sql.indexOf(quote, at + quote.length)
  return end === -1 ? sql.length : end + quote.length
}

const dollarQuote = /\$[A-Za-z0-9_]*\$/y
