// Columns: rows of cells, aligned by what they take on a terminal.

import stringWidth from 'string-width'

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

/** Colours are signs without width: those behind the cut are kept, so that what is switched on is switched off again. */
// eslint-disable-next-line no-control-regex -- the sign that begins them
const colours = /\u001B\[[\d;]*m/g

/** A text cut to `width` columns, with an ellipsis where something is missing. */
export function fitWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let fitting = ''
  for (const letter of text) {
    if (stringWidth(fitting + letter) > width - 1) break
    fitting += letter
  }
  return `${fitting}…${(text.slice(fitting.length).match(colours) ?? []).join('')}`
}
