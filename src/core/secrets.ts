// Secrets never leave: every text for people, logs or rows passes here.

const patterns: readonly (readonly [RegExp, string])[] = [
  // SQL: alter role … password '…'; create user … identified by '…'. Lengths are bounded to keep all of this linear.
  [/\b(password|identified\s{1,10}(?:with\s{1,10}\S{1,64}\s{1,10})?by)(\s{1,10})'(?:[^']|'')*'/gi, "$1$2'***'"],
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
  return patterns.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
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
