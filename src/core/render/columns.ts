// Columns: rows of cells, aligned by what they take on a terminal.

import stringWidth from 'fast-string-width'

/** One line for each row; every column but the last is as wide as its widest cell. `gap` is in columns. */
export function alignColumns(rows: readonly (readonly string[])[], gap = 2): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell))
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - stringWidth(cell) + gap),
      )
      .join('')
      .trimEnd(),
  )
}

/** A text cut to `width` columns, with an ellipsis where something is missing. Colours are kept whole, and so end where they ended. */
export function fitWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let fitting = ''
  let isFull = false
  for (const part of text.split(colorCode)) {
    if (part.startsWith('\u001B')) fitting += part
    else if (!isFull) {
      const start = fitStart(part, width - 1 - stringWidth(fitting))
      isFull = start !== part
      fitting += isFull ? `${start}…` : part
    }
  }
  return fitting
}

// eslint-disable-next-line no-control-regex -- these are what is looked for
const colorCode = /(\u001B\[[\d;]*m)/

/** As much of a text without colours as `width` columns hold. */
function fitStart(text: string, width: number): string {
  let fitting = ''
  for (const letter of text) {
    if (stringWidth(fitting + letter) > width) break
    fitting += letter
  }
  return fitting
}

/** The lines of a text that is broken between words, where `width` columns end; a longer word has a line of its own. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let taken = 0
  // Each word is measured once: a statement in a message may have a hundred thousand of them.
  for (const word of text.split(' ')) {
    const wide = stringWidth(word)
    if (lines.length > 0 && taken + 1 + wide <= width) {
      lines.push(`${lines.pop()} ${word}`)
      taken += 1 + wide
    } else {
      lines.push(word)
      taken = wide
    }
  }
  return lines
}
