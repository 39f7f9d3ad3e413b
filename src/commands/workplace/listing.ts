// How revisions are listed: one entry for data, one line for people.

import { labelsOf, linked, type RevisionGraph } from '../../core/graph/graph.js'
import type { RevisionId } from '../../core/graph/revision.js'
import type { Style } from '../../core/render/style.js'
import type { Status } from './look.js'

/** A revision as the commands that look return it. */
export interface ListedRevision {
  readonly revision: RevisionId
  readonly downRevisions: readonly RevisionId[]
  readonly dependsOn: readonly string[]
  /** Declared by it. */
  readonly branchLabels: readonly string[]
  /** Declared by it or by a revision of its lineage. */
  readonly labels: readonly string[]
  readonly message: string
  readonly path: string
  readonly isHead: boolean
  readonly isBranchPoint: boolean
  readonly isMergePoint: boolean
  /** Null when no database was asked. */
  readonly status: Status | null
}

export function listed(graph: RevisionGraph, id: RevisionId, status: Status | null): ListedRevision {
  const revision = graph.revisions.get(id)
  const children = linked(graph.children.down, id).length
  return {
    revision: id,
    downRevisions: revision?.downRevisions ?? [],
    dependsOn: revision?.dependsOn ?? [],
    branchLabels: revision?.branchLabels ?? [],
    labels: labelsOf(graph, id),
    message: revision?.message ?? '',
    path: revision?.path ?? '',
    isHead: children === 0,
    isBranchPoint: children > 1,
    isMergePoint: linked(graph.parents.down, id).length > 1,
    status,
  }
}

/** "c9b52448285b (billing, head)  create invoices" as the cells of a row. */
export function listedCells(item: ListedRevision, style: Style): readonly string[] {
  const remarks = [
    ...item.branchLabels,
    ...(item.isHead ? ['head'] : []),
    ...(item.isBranchPoint ? ['branch point'] : []),
    ...(item.isMergePoint ? ['merge'] : []),
  ]
  return [
    style.bold(item.revision),
    `${item.message.split('\n')[0] ?? ''}${remarks.length === 0 ? '' : style.dim(`  (${remarks.join(', ')})`)}`,
  ]
}

/** The status as a sign and a word. */
export function statusCell(status: Status | null, style: Style): string {
  switch (status) {
    case null:
      return ''
    case 'current':
      return style.green(`${statusSign(status, style)} current`)
    case 'applied':
      return style.green(`${statusSign(status, style)} applied`)
    case 'pending':
      return style.dim(`${statusSign(status, style)} pending`)
    default:
      return style.yellow(`${statusSign(status, style)} ${status}`)
  }
}

/** One column wide. */
export function statusSign(status: Status | null, style: Style): string {
  if (status === null) return style.unicode ? '●' : '*'
  const signs: Readonly<Record<Status, string>> = style.unicode
    ? { current: '◉', applied: '●', pending: '○', running: '!', reverting: '!', unknown: '?' }
    : { current: '@', applied: '*', pending: 'o', running: '!', reverting: '!', unknown: '?' }
  return signs[status]
}
