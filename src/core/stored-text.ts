// Texts as a database holds them whose encoding cannot hold every character: escaped, and read back as they were.

/** What is escaped begins so; the rest is the text in JSON, in ASCII. */
const mark = 'escaped:'

/** A text in ASCII that `textOf` reads back; one that is ASCII already stays as it is. */
export function escapedText(text: string): string {
  // eslint-disable-next-line no-control-regex -- a NUL is what some databases refuse
  if (/^[\x01-\x7f]*$/.test(text) && !text.startsWith(mark)) return text
  return mark + JSON.stringify(text).replace(/[^\x20-\x7e]/g, escaped)
}

/** What was written: an escaped text as it was, any other as it is. */
export function textOf(stored: string): string {
  if (!stored.startsWith(mark)) return stored
  try {
    const text: unknown = JSON.parse(stored.slice(mark.length))
    return typeof text === 'string' ? text : stored
  } catch {
    return stored // cut off, or written by somebody else
  }
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
