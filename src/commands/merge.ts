// merge: a revision with several parents, where branches meet.

import { UsageError } from '../core/errors.js'
import { ancestors, heads, type RevisionGraph } from '../core/graph/graph.js'
import { resolveAbsolute } from '../core/graph/resolve.js'
import type { RevisionId } from '../core/graph/revision.js'
import { defineCommand } from './workplace/command.js'
import { formatNew, type NewRevision, writeDraft } from './workplace/draft.js'
import { withProject } from './workplace/open.js'

export const merge = defineCommand({
  name: 'merge',
  summary: 'Join heads: write a revision that depends on several',
  description:
    'Two git branches with a migration each leave two heads. A merge revision depends on both and has nothing to run. Touches no database.',
  arguments: { revisions: { kind: 'list', describe: 'The revisions to join; default: all heads' } },
  options: {
    message: { kind: 'text', alias: 'm', value: 'TEXT', describe: 'Why they meet; default: "merge A and B"' },
    branchLabel: { kind: 'list', value: 'LABEL', describe: 'A label for the line that begins here' },
    revId: { kind: 'text', value: 'ID', describe: 'The revision id; default: 12 random hexadecimal digits' },
  },
  examples: [
    ['mig merge -m "merge billing and search"', 'all heads'],
    ['mig merge e2d4 432f -m "merge books and movies"', 'two of them'],
  ],
  needs: 'project',
  changes: true,
  run: (options) =>
    withProject(options, (project): Promise<NewRevision> => {
      const parents = parentsOf(project.graph, options.revisions ?? [])
      return Promise.resolve(
        writeDraft(project, {
          message: options.message ?? `merge ${parents.join(' and ')}`,
          downRevisions: parents,
          branchLabels: options.branchLabel ?? [],
          dependsOn: [],
          revId: options.revId,
          template: null,
          kind: 'merge',
        }),
      )
    }),
  format: (written, style) => formatNew(written, style.bold),
})

function parentsOf(graph: RevisionGraph, named: readonly string[]): readonly RevisionId[] {
  const parents =
    named.length === 0 ? heads(graph) : [...new Set(named.flatMap((name) => resolveAbsolute(graph, name)))]
  if (parents.length < 2) {
    throw new UsageError(
      'usage.bad-option',
      `There is nothing to merge: ${parents.length === 0 ? 'no head' : `only ${parents[0]}`}.`,
      {
        hint: 'A merge joins two or more heads; `mig heads` lists them.',
      },
    )
  }
  for (const id of parents) {
    const below = ancestors(graph, [id], 'down')
    const redundant = parents.find((other) => other !== id && below.has(other))
    if (redundant !== undefined)
      throw new UsageError(
        'usage.bad-option',
        `${id} depends on ${redundant} already, so there is nothing to merge between them.`,
        { hint: 'Name heads of different branches; `mig heads` lists them.' },
      )
  }
  return parents
}
