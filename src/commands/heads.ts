// heads: where the folder's branches end.

import type { Diagnostic } from '../core/diagnostic.js'
import { heads as headsOf } from '../core/graph/graph.js'
import { alignColumns, fitWidth } from '../core/render/columns.js'
import { defineCommand } from './workplace/command.js'
import { type ListedRevision, listed, listedCells } from './workplace/listing.js'
import { withProject } from './workplace/open.js'

export interface HeadsResult {
  readonly heads: readonly ListedRevision[]
  readonly diagnostics: readonly Diagnostic[]
}

export const heads = defineCommand({
  name: 'heads',
  summary: 'Show the heads of the migrations folder',
  description:
    'A head is a revision that no other depends on. More than one means that branches were not merged yet. Reads files only.',
  arguments: {},
  options: {},
  examples: [['mig heads', 'one line for each head']],
  needs: 'project',
  changes: false,
  run: (options) =>
    withProject(options, ({ graph, remarks }) =>
      Promise.resolve<HeadsResult>({
        heads: headsOf(graph).map((id) => listed(graph, id, null)),
        diagnostics: remarks,
      }),
    ),
  format: ({ heads: found }, style) =>
    found.length === 0
      ? 'There are no migrations.'
      : alignColumns(found.map((item) => listedCells(item, style)))
          .map((line) => fitWidth(line, style.width))
          .join('\n'),
})
