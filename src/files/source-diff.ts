// What changed in the files of a migration since it was applied, as a unified diff.

import { normalizeSource } from '../core/checksum.js'
import { loadParser } from './parser.js'
import { isSameProgram } from './program.js'

/** A file as it was applied and as it is; null where it was or is not there. */
export interface FileChange {
  readonly path: string
  readonly stored: string | null
  readonly text: string | null
}

/** The files that are another program than before, in the order in which they are given. */
export async function changedPrograms(files: readonly FileChange[]): Promise<readonly FileChange[]> {
  const parse = await loadParser()
  return files.filter(
    ({ stored, text }) => stored !== text && (stored === null || text === null || !isSameProgram(parse, stored, text)),
  )
}

/** The differences between what was applied and the files, each below the name of its file. */
export async function diffFiles(changes: readonly FileChange[]): Promise<string> {
  const parts = changes.map(async ({ path, stored, text }) => {
    const head = [`--- ${stored === null ? '/dev/null' : path}`, `+++ ${text === null ? '/dev/null' : path}`]
    return [...head, await diffSources(stored ?? '', text ?? '')].join('\n')
  })
  return (await Promise.all(parts)).join('\n')
}

/** The difference between what was applied and the file, without a heading. */
export async function diffSources(stored: string, text: string): Promise<string> {
  const { structuredPatch } = await import('diff')
  const { hunks } = structuredPatch(
    'applied',
    'file',
    stored,
    text === '' ? '' : normalizeSource(text),
    undefined,
    undefined,
    { context: 2 },
  )
  return hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines }) =>
      [`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`, ...lines].join('\n'),
    )
    .join('\n')
}

/** A range without lines is named by the line before it. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`
}
