// The checksum of a migration: what its text is, whatever editor or git setting wrote its line ends.

import { createHash } from 'node:crypto'

/** The text as it is hashed and stored: no byte order mark, line ends as `\n`, no blank line at the end. */
export function normalizeSource(text: string): string {
  const lines = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  let end = lines.length
  while (lines[end - 1] === '\n') end-- // a pattern for it would be quadratic in blank lines
  return `${lines.slice(0, end)}\n`
}

/** SHA-256 of the normalized text, 64 lower-case hexadecimal digits. */
export function checksum(text: string): string {
  return createHash('sha256').update(normalizeSource(text), 'utf8').digest('hex')
}
