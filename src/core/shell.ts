// What a person pastes into a shell must arrive as it was meant.

/** A text as one word of a command line, in the quotes that it needs (POSIX shells). */
export function shellWord(text: string): string {
  if (/^[\w./:@%+=,-]+$/.test(text)) return text
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", `'\\''`)}'` : `"${text}"`
}
