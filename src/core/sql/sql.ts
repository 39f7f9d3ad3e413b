// SQL as statements of words. It knows no grammar: each engine does.

import { excerpt } from '../render/excerpt.js'
import { type Pieces, type Token, tokensOf } from './pieces.js'

/** One statement of a text. */
export type Statement = readonly Token[]

/** How a database reads a text. */
export interface Lexicon {
  readonly pieces: Pieces
  readonly bodies: BodyRule
}

/**
 * Made anew for each statement, and then called with each of its pieces, once and in order. It answers whether a
 * semicolon right after that piece stands in the body of a routine, and so is a piece of the statement itself.
 */
export type BodyRule = () => (token: Token) => boolean

/** Follows one statement: it is shown each piece in its order, and then asked what it has found. */
export interface StatementFollower<Found> {
  see(token: Token): void
  found(): Found
}

/** What a follower of its own finds in each statement of a text. No statement is kept: a text may be very long. */
export function* followEach<Found>(
  sql: string,
  { pieces, bodies }: Lexicon,
  newFollower: () => StatementFollower<Found>,
): Generator<Found> {
  let follower: StatementFollower<Found> | null = null
  let isInBody = bodies()
  let inBody = false
  for (const token of tokensOf(sql, pieces)) {
    if (inBody || !isSign(token, ';')) {
      follower ??= newFollower()
      follower.see(token)
      inBody = isInBody(token)
    } else {
      if (follower !== null) yield follower.found()
      follower = null
      isInBody = bodies()
    }
  }
  if (follower !== null) yield follower.found()
}

/** The statements of a text, one by one, each with the bodies in it. */
export function eachStatement(sql: string, lexicon: Lexicon): Generator<Statement> {
  return followEach(sql, lexicon, collector)
}

function collector(): StatementFollower<Statement> {
  const pieces: Token[] = []
  return { see: (token) => void pieces.push(token), found: () => pieces }
}

export function statementsOf(sql: string, lexicon: Lexicon): readonly Statement[] {
  return [...eachStatement(sql, lexicon)]
}

/**
 * Finds texts in which a statement may start with one of these words, "set|reset": most texts need not be read. It errs
 * towards yes.
 */
export function mayStartWith(words: string): RegExp {
  return new RegExp(`(?:^|[;\\n\\r]|\\*/|/\\*M?!\\d*)[^\\S\\n\\r]*(?:${words})\\b`, 'i')
}

/** The only statement of a text; null when it has none or several. */
export function onlyStatement(sql: string, lexicon: Lexicon): Statement | null {
  const [statement, ...others] = statementsOf(sql, lexicon)
  return others.length === 0 ? (statement ?? null) : null
}

/** A statement for patterns: words in lower case, one space between any two pieces, `"…"` for each quoted name and `'…'` for each literal. */
export function shapeOf(statement: Statement): string {
  return statement.map(({ kind, text }) => shapes[kind] ?? text.toLowerCase()).join(' ')
}

const shapes: Readonly<Partial<Record<Token['kind'], string>>> = { name: '"…"', literal: "'…'" }

/** A statement of another session, for people: on one line, and not all of a long one. */
export function shortened(sql: string): string {
  const line = sql.slice(0, 2000).replace(/\s+/g, ' ').trim()
  return excerpt(line, 200)
}

/** Cut at the commas that stand in no parentheses. */
export function partsOf(statement: Statement): readonly Statement[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of statement) {
    if (isSign(token, '(')) depth++
    if (isSign(token, ')')) depth--
    if (depth === 0 && isSign(token, ',')) parts.push([])
    else (parts.at(-1) as Token[]).push(token)
  }
  return parts
}

/** A name as it is written, and the one before its dot. */
export interface QualifiedName {
  readonly schema: string | null
  readonly name: string
}

/** Reads a statement from its start, keyword by keyword. */
export interface Cursor {
  /** Steps over these keywords, or signs, when they are next. */
  take(words: string): boolean
  /** The next piece, whatever it is. */
  next(): Token | undefined
  /** The next piece as a name, quoted or not. */
  name(): string | null
  /** The next pieces as a name with or without its schema. */
  qualifiedName(): QualifiedName | null
  /** Whether the next piece is in quotes: no keyword, whatever it says. */
  isQuoted(): boolean
  /** What has not been read. */
  rest(): Statement
}

/** `fold` makes of an unquoted name what the database does. */
export function cursorOn(statement: Statement, fold: (name: string) => string = (name) => name): Cursor {
  let at = 0
  function name(): string | null {
    const token = statement[at]
    if (token?.kind !== 'word' && token?.kind !== 'name') return null
    at++
    return token.kind === 'word' ? fold(token.text) : token.text
  }
  function take(words: string): boolean {
    const wanted = words.split(' ')
    if (!wanted.every((word, index) => isKeyword(statement[at + index], word))) return false
    at += wanted.length
    return true
  }
  return {
    take,
    next: () => statement[at++],
    name,
    qualifiedName() {
      const first = name()
      if (first === null) return null
      if (!take('.')) return { schema: null, name: first }
      const second = name()
      return second === null ? null : { schema: first, name: second }
    },
    isQuoted: () => statement[at]?.kind === 'name',
    rest: () => statement.slice(at),
  }
}

/** Whether a piece is this word, not in quotes, or this sign. */
export function isKeyword(token: Token | undefined, word: string): boolean {
  if (token?.kind !== 'word' && token?.kind !== 'sign') return false
  return token.text.length === word.length && token.text.toLowerCase() === word
}

function isSign(token: Token, sign: string): boolean {
  return token.kind === 'sign' && token.text === sign
}
