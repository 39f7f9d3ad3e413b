// The pieces that a text of SQL falls into. Comments are left out; quoted names and literals are told from keywords.

/** A piece of a statement. Names are without their quotes, words as they are written; a literal's text is not kept. */
export interface Token {
  readonly kind: 'word' | 'name' | 'literal' | 'sign'
  readonly text: string
}

/** How pieces look: tried in this order, each at the place where the one before ended. */
export type Pieces = readonly (readonly [Token['kind'] | 'nothing', Pattern])[]

/**
 * A function returns where a piece ends that starts at `at`; `at` itself when none does. Repetitions within repetitions
 * (`(?:a|b)*`) overflow the stack on long texts, so that whatever may be long and has them is a function.
 */
export type Pattern = RegExp | ((sql: string, at: number) => number)

/** Where a literal ends whose opening quote ends at `at`; -1 for one that is not closed. */
export function endOfQuoted(sql: string, at: number, quote: string): number {
  let end = sql.indexOf(quote, at)
  while (end >= 0 && sql.startsWith(quote, end + 1)) end = sql.indexOf(quote, end + 2)
  return end < 0 ? -1 : end + 1
}

/** The same of a literal in which a backslash escapes what follows it. */
export function endOfEscaped(sql: string, at: number): number {
  const marks = /['\\]/g
  marks.lastIndex = at
  while (marks.test(sql)) {
    const end = marks.lastIndex
    if (!sql.startsWith('\\', end - 1) && !sql.startsWith("'", end)) return end
    marks.lastIndex = end + 1
  }
  return -1
}

/** Where a comment ends that may hold others; one that is not closed goes to the end of the text. */
export function endOfNestedComment(sql: string, at: number): number {
  if (!sql.startsWith('/*', at)) return at
  const marks = /\/\*|\*\//g
  marks.lastIndex = at
  let depth = 0
  while (marks.test(sql)) {
    depth += sql.startsWith('/', marks.lastIndex - 1) ? -1 : 1
    if (depth === 0) return marks.lastIndex
  }
  return sql.length
}

const literal: Token = { kind: 'literal', text: '' }
const signs = new Map<string, Token>()

/** Where a piece stands in its text. */
interface Span {
  readonly kind: Token['kind'] | 'nothing'
  readonly start: number
  readonly end: number
}

/** The pieces of a text, in one pass. What is none of these is a sign. */
export function* tokensOf(sql: string, pieces: Pieces): Generator<Token> {
  for (const { kind, start, end } of spansOf(sql, pieces)) if (kind !== 'nothing') yield tokenOf(kind, sql, start, end)
}

/** The literals and quoted names of a text, as they are written. */
export function* quotedIn(sql: string, pieces: Pieces): Generator<string> {
  for (const { kind, start, end } of spansOf(sql, pieces))
    if (kind === 'literal' || kind === 'name') yield sql.slice(start, end)
}

function* spansOf(sql: string, pieces: Pieces): Generator<Span> {
  for (let at = 0; at < sql.length;) {
    const span = spanAt(sql, at, pieces)
    yield span
    at = span.end
  }
}

function spanAt(sql: string, start: number, pieces: Pieces): Span {
  for (const [kind, pattern] of pieces) {
    const end = endOf(pattern, sql, start)
    if (end > start) return { kind, start, end }
  }
  return { kind: 'sign', start, end: start + 1 }
}

function tokenOf(kind: Token['kind'], sql: string, start: number, end: number): Token {
  if (kind === 'literal') return literal
  const text = sql.slice(start, end)
  if (kind === 'sign') return signOf(text)
  return { kind, text: kind === 'name' ? unquoted(text) : text }
}

function endOf(pattern: Pattern, sql: string, at: number): number {
  if (typeof pattern === 'function') return pattern(sql, at)
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : at
}

/** One object for each sign: a text may have millions of them. A longer one is a quote that is not closed. */
function signOf(text: string): Token {
  if (text.length > 1) return { kind: 'sign', text }
  const known = signs.get(text)
  if (known !== undefined) return known
  const sign: Token = { kind: 'sign', text }
  signs.set(text, sign)
  return sign
}

function unquoted(text: string): string {
  const open = text.search(/["`[]/)
  const quote = text.charAt(text.length - 1)
  return text.slice(open + 1, -1).replaceAll(quote + quote, quote)
}
