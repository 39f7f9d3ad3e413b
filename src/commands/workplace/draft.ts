// What generate and merge have in common: a draft is checked against the graph, then written as a file.

import { join } from 'node:path'
import type { Diagnostic } from '../../core/diagnostic.js'
import { assertNoErrors, GraphError, UsageError } from '../../core/errors.js'
import { whyIllegalId, type Revision, type RevisionId } from '../../core/graph/revision.js'
import { validateGraph } from '../../core/graph/validate.js'
import { display } from '../../files/texts.js'
import type { Project } from '../../files/project.js'
import {
  assertWritable,
  type Draft,
  extensionOf,
  fileName,
  fillTemplate,
  newRevisionId,
  ownTemplate,
  readTemplate,
  type Stamp,
  type TemplateKind,
  writeNew,
} from '../../files/write.js'

export interface NewRevision {
  readonly revision: RevisionId
  readonly downRevisions: readonly RevisionId[]
  readonly branchLabels: readonly string[]
  readonly dependsOn: readonly string[]
  readonly message: string
  /** From the project's root. */
  readonly path: string
  readonly diagnostics: readonly Diagnostic[]
}

export interface DraftRequest extends Pick<Draft, 'downRevisions' | 'branchLabels' | 'dependsOn'> {
  readonly message: string | undefined
  readonly revId: string | undefined
  /** A template of the user's; null for the one of mig. */
  readonly template: string | null
  readonly kind: TemplateKind
}

/**
 * Writes a new migration file. Everything that could be wrong with it is found before.
 * @throws UsageError `usage.*`; GraphError when the graph with it would not be sound
 */
export async function writeDraft(project: Project, request: DraftRequest): Promise<NewRevision> {
  const { config, graph } = project
  const { downRevisions, branchLabels, dependsOn } = request
  const message = requiredMessage(request.message)
  const revision = request.revId ?? newRevisionId((id) => graph.revisions.has(id) || graph.labels.has(id))
  assertFreeId(project, revision)
  const draft: Draft = {
    revision,
    message,
    downRevisions,
    branchLabels,
    dependsOn,
    stamp: stampOf(new Date(), config.timezone),
  }
  const template = request.template === null ? ownTemplate(request.kind) : readTemplate(config.root, request.template)
  const name = fileName(config.fileTemplate, extensionOf(request.template ?? '.ts'), draft)
  const path = join(config.migrations[0] ?? config.root, name)
  const shown = display(config.root, path)
  const text = fillTemplate(template, draft)
  assertNoErrors(GraphError, validateGraph([...graph.revisions.values(), asRevision(draft, shown)]))
  await assertWritable(shown, text, draft)
  writeNew(config.root, path, text)
  return { revision, downRevisions, branchLabels, dependsOn, message, path: shown, diagnostics: project.remarks }
}

/** What a new revision says to people. */
export function formatNew({ path, revision, downRevisions }: NewRevision, bold: (text: string) => string): string {
  const on = downRevisions.length === 0 ? 'a new base' : `on ${downRevisions.join(' and ')}`
  return `Wrote ${bold(path)}\nRevision ${revision}, ${on}.`
}

function requiredMessage(message: string | undefined): string {
  const text = message?.trim() ?? ''
  if (text !== '') return text
  throw new UsageError('usage.bad-option', 'A revision needs a message: what does it do?', {
    hint: 'mig generate -m "add city to users"',
  })
}

function assertFreeId({ graph }: Project, revision: RevisionId): void {
  const why = whyIllegalId(revision)
  if (why !== null)
    throw new UsageError('usage.bad-option', `“${revision}” cannot be a revision id: ${why}.`, {
      hint: 'Leave --rev-id out to get a free one.',
    })
  const other = graph.revisions.get(revision)
  if (other !== undefined)
    throw new UsageError('usage.bad-option', `Revision ${revision} is there already: ${other.path}.`, {
      hint: 'Leave --rev-id out to get a free one.',
    })
}

function asRevision({ revision, downRevisions, dependsOn, branchLabels, message }: Draft, path: string): Revision {
  return {
    revision,
    downRevisions,
    dependsOn,
    branchLabels,
    message,
    path,
    transaction: true,
    retry: true,
    irreversible: null,
    empty: false,
  }
}

function stampOf(now: Date, timeZone: string): Stamp {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]))
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = parts
  return { year, month, day, hour, minute, second }
}
