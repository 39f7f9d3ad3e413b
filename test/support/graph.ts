// Graphs drawn as text: `graph('a > b > c, b > d, c + d > m')`.

import { assertNoErrors, GraphError } from '../../src/core/errors.js'
import { buildGraph, maximal, type RevisionGraph } from '../../src/core/graph/graph.js'
import type { Plan } from '../../src/core/graph/plan.js'
import type { Standing } from '../../src/core/graph/resolve.js'
import type { Revision, RevisionId } from '../../src/core/graph/revision.js'
import { validateGraph } from '../../src/core/graph/validate.js'

/** What an arrow cannot show, by id; several names are parted by blanks. */
export interface Traits {
  readonly labels?: Readonly<Record<RevisionId, string>>
  readonly dependsOn?: Readonly<Record<RevisionId, string>>
  /** Why there is no way back. */
  readonly irreversible?: Readonly<Record<RevisionId, string>>
  /** The file is called after the id where nothing is said here. */
  readonly paths?: Readonly<Record<RevisionId, string>>
}

/** `a > b` puts b on a, `c + d > m` is a merge, a comma begins a new line, an id alone is a base. Nothing is checked. */
export function revisions(drawing: string, traits: Traits = {}): readonly Revision[] {
  const parents = new Map<RevisionId, RevisionId[]>()
  for (const line of words(drawing, ',')) {
    let below: readonly string[] = []
    for (const level of words(line, '>')) {
      const ids = words(level, '+')
      for (const id of ids) parents.set(id, [...(parents.get(id) ?? []), ...below])
      below = ids
    }
  }
  return [...parents].map(([id, downRevisions]) => revision(id, downRevisions, traits))
}

/** The graph of a drawing, which must be sound. */
export function graph(drawing: string, traits: Traits = {}): RevisionGraph {
  return soundGraph(revisions(drawing, traits))
}

export function soundGraph(all: readonly Revision[]): RevisionGraph {
  assertNoErrors(GraphError, validateGraph(all))
  return buildGraph(all)
}

/** A revision by itself. */
export function revision(id: RevisionId, downRevisions: readonly RevisionId[] = [], traits: Traits = {}): Revision {
  return {
    revision: id,
    downRevisions,
    dependsOn: words(traits.dependsOn?.[id] ?? '', ' '),
    branchLabels: words(traits.labels?.[id] ?? '', ' '),
    message: '',
    path: traits.paths?.[id] ?? `${id}.ts`,
    transaction: true,
    retry: true,
    irreversible: traits.irreversible?.[id] ?? null,
    empty: false,
  }
}

/** A database in which `applied` are applied, in this order. */
export function standing(of: RevisionGraph, applied: string | readonly RevisionId[] = ''): Standing {
  const order = typeof applied === 'string' ? words(applied, ' ') : applied
  return { graph: of, applied: order, current: maximal(of, new Set(order)) }
}

/** The steps of a plan: `+a +b -c`. */
export function stepsOf(plan: Plan): string {
  return plan.steps.map(({ direction, revision: { revision: id } }) => (direction === 'up' ? '+' : '-') + id).join(' ')
}

/** What is applied after a plan, in the order of application. */
export function after(before: Standing, plan: Plan): Standing {
  const order = new Set(before.applied)
  for (const { direction, revision: step } of plan.steps) {
    if (direction === 'up') order.add(step.revision)
    else order.delete(step.revision)
  }
  return standing(before.graph, [...order])
}

function words(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
