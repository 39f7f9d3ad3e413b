// The checksum of a migration: what its text and its local modules are, whatever editor or git setting wrote its line ends.

import { hash } from 'node:crypto'

/** As nearly every file is. No pattern: there may be thousands of texts. */
function isNormal(text: string): boolean {
  return (
    text.endsWith('\n') &&
    !text.endsWith('\n\n') &&
    text.length > 1 &&
    !text.startsWith('\uFEFF') &&
    !text.includes('\r')
  )
}

/** The text as it is hashed and stored: no byte order mark, line ends as `\n`, no blank line at the end. */
export function normalizeSource(text: string): string {
  if (isNormal(text)) return text
  const lines = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  let end = lines.length
  while (lines[end - 1] === '\n') end-- // a pattern for it would be quadratic in blank lines
  return `${lines.slice(0, end)}\n`
}

/**
 * SHA-256, 64 lower-case hexadecimal digits: of the normalized text alone, or of it and the local modules that it
 * imports (name → normalized text), in whatever order they are given.
 */
export function checksum(text: string, modules: Readonly<Record<string, string>> = {}): string {
  const own = normalizeSource(text)
  const others = Object.entries(modules).sort(([a], [b]) => (a < b ? -1 : 1))
  const hashed = others.length === 0 ? own : JSON.stringify([own, others])
  return hashOf(hashed)
}

/** SHA-256 of a text as it stands, 64 lower-case hexadecimal digits. Of a migration it is the checksum if its text is normal. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex')
}
