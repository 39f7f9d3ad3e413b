// Secrets never leave: every text for people, logs or rows passes here.

// Lengths are bounded to keep all of this linear.
const patterns: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host; the password may hold any sign, and blanks where without them there is no @
  [
    /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/'"]{0,200}):(?:\S{0,1000}|(?!\d{1,5}(?:[/?\s]|$))[^\r\n]{0,200})@/gi,
    '$1:***@',
  ],
  // password=…, DB_PASSWORD: '…', &access_token=…; without quotes all up to a blank or `&`, but for brackets at its end
  [
    /(password|passwd|pwd|token|secret|api_?key|sslkey)(["']?\s{0,10}[=:]\s{0,10})("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s&]*[^\s&,;)}\]'"])/gi,
    '$1$2***',
  ],
]

/** The text without passwords, in whatever form they are usually written. */
export function maskSecrets(text: string): string {
  return patterns.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), maskInSql(text))
}

/** Words of SQL after which a password comes, in the grammar of any of the databases; a key in quotes is none. */
const herald = /(?<!["'])\bpassword\b|\bidentified\b/gi

/**
 * SQL: `alter role … password '…'`, `create user … identified with … by "…" replace '…'`, `set password for … = '…'`. The text
 * may be a part of a statement, or a message that quotes one, of any database: what one of them takes for a literal is
 * masked, so that it errs towards too much.
 */
function maskInSql(text: string): string {
  let done = ''
  let rest = 0
  herald.lastIndex = 0
  for (let found = herald.exec(text); found !== null; found = herald.exec(text)) {
    const isIdentified = found[0].toLowerCase() === 'identified'
    let at = herald.lastIndex
    for (let literal = literalAfter(text, at, isIdentified); literal !== null;) {
      done += `${text.slice(rest, literal.from)}${literal.quote}***${literal.quote}`
      rest = at = literal.to
      literal = isIdentified ? literalAfter(text, at, true) : null
    }
    herald.lastIndex = Math.max(at, herald.lastIndex)
  }
  return rest === 0 ? text : done + text.slice(rest)
}

const comments = String.raw`(?:\s|/\*(?:[^*]|\*(?!/)){0,200}\*/|--[^\n]{0,200}\n)*`
/** Signs that tell how a literal is written: `E'…'`, `N'…'`, `U&'…'`, `_utf8mb4'…'`. */
const prefix = String.raw`(?:[ebnx]|u&|_[a-z0-9]{1,20})?`
const opening = String.raw`(?=['"]|\$[\p{L}_]{0,60}\$)`
/** Right after `password`, or `password(`, `password =`, `password for somebody =`. */
const afterPassword = new RegExp(
  String.raw`${comments}(?:[=(]|(?:for|to)\s+[^\s=]{1,200}\s*=)?${comments}(?:password\s*\(\s*)?${prefix}${opening}`,
  'iuy',
)
/** Anywhere in the rest of the statement. */
const afterIdentified = new RegExp(String.raw`(?:(?!['"]|\$[\p{L}_]{0,60}\$)[^;]){0,400}${opening}`, 'iuy')

interface Literal {
  readonly from: number
  readonly to: number
  readonly quote: string
}

function literalAfter(text: string, at: number, isIdentified: boolean): Literal | null {
  const lead = isIdentified ? afterIdentified : afterPassword
  lead.lastIndex = at
  if (!lead.test(text)) return null
  const from = lead.lastIndex
  const quote = text[from] === '$' ? (/\$[^$]*\$/.exec(text.slice(from, from + 70))?.[0] ?? '$$') : (text[from] ?? "'")
  return { from, to: endOfLiteral(text, from + quote.length, quote), quote }
}

/** After its closing quote; one that is not closed goes to the end. A backslash and a second quote may each go on. */
function endOfLiteral(text: string, at: number, quote: string): number {
  for (let end = text.indexOf(quote, at); end >= 0; end = text.indexOf(quote, end + 1)) {
    if (quote.startsWith('$')) return end + quote.length
    if (text[end + 1] === quote) end++
    else if (text[end - 1] !== '\\') return end + 1
  }
  return text.length
}

/**
 * Control characters made visible, so that a text from a database or a file cannot steer a terminal. Line ends and tabs
 * stay. `written` says how a character is written, by its code in hexadecimal digits.
 */
export function escapeControls(text: string, written = (code: string) => `\\u{${code}}`): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g,
    (sign) => written(sign.charCodeAt(0).toString(16)),
  )
}
