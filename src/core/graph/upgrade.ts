// The plan of an upgrade: what a target needs and is not applied.

import { ancestors, sort } from './graph.js'
import { assertNotCurrent, type Plan, planOf } from './plan.js'
import { readTarget, resolve, type Standing } from './resolve.js'

/**
 * Everything that `text` depends on and that is not applied, parents first. Never takes anything down.
 * @throws UsageError `target.*`
 */
export function planUpgrade(standing: Standing, text: string): Plan {
  const { graph } = standing
  assertNotCurrent(readTarget(graph, text))
  const applied = new Set(standing.applied)
  const wanted = ancestors(graph, resolve(standing, text))
  const missing = new Set([...wanted].filter((id) => !applied.has(id)))
  return planOf(standing, sort(graph, missing), 'up', true)
}
