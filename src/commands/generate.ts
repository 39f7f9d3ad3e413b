// generate: a new migration file on the current head.

import { resolve as resolvePath } from 'node:path'
import { UsageError } from '../core/errors.js'
import { heads, linked, type RevisionGraph } from '../core/graph/graph.js'
import { resolveAbsolute } from '../core/graph/resolve.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import { shellWord } from '../core/shell.js'
import { defineCommand } from './workplace/command.js'
import { formatNew, type NewRevision, writeDraft } from './workplace/draft.js'
import { withProject } from './workplace/open.js'

export const generate = defineCommand({
  name: 'generate',
  aliases: ['revision'],
  summary: 'Write a new migration file',
  description:
    'Writes a file on the head of the folder. With several heads, --head says on which. Touches no database.',
  arguments: {},
  options: {
    message: { kind: 'text', alias: 'm', value: 'TEXT', describe: 'What the migration does' },
    head: { kind: 'list', value: 'REV', describe: 'The parent: a head, label@head, or base for a new base' },
    splice: { kind: 'flag', describe: 'Allow a parent that is not a head: a new branch begins there' },
    branchLabel: { kind: 'list', value: 'LABEL', describe: 'A label for the branch that begins here' },
    dependsOn: {
      kind: 'list',
      value: 'REV',
      describe: 'A revision or label of another branch that must be applied before',
    },
    revId: { kind: 'text', value: 'ID', describe: 'The revision id; default: 12 random hexadecimal digits' },
    template: { kind: 'text', value: 'FILE', describe: 'A template instead of the configured one' },
  },
  examples: [
    ['mig generate -m "add city to users"', 'on the single head'],
    ['mig generate -m "add tax" --head billing@head', 'on the head of a branch'],
    ['mig generate -m "billing" --head base --branch-label billing', 'a new base with a label'],
  ],
  needs: 'project',
  changes: true,
  run: (options) =>
    withProject(options, async (project, { config }): Promise<NewRevision> => {
      const { graph } = project
      return Promise.resolve(
        writeDraft(project, {
          message: options.message,
          downRevisions: parentsOf(graph, options.head, options.splice ?? false, options.message),
          branchLabels: options.branchLabel ?? [],
          dependsOn: (options.dependsOn ?? []).flatMap((name) =>
            graph.labels.has(name) ? [name] : resolveAbsolute(graph, name),
          ),
          revId: options.revId,
          template:
            options.template === undefined
              ? config.template
              : resolvePath(options.cwd ?? process.cwd(), options.template),
          kind: 'migration',
        }),
      )
    }),
  format: (written, style) => formatNew(written, style.bold),
})

function parentsOf(
  graph: RevisionGraph,
  named: readonly string[] | undefined,
  splice: boolean,
  message: string | undefined,
): readonly RevisionId[] {
  if (named === undefined || named.length === 0) return theHead(graph, message)
  const parents = [...new Set(named.flatMap((name) => resolveAbsolute(graph, name)))]
  const inner = parents.find((id) => linked(graph.children.down, id).length > 0)
  if (inner === undefined || splice) return parents
  throw new UsageError(
    'usage.bad-option',
    `${inner} is not a head: ${linked(graph.children.down, inner).join(', ')} depends on it already.`,
    {
      hint: `To begin a branch there: mig generate -m ${asTyped(message)} --head ${inner} --splice`,
    },
  )
}

function theHead(graph: RevisionGraph, message: string | undefined): readonly RevisionId[] {
  const found = heads(graph)
  if (found.length < 2) return found
  const commands = found.map((id) => {
    const label = graph.revisions.get(id)?.branchLabels[0]
    return `  mig generate -m ${asTyped(message)} --head ${label === undefined ? id : `${label}@head`}    # ${revisionTitle(graph.revisions.get(id) ?? { revision: id, message: '' })}`
  })
  throw new UsageError(
    'target.multiple-heads',
    `There are ${found.length} heads, so it must be said which one the new revision depends on.`,
    {
      hint: 'Type one of these; or join the heads first with `mig merge -m "merge branches"`:',
      detail: commands.join('\n'),
    },
  )
}

/** A message of several lines is left to be typed again. */
function asTyped(message: string | undefined): string {
  return message === undefined || /[\r\n]/.test(message) ? '"..."' : shellWord(message)
}
