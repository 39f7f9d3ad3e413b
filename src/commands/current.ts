// current: where the database stands.

import { unfinished } from '../core/graph/history.js'
import type { Diagnostic } from '../core/diagnostic.js'
import type { AppliedRevision } from '../core/graph/history.js'
import { describePlace, type Place } from '../core/place.js'
import { alignColumns, fitWidth } from '../core/render/columns.js'
import { defineCommand } from './workplace/command.js'
import { withProject } from './workplace/open.js'
import { look, standingOf } from './workplace/look.js'

export interface CurrentResult {
  readonly place: Place | null
  /** The rows of the current heads. */
  readonly heads: readonly AppliedRevision[]
  /** How many revisions of the folder are not applied. */
  readonly pending: number
  readonly diagnostics: readonly Diagnostic[]
}

export const current = defineCommand({
  name: 'current',
  aliases: ['status'],
  summary: 'Show where the database stands',
  description:
    'The current heads: applied revisions that no other applied revision depends on. Creates nothing, and needs no more than the right to read.',
  arguments: {},
  options: {},
  examples: [
    ['mig current', 'the heads of the database, and how much is pending'],
    ['mig current --json', 'the same for programs'],
  ],
  needs: 'database',
  changes: false,
  run: (options) =>
    withProject(options, async ({ graph, remarks }, workplace): Promise<CurrentResult> => {
      const seen = await look(workplace, graph)
      const standing = standingOf(graph, seen.history)
      const applied = new Set(standing.applied)
      return {
        place: seen.place,
        heads: seen.history.filter(({ revision }) => standing.current.includes(revision)),
        pending: [...graph.revisions.keys()].filter((id) => !applied.has(id)).length,
        diagnostics: [...seen.diagnostics, ...remarks],
      }
    }),
  format: ({ place, heads, pending }, style, { verbose }) => {
    const lines = alignColumns(
      heads.map(({ revision, message, state }) => [
        style.bold(revision),
        `${message.split('\n')[0] ?? ''}${state === 'applied' ? '' : `  ${style.yellow(state)}`}`,
      ]),
    )
    const rows = lines.flatMap((line, index) => {
      const row = heads[index]
      return row === undefined || !verbose
        ? [fitWidth(line, style.width)]
        : [line, style.dim(`    applied  ${row.appliedAt} by ${row.appliedBy}, ${row.origin}`)]
    })
    const begun = unfinished(heads).length
    const left = [...(begun === 0 ? [] : [`${begun} unfinished`]), ...(pending === 0 ? [] : [`${pending} pending`])]
    const behind = left.length === 0 ? style.green('nothing pending') : style.yellow(left.join(', '))
    return [
      ...(place === null ? [] : [style.dim(describePlace(place))]),
      ...(rows.length === 0 ? ['base (nothing applied)'] : rows),
      behind,
    ].join('\n')
  },
})
