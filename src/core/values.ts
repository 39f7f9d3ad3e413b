// Bound values are the users' data and belong into no message: servers quote them, and here they are taken out again.

/** What a message is about. */
export interface MessageOf {
  /** The statement, with placeholders. */
  readonly sql: string
  /** What was bound to them. */
  readonly values: readonly unknown[]
  /** Whether the migration's own code raised it: then a value may stand anywhere in its words. */
  readonly isRaised: boolean
  /** Parts that are made of rows, and so of what was bound, in whatever form. */
  readonly quotedData: readonly RegExp[]
}

/**
 * The text with `?` for each bound value, where it appears as a value: in quotes, in the parentheses of a detail, after a
 * colon. Names of the statement stay, and so do words: a value that is called like a table hides no table.
 */
export function withoutValues(text: string, { sql, values, isRaised, quotedData }: MessageOf): string {
  if (values.length === 0) return text
  const words = quotedData.reduce((masked, part) => masked.replace(part, '…'), text)
  const present = [...new Set(values.flatMap(textOf))].filter((value) => words.includes(value) && !isNameIn(sql, value))
  return present
    .sort((a, b) => b.length - a.length)
    .reduce((masked, value) => replaceEach(masked, value, isRaised ? standsApart : isValueAt), words)
}

function textOf(value: unknown): readonly string[] {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
  return isText && value !== '' ? [String(value)] : []
}

/** A bound value is not in the text of the statement: a word that is, is a name or a keyword. */
function isNameIn(sql: string, value: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_$]*$/u.test(value) && someAt(sql.slice(0, longestSql), value, standsApart)
}

/** A message is about the beginning of a statement that is longer. */
const longestSql = 1_000_000

type Condition = (text: string, from: number, to: number) => boolean

function someAt(text: string, value: string, isSo: Condition): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1))
    if (isSo(text, at, at + value.length)) return true
  return false
}

function replaceEach(text: string, value: string, isSo: Condition): string {
  let done = ''
  let rest = 0
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, Math.max(at + 1, rest))) {
    const end = at + value.length
    if (!isSo(text, at, end)) continue
    done += `${text.slice(rest, at)}?`
    rest = end
  }
  return done + text.slice(rest)
}

function standsApart(text: string, from: number, to: number): boolean {
  return !/[\p{L}\p{N}_$]/u.test(text.charAt(from - 1)) && !/[\p{L}\p{N}_$]/u.test(text.charAt(to))
}

/** `'…'`, `"…"`, `(…, …)`, `=…`, `'…-…'` of a key with several columns, and what ends a message after a colon. */
function isValueAt(text: string, from: number, to: number): boolean {
  const before = text.slice(Math.max(0, from - 2), from)
  const after = text.charAt(to)
  if (/(['"(=]|[,=] )$/.test(before)) return /['"),;-]/.test(after) || after === ''
  if (before.endsWith('-')) return /['"-]/.test(after)
  return before === ': ' && after === ''
}

/** Of a statement with its values written into it, at least: texts as they are, bytes in hexadecimal digits (mysql2). */
export function bytesOf(sql: string, values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + bytesOfValue(value), Buffer.byteLength(sql))
}

function bytesOfValue(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return value instanceof Uint8Array ? 2 * value.byteLength : 0
}
