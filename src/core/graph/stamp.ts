// The plan of a stamp: what upgrade and downgrade would make of the history, with nothing run.

import { UsageError } from '../errors.js'
import { appliedAbove } from './downgrade.js'
import { ancestors, descendants, maximal, sort, summits, type RevisionGraph } from './graph.js'
import { latestFirst, type Plan, stepsOf, unknownHeads } from './plan.js'
import { readTarget, resolve, type Standing } from './resolve.js'
import type { RevisionId } from './revision.js'
import type { Target } from './target.js'

/**
 * What upgrade and downgrade to the targets would make of the applied set, without running anything.
 * `purge` forgets all that is applied first.
 * @throws UsageError `target.*`; `usage.bad-option` when one target depends on another
 */
export function planStamp(standing: Standing, texts: readonly string[], purge: boolean): Plan {
  const { graph } = standing
  const targets = texts.flatMap((text) => resolve(standing, text))
  assertIndependent(graph, targets)
  if (!purge) for (const target of targets) assertNothingAbove(standing, target)
  const applied = new Set([...(standing.applied ?? [])].filter((id) => graph.revisions.has(id)))
  const kept = purge ? ancestors(graph, targets) : keptByStamp(standing, texts, targets)
  const down = latestFirst(standing, new Set([...applied].filter((id) => purge || !kept.has(id))))
  const up = sort(graph, new Set([...kept].filter((id) => purge || !applied.has(id))))
  const steps = [...stepsOf(graph, down, 'down', false), ...stepsOf(graph, up, 'up', false)]
  return { from: standing.current, to: [...maximal(graph, kept), ...(purge ? [] : unknownHeads(standing))], steps }
}

/** A stamp leaves other branches alone: of what is applied only what depends on the targets is forgotten. */
function keptByStamp(
  standing: Standing,
  texts: readonly string[],
  targets: readonly RevisionId[],
): ReadonlySet<RevisionId> {
  const { graph } = standing
  const toBase = texts.map((text) => readTarget(graph, text)).filter(isBase)
  const forgotten = new Set([
    ...descendants(graph, targets),
    ...toBase.flatMap((target) => [...appliedAbove(standing, target)]),
  ])
  const others = (standing.applied ?? []).filter((id) => graph.revisions.has(id) && !forgotten.has(id))
  return new Set([...ancestors(graph, targets), ...others])
}

/** `base` or `L@base` itself, not a place counted from it. */
function isBase({ anchor, offset }: Target): boolean {
  return anchor?.kind === 'base' && offset === null
}

function assertIndependent(graph: RevisionGraph, targets: readonly RevisionId[]): void {
  for (const target of targets) {
    const below = ancestors(graph, [target])
    const other = targets.find((id) => id !== target && below.has(id))
    if (other === undefined) continue
    throw new UsageError('usage.bad-option', `${target} depends on ${other}, so only one of them can be stamped.`, {
      hint: `Write \`mig stamp ${target}\`: it includes ${other}.`,
    })
  }
}

/** A revision that is not applied, and others are that depend on it: what is there would be forgotten, and run again. */
function assertNothingAbove({ graph, applied }: Standing, target: RevisionId): void {
  if (applied?.includes(target)) return
  const above = descendants(graph, [target])
  const others = (applied ?? []).filter((id) => above.has(id))
  if (others.length === 0) return
  throw new UsageError(
    'target.not-applied',
    `${target} is not applied, and ${others.join(', ')}, which depends on it, is: a stamp there would forget what is in the database.`,
    {
      hint: `To mark what is missing below: mig stamp ${summits(graph, new Set(applied)).join(' ')}`,
      revision: target,
    },
  )
}
