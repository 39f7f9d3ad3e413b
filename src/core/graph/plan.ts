// Plans: the differences between what is applied and what is asked for, as plain data.

import { UsageError } from '../errors.js'
import { linked, maximal, sort, type RevisionGraph } from './graph.js'
import type { Revision, RevisionId } from './revision.js'
import type { Standing } from './resolve.js'
import type { Target } from './target.js'

export interface Step {
  readonly direction: 'up' | 'down'
  readonly revision: Revision
  /** `false` is a stamp: the history changes, nothing is run. */
  readonly run: boolean
}

export interface Plan {
  /** Heads before. */
  readonly from: readonly RevisionId[]
  /** Heads after. */
  readonly to: readonly RevisionId[]
  /** In the order in which they run. */
  readonly steps: readonly Step[]
}

/** As if some revisions were not applied. */
export function without(standing: Standing, ids: readonly RevisionId[]): Standing {
  return { ...standing, applied: (standing.applied ?? []).filter((id) => !ids.includes(id)) }
}

/**
 * A plan that goes on with what was begun, first of all. Nothing else can run before that, so it must be part of the plan.
 * @throws UsageError `target.not-in-branch` when the target leaves it out
 */
export function planResumed(plan: Plan, begun: readonly RevisionId[]): Plan {
  const isBegun = ({ revision }: Step) => begun.includes(revision.revision)
  const first = plan.steps.filter(isBegun)
  if (first.length < begun.length) {
    const left = begun.filter((id) => !first.some(({ revision }) => revision.revision === id))
    throw new UsageError(
      'target.not-in-branch',
      `${left.join(', ')} stopped in the middle and comes first, and the target does not lead over it.`,
      { hint: 'Resume with a target that does; without one, --resume goes on with what was begun.' },
    )
  }
  return { ...plan, steps: [...first, ...plan.steps.filter((step) => !isBegun(step))] }
}

/** As a target of a run, `current` would always do nothing: whoever types it means something else. */
export function assertNotCurrent(target: Target): void {
  if (target.anchor?.kind !== 'current') return
  throw new UsageError(
    'target.unknown',
    '“current” is where the database stands already, so it is no target to go to.',
    {
      hint: 'One revision further is +1, one back is -1.',
    },
  )
}

/** Children before parents; among independent ones the latest applied first. */
export function latestFirst(standing: Standing, going: ReadonlySet<RevisionId>): readonly RevisionId[] {
  const { graph, applied } = standing
  const order = (applied ?? []).filter((id) => going.has(id))
  const inOrder = isOrdered(graph, order)
  return (inOrder ? order : sort(graph, going)).toReversed()
}

/** Whether parents come first. It is so unless the parent links were edited after they were applied. */
function isOrdered(graph: RevisionGraph, ids: readonly RevisionId[]): boolean {
  const place = new Map(ids.map((id, index) => [id, index]))
  return ids.every((id, index) => linked(graph.parents.all, id).every((parent) => (place.get(parent) ?? -1) < index))
}

export function planOf(
  standing: Standing,
  ids: readonly RevisionId[],
  direction: Step['direction'],
  run: boolean,
): Plan {
  const { graph } = standing
  const after = new Set(standing.applied)
  for (const id of ids) {
    if (direction === 'up') after.add(id)
    else after.delete(id)
  }
  const to = ids.length === 0 ? standing.current : [...maximal(graph, after), ...unknownHeads(standing)]
  return { from: standing.current, to, steps: stepsOf(graph, ids, direction, run) }
}

/** Current heads that no file has: no plan touches them. */
export function unknownHeads({ graph, current }: Standing): readonly RevisionId[] {
  return current.filter((id) => !graph.revisions.has(id))
}

export function stepsOf(
  graph: RevisionGraph,
  ids: readonly RevisionId[],
  direction: Step['direction'],
  run: boolean,
): readonly Step[] {
  return ids.flatMap((id) => {
    const revision = graph.revisions.get(id)
    return revision === undefined ? [] : [{ direction, revision, run }]
  })
}
