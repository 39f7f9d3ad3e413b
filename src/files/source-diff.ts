// What changed in a file since it was applied, as a unified diff.

import { normalizeSource } from '../core/checksum.js'

/** The difference between what was applied and the file, without a heading. */
export async function diffSources(stored: string, text: string): Promise<string> {
  const { structuredPatch } = await import('diff')
  const { hunks } = structuredPatch('applied', 'file', stored, normalizeSource(text), undefined, undefined, {
    context: 2,
  })
  return hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines }) =>
      [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...lines].join('\n'),
    )
    .join('\n')
}
