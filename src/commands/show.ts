// show: everything about one revision.

import type { Diagnostic } from '../core/diagnostic.js'
import { UsageError } from '../core/errors.js'
import { linked } from '../core/graph/graph.js'
import { type AppliedRevision, historyGraph } from '../core/graph/history.js'
import { resolve, resolveName } from '../core/graph/resolve.js'
import type { RevisionId } from '../core/graph/revision.js'
import { alignColumns } from '../core/render/columns.js'
import type { Style } from '../core/render/style.js'
import type { Project } from '../files/project.js'
import { readBook, readSource } from '../history/book.js'
import { defineCommand } from './workplace/command.js'
import { type ListedRevision, listed, statusCell } from './workplace/listing.js'
import { withConfig, withProject, withSession, type Workplace } from './workplace/open.js'
import { lookIfPossible, standingOf, statusesOf } from './workplace/look.js'

export interface ShowResult {
  /** With `stored`: the source that was applied, and no revisions. */
  readonly stored: string | null
  /** With `stored`: the local modules that it imported (path from its folder, without extension → text). */
  readonly modules?: Readonly<Record<string, string>>
  readonly revisions: readonly ShownRevision[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface ShownRevision extends ListedRevision {
  /** Revisions that depend on it directly. */
  readonly children: readonly RevisionId[]
  readonly transaction: boolean
  readonly irreversible: string | null
  readonly checksum: string
  readonly applied: AppliedRevision | null
}

export const show = defineCommand({
  name: 'show',
  summary: 'Show one revision: its file, its place in the graph, and when it was applied',
  description: 'Takes every form of target: an id or the start of one, a label, head, current, head-1.',
  arguments: { revision: { kind: 'text', describe: 'A revision, or any target that names one' } },
  options: { stored: { kind: 'flag', describe: 'Print the source that was applied, as the database keeps it' } },
  examples: [
    ['mig show c9b5', 'by the start of its id'],
    ['mig show c9b5 --stored > restored.ts', 'its file as it was applied'],
    ['mig show head', 'the newest'],
  ],
  needs: 'database',
  changes: false,
  run: async (options) => {
    const { revision } = options
    if (revision === undefined)
      throw new UsageError('usage.bad-option', 'Which revision should be shown?', { hint: 'mig show head' })
    return options.stored === true
      ? withConfig(options, (workplace) => showStored(workplace, revision))
      : withProject(options, (project, workplace) => showRevisions(project, workplace, revision))
  },
  verbatim: ({ stored }) => stored,
  format: ({ revisions }, style, { verbose }) => {
    if (revisions.length === 0) return 'base: no revision.'
    return revisions.map((revision) => formatOne(revision, style, verbose)).join('\n\n')
  },
})

async function showRevisions(
  { graph, files, remarks }: Project,
  workplace: Workplace,
  target: string,
): Promise<ShowResult> {
  const seen = await lookIfPossible(workplace, graph)
  const standing = seen.place === null ? { graph, applied: null, current: [] } : standingOf(graph, seen.history)
  const statuses = statusesOf(graph, seen)
  return {
    stored: null,
    revisions: resolve(standing, target).map((id) => ({
      ...listed(graph, id, statuses?.get(id) ?? null),
      children: linked(graph.children.down, id),
      transaction: graph.revisions.get(id)?.transaction ?? true,
      irreversible: graph.revisions.get(id)?.irreversible ?? null,
      checksum: files.get(id)?.checksum() ?? '',
      applied: seen.history.find(({ revision }) => revision === id) ?? null,
    })),
    diagnostics: [...seen.diagnostics, ...remarks],
  }
}

/** The file may be gone or broken, so the name is looked up in the history itself. */
function showStored(workplace: Workplace, name: string): Promise<ShowResult> {
  return withSession(workplace, 'look', async (session) => {
    const { history } = await readBook(session)
    const id = resolveName(historyGraph(history), name)
    const { source: stored, modules } = await readSource(session, id)
    if (stored === null)
      throw new UsageError('target.unknown', `The database has no source of ${id}.`, {
        hint: "It was marked without a file, or is too long to be kept. Look into git: git log --all -- '*" + id + "*'",
      })
    return { stored, modules, revisions: [], diagnostics: [] }
  })
}

function formatOne(shown: ShownRevision, style: Style, verbose: boolean): string {
  const { applied } = shown
  const facts: readonly (readonly [string, string])[] = [
    ...(shown.status === null ? [] : [['status', statusCell(shown.status, style)] as const]),
    ...(applied === null
      ? []
      : [
          [
            'applied',
            `${applied.appliedAt} by ${applied.appliedBy} (${applied.origin}, mig ${applied.migVersion})`,
          ] as const,
        ]),
    ['file', shown.path],
    ['down revision', shown.downRevisions.join(', ') || 'none (a base)'],
    ['followed by', shown.children.join(', ') || 'nothing (a head)'],
    ...(shown.dependsOn.length === 0 ? [] : [['depends on', shown.dependsOn.join(', ')] as const]),
    ...(shown.labels.length === 0 ? [] : [['branch', shown.labels.join(', ')] as const]),
    ...(shown.transaction ? [] : [['transaction', 'none'] as const]),
    ...(shown.irreversible === null ? [] : [['irreversible', shown.irreversible] as const]),
    ['checksum', verbose ? shown.checksum : `${shown.checksum.slice(0, 12)}…`],
  ]
  const message = shown.message.split('\n').map((line) => `  ${line}`)
  return [
    style.bold(shown.revision),
    ...message,
    '',
    ...alignColumns(facts.map(([name, value]) => [`  ${style.dim(name)}`, value])),
  ].join('\n')
}
