// SQL as words: comments left out, quoted names and literals told from keywords. It knows no grammar: each engine does.

/** A piece of a statement. Names are without their quotes, words as they are written; a literal's text is not kept. */
export interface Token {
  readonly kind: 'word' | 'name' | 'literal' | 'sign'
  readonly text: string
}

/** One statement of a text. */
export type Statement = readonly Token[]

/** How pieces look in a database: tried in this order, each at the place where the one before ended. */
export type Lexicon = readonly (readonly [Token['kind'] | 'nothing', Pattern])[]

/** A function tells where a piece ends that starts at `at`; `at` itself when none does. */
type Pattern = RegExp | ((sql: string, at: number) => number)

/** Pieces that look alike everywhere; they come last. */
const common: Lexicon = [
  ['literal', /'[^']*'/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['literal', /\d[\w.]*/y],
  ['sign', /[\s\S]/y],
]

/** PostgreSQL manual, "Lexical Structure": comments nest, dollars quote. */
export const postgresLexicon: Lexicon = [
  ['nothing', /\s+|--[^\n\r]*/y],
  ['nothing', endOfNestedComment],
  ['literal', /\$([\p{L}_][\p{L}\p{N}_]*)?\$[\s\S]*?\$\1\$/uy],
  ['literal', /e'[^'\\]*(?:\\[\s\S][^'\\]*)*'/iy],
  ['name', /(?:u&)?"[^"]*(?:""[^"]*)*"/iy],
  ...common,
]

/**
 * MySQL manual, "Lexical Structure". What stands in an executable comment is a part of the statement. Double quotes
 * are a name's when sql_mode has ANSI_QUOTES; where a name is wanted they can be nothing else.
 */
export const mysqlLexicon: Lexicon = [
  ['nothing', /\s+|--(?=\s|$)[^\n]*|#[^\n]*|\/\*M?!\d*|\*\/|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['name', /`[^`]*(?:``[^`]*)*`|"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"/y],
  ['literal', /'[^'\\]*(?:\\[\s\S][^'\\]*)*'/y],
  ['word', /[\p{L}\p{N}_$]*[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ...common,
]

/** sqlite.org/lang_keywords.html: four ways to quote. */
export const sqliteLexicon: Lexicon = [
  ['nothing', /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['name', /"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\]/y],
  ...common,
]

/** The statements of a text. One that creates a trigger or a routine keeps all that follows its `begin`. */
export function statementsOf(sql: string, lexicon: Lexicon): readonly Statement[] {
  const statements: Token[][] = [[]]
  for (const token of tokensOf(sql, lexicon)) {
    const current = statements.at(-1) as Token[]
    if (token.text === ';' && token.kind === 'sign' && !hasBody(current)) statements.push([])
    else current.push(token)
  }
  return statements.filter((statement) => statement.length > 0)
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
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
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

function isKeyword(token: Token | undefined, word: string): boolean {
  return (token?.kind === 'word' || token?.kind === 'sign') && token.text.toLowerCase() === word
}

function isSign(token: Token, sign: string): boolean {
  return token.kind === 'sign' && token.text === sign
}

function* tokensOf(sql: string, lexicon: Lexicon): Generator<Token> {
  let at = 0
  while (at < sql.length) {
    const [kind, text] = pieceAt(sql, at, lexicon)
    at += text.length
    if (kind === 'name') yield { kind, text: unquoted(text) }
    else if (kind !== 'nothing') yield { kind, text: kind === 'literal' ? '' : text }
  }
}

function pieceAt(sql: string, at: number, lexicon: Lexicon): readonly [Token['kind'] | 'nothing', string] {
  for (const [kind, pattern] of lexicon) {
    const end = typeof pattern === 'function' ? pattern(sql, at) : endOfMatch(pattern, sql, at)
    if (end > at) return [kind, sql.slice(at, end)]
  }
  return ['sign', sql.charAt(at)]
}

function endOfMatch(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : at
}

/** One that is not closed goes to the end of the text. */
function endOfNestedComment(sql: string, at: number): number {
  if (!sql.startsWith('/*', at)) return at
  const marks = /\/\*|\*\//g
  marks.lastIndex = at
  let depth = 0
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return sql.length
}

function unquoted(text: string): string {
  const open = text.search(/["`[]/)
  const quote = text.charAt(text.length - 1)
  return text.slice(open + 1, -1).replaceAll(quote + quote, quote)
}

function hasBody([first, ...others]: Statement): boolean {
  return isKeyword(first, 'create') && others.some((token) => isKeyword(token, 'begin'))
}
