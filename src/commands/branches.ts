// branches: where the folder's history splits.

import type { Diagnostic } from '../core/diagnostic.js'
import { branchPoints, linked } from '../core/graph/graph.js'
import { alignColumns, fitWidth } from '../core/render/columns.js'
import type { Style } from '../core/render/style.js'
import { defineCommand } from './workplace/command.js'
import { type ListedRevision, listed, listedCells } from './workplace/listing.js'
import { withProject } from './workplace/open.js'

export interface BranchesResult {
  readonly branches: readonly { readonly at: ListedRevision; readonly into: readonly ListedRevision[] }[]
  readonly diagnostics: readonly Diagnostic[]
}

export const branches = defineCommand({
  name: 'branches',
  summary: 'Show the branch points of the migrations folder',
  description: 'A branch point is a revision that several others depend on directly. Reads files only.',
  arguments: {},
  options: {},
  examples: [['mig branches', 'each branch point with the revisions that follow it']],
  needs: 'project',
  changes: false,
  run: (options) =>
    withProject(options, ({ graph, remarks }) =>
      Promise.resolve<BranchesResult>({
        branches: branchPoints(graph).map((id) => ({
          at: listed(graph, id, null),
          into: linked(graph.children.down, id).map((child) => listed(graph, child, null)),
        })),
        diagnostics: remarks,
      }),
    ),
  format: ({ branches: found }, style) =>
    found.length === 0
      ? 'There are no branches: the history is one line.'
      : found
          .map(({ at, into }) =>
            [
              ...alignColumns([listedCells(at, style)]),
              ...alignColumns(into.map((item) => indented(style, listedCells(item, style)))),
            ]
              .map((line) => fitWidth(line, style.width))
              .join('\n'),
          )
          .join('\n\n'),
})

function indented(style: Style, [first = '', ...others]: readonly string[]): readonly string[] {
  return [`  ${style.unicode ? '→' : '->'} ${first}`, ...others]
}
