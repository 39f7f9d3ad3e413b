// The row that is no process: the graph of very many revisions, with branches and merges, built and planned.

import { buildGraph } from '../src/core/graph/graph.js'
import { planUpgrade } from '../src/core/graph/upgrade.js'
import type { Revision } from '../src/core/graph/revision.js'
import type { Sample } from './rows.js'

export const planSize = 100_000

/** CPU time of building the graph and planning an upgrade of all of it. */
export function samplePlan(): Promise<Sample> {
  const revisions = branchingRevisions(planSize)
  const before = process.cpuUsage()
  const graph = buildGraph(revisions)
  const { steps } = planUpgrade({ graph, applied: [], current: [] }, 'heads')
  const { user, system } = process.cpuUsage(before)
  const problem = steps.length === planSize ? null : `the plan has ${steps.length} steps`
  return Promise.resolve({ value: (user + system) / 1000, problem })
}

/** In fours: a revision, two branches that depend on it, and the merge of them, on which the next four stand. */
function branchingRevisions(size: number): readonly Revision[] {
  return Array.from({ length: size }, (_, index) => revision(index, parentsOf(index)))
}

function parentsOf(index: number): readonly number[] {
  const place = index % 4
  if (index === 0) return []
  if (place === 3) return [index - 2, index - 1]
  return [place === 2 ? index - 2 : index - 1]
}

function revision(index: number, parents: readonly number[]): Revision {
  return {
    revision: idOf(index),
    downRevisions: parents.map(idOf),
    dependsOn: [],
    branchLabels: [],
    message: `revision ${index}`,
    path: `migrations/${idOf(index)}.ts`,
    transaction: true,
    retry: true,
    irreversible: null,
    empty: false,
  }
}

function idOf(index: number): string {
  return index.toString(16).padStart(12, '0')
}
