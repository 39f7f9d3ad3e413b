// Where in a text something stands, and how that place is shown.

export interface Position {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** The line and column of an offset in UTF-16 units. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

/** The line of `position` with its neighbours above, numbered, and a caret below it. */
export function sourceFrame(text: string, { line, column }: Position): string {
  const lines = text.split(/\r?\n/)
  const first = Math.max(1, line - 2)
  const width = String(line).length
  const shown = lines
    .slice(first - 1, line)
    .map((content, index) => `  ${String(first + index).padStart(width)} | ${content.replace(/\t/g, ' ')}`)
  return [...shown, `  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`].join('\n')
}

/** The first place in `file` that an error's stack names; null when it names none. */
export function positionInStack(error: unknown, file: string): Position | null {
  const stack = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : ''
  for (const name of [file, encodeURI(file)]) {
    // Copies of a module have something after the name of its file.
    const [, line, column] = new RegExp(`${escaped(name)}(?:[?#][^\\s:)]*)?:(\\d+):(\\d+)`).exec(stack) ?? []
    if (line !== undefined) return { line: Number(line), column: Math.max(1, Number(column)) }
  }
  return null
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
