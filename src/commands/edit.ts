// edit: a revision's file in the editor.

import type { Diagnostic } from '../core/diagnostic.js'
import { UsageError } from '../core/errors.js'
import { resolve } from '../core/graph/resolve.js'
import { openEditor } from '../files/editor.js'
import { defineCommand } from './workplace/command.js'
import { withProject } from './workplace/open.js'
import { lookIfPossible, standingOf } from './workplace/look.js'

export interface EditResult {
  readonly files: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

export const edit = defineCommand({
  name: 'edit',
  summary: 'Open the file of a revision in $EDITOR',
  description: 'Uses VISUAL, else EDITOR. Takes every form of target.',
  arguments: { revision: { kind: 'text', describe: 'A revision, or any target that names one; default: head' } },
  options: {},
  examples: [['mig edit head', 'the newest']],
  needs: 'project',
  changes: true,
  run: (options) =>
    withProject(options, async ({ graph, files, remarks }, workplace): Promise<EditResult> => {
      const target = options.revision ?? 'head'
      const ids = resolve(await standingFor(target), target)
      const paths = ids.flatMap((id) => files.get(id)?.file ?? [])
      if (paths.length === 0)
        throw new UsageError('target.unknown', `“${target}” names no revision that has a file.`, {
          hint: 'See `mig history`.',
        })
      await openEditor(process.env.VISUAL || process.env.EDITOR, paths)
      return { files: ids.flatMap((id) => files.get(id)?.revision.path ?? []), diagnostics: remarks }

      /** Only a target that depends on what is applied needs the database. */
      async function standingFor(text: string) {
        if (!/current|^[+-]\d|@[+-]/.test(text)) return { graph, applied: null, current: [] }
        return standingOf(graph, (await lookIfPossible(workplace, graph)).history)
      }
    }),
  format: () => '',
})
