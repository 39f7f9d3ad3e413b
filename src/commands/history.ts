// history: all revisions with what the database says of each.

import type { Diagnostic } from '../core/diagnostic.js'
import { UsageError } from '../core/errors.js'
import { ancestors, buildGraph, descendants, sort } from '../core/graph/graph.js'
import type { AppliedRevision } from '../core/graph/history.js'
import { resolve, type Standing } from '../core/graph/resolve.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import { parseRange } from '../core/graph/target.js'
import type { Place } from '../core/place.js'
import { alignColumns, fitWidth } from '../core/render/columns.js'
import { asciiSigns, drawLanes, unicodeSigns } from '../core/render/lanes.js'
import type { Style } from '../core/render/style.js'
import { defineCommand, type Detail } from './workplace/command.js'
import { type ListedRevision, listed, listedCells, statusCell, statusSign } from './workplace/listing.js'
import { withProject } from './workplace/open.js'
import { lookIfPossible, standingOf, statusesOf } from './workplace/look.js'

export interface HistoryResult {
  readonly place: Place | null
  /** Newest first: children before parents. */
  readonly revisions: readonly HistoryEntry[]
  /** Applied revisions that no file has. */
  readonly unknown: readonly AppliedRevision[]
  readonly graph: boolean
  readonly diagnostics: readonly Diagnostic[]
}

export interface HistoryEntry extends ListedRevision {
  /** The row of the history table; null when it is not applied. */
  readonly applied: AppliedRevision | null
}

export const history = defineCommand({
  name: 'history',
  summary: 'List revisions: applied, pending and current',
  description:
    'Lists the revisions of the folder, newest first, and marks what the database says of each. A range a:b limits the list; either end may be left out.',
  arguments: {
    range: { kind: 'text', describe: 'a:b, either end may be left out; or one revision and what it depends on' },
  },
  options: { graph: { kind: 'flag', describe: 'Draw branches and merges' } },
  examples: [
    ['mig history', 'everything'],
    ['mig history --graph', 'with branches and merges drawn'],
    ['mig history -v', 'with parents, files, and who applied what and when'],
    ['mig history current:head', 'what is pending, from where the database stands'],
  ],
  needs: 'database',
  changes: false,
  run: (options) =>
    withProject(options, async ({ graph, remarks }, workplace): Promise<HistoryResult> => {
      const seen = await lookIfPossible(workplace, graph)
      const statuses = statusesOf(graph, seen)
      const rows = new Map(seen.history.map((row) => [row.revision, row]))
      const standing = seen.place === null ? { graph, applied: null, current: [] } : standingOf(graph, seen.history)
      const chosen =
        options.range === undefined ? new Set(graph.revisions.keys()) : revisionsOf(standing, options.range)
      return {
        place: seen.place,
        revisions: sort(graph, chosen)
          .toReversed()
          .map((id) => ({ ...listed(graph, id, statuses?.get(id) ?? null), applied: rows.get(id) ?? null })),
        unknown: seen.history.filter(({ revision }) => !graph.revisions.has(revision)),
        graph: options.graph ?? false,
        diagnostics: [...seen.diagnostics, ...remarks],
      }
    }),
  format: (result, style, detail) => {
    const lines = result.graph ? formatGraph(result, style) : formatList(result.revisions, style, detail)
    const unknown = result.unknown.map(
      (row) =>
        `${statusCell('unknown', style)}  ${revisionTitle(row)}  ${style.dim(`applied ${row.appliedAt} by ${row.appliedBy}`)}`,
    )
    return result.revisions.length + unknown.length === 0
      ? 'There are no migrations. Write the first: mig generate -m "..."'
      : [...unknown, ...lines].join('\n')
  },
})

/**
 * The revisions between two ends, both included: what depends on `a` and what `b` depends on.
 * @throws UsageError `target.*`
 */
function revisionsOf(standing: Standing, text: string): ReadonlySet<RevisionId> {
  const range = parseRange(text) ?? { from: null, to: text }
  const found = between(standing, range)
  if (found.size > 0 || standing.graph.revisions.size === 0 || range.from === null || range.to === null) return found
  const { from, to } = range
  const isTurned = between(standing, { from: to, to: from }).size > 0
  throw new UsageError(
    'target.out-of-range',
    `Nothing lies between ${from} and ${to}: ${to} does not depend on ${from}.`,
    {
      hint: isTurned ? `A range begins with what comes first: mig history ${to}:${from}` : 'See: mig history --graph',
    },
  )
}

function between(
  standing: Standing,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): ReadonlySet<RevisionId> {
  const { graph } = standing
  const below = to === null ? new Set(graph.revisions.keys()) : ancestors(graph, resolve(standing, to))
  const start = from === null ? [] : resolve(standing, from)
  if (start.length === 0) return below
  const above = descendants(graph, start)
  return new Set([...below].filter((id) => above.has(id)))
}

function formatList(revisions: readonly HistoryEntry[], style: Style, { verbose }: Detail): readonly string[] {
  const lines = alignColumns(
    revisions.map((entry) => [
      ...(entry.status === null ? [] : [statusCell(entry.status, style)]),
      ...listedCells(entry, style),
    ]),
  )
  return lines.flatMap((line, index) => {
    const entry = revisions[index]
    return entry === undefined || !verbose ? [fitWidth(line, style.width)] : [line, ...details(entry, style), '']
  })
}

function details(entry: HistoryEntry, style: Style): readonly string[] {
  const { applied } = entry
  const facts: readonly (readonly [string, string])[] = [
    ['down revision', entry.downRevisions.join(', ') || 'none (a base)'],
    ...(entry.dependsOn.length > 0 ? [['depends on', entry.dependsOn.join(', ')] as const] : []),
    ...(entry.labels.length > 0 ? [['branch', entry.labels.join(', ')] as const] : []),
    ['file', entry.path],
    ...(applied === null
      ? []
      : [
          [
            'applied',
            `${applied.appliedAt} by ${applied.appliedBy}, ${applied.origin}${applied.durationMs === null ? '' : `, ${applied.durationMs} ms`}`,
          ] as const,
        ]),
  ]
  return alignColumns(facts.map(([name, value]) => [`    ${name}`, value])).map((line) => style.dim(line))
}

function formatGraph({ revisions }: HistoryResult, style: Style): readonly string[] {
  const entries = new Map(revisions.map((entry) => [entry.revision, entry]))
  const graph = buildGraph(
    revisions.map((entry) => ({
      ...entry,
      branchLabels: [],
      dependsOn: [],
      transaction: true,
      retry: true,
      irreversible: null,
      empty: false,
    })),
  )
  const lines = drawLanes(
    graph,
    revisions.map(({ revision }) => revision),
    (id) => statusSign(entries.get(id)?.status ?? null, style),
    style.unicode ? unicodeSigns : asciiSigns,
  )
  const rows = lines.map(({ lanes, revision }) => {
    const entry = revision === null ? undefined : entries.get(revision)
    return entry === undefined ? [lanes] : [lanes, ...listedCells(entry, style)]
  })
  const seen = (['current', 'applied', 'pending'] as const).filter((status) =>
    revisions.some((entry) => entry.status === status),
  )
  const legend = seen.map((status) => statusCell(status, style)).join('   ')
  return [...alignColumns(rows).map((line) => fitWidth(line, style.width)), ...(legend === '' ? [] : ['', legend])]
}
