// The parity cases: graphs with the answers that real Alembic gave, and the same questions put to mig.

import { readFileSync } from 'node:fs'
import { assertNoErrors, GraphError } from '../../src/core/errors.js'
import {
  ancestors,
  bases,
  branchPoints,
  buildGraph,
  heads,
  maximal,
  mergePoints,
  sort,
  type RevisionGraph,
} from '../../src/core/graph/graph.js'
import { planDowngrade } from '../../src/core/graph/downgrade.js'
import type { Plan } from '../../src/core/graph/plan.js'
import { planStamp } from '../../src/core/graph/stamp.js'
import { planUpgrade } from '../../src/core/graph/upgrade.js'
import { manyHeads, resolveAbsolute, type Standing } from '../../src/core/graph/resolve.js'
import type { Revision } from '../../src/core/graph/revision.js'
import { validateGraph } from '../../src/core/graph/validate.js'

interface CaseRevision {
  readonly revision: string
  readonly downRevision: string | readonly string[] | null
  readonly branchLabels?: readonly string[]
  readonly dependsOn?: readonly string[]
}

export interface Expectation {
  readonly error?: string
  readonly steps?: readonly (readonly ['up' | 'down', string])[]
  readonly heads?: readonly string[]
  readonly realHeads?: readonly string[]
  readonly bases?: readonly string[]
  readonly branchPoints?: readonly string[]
  readonly mergePoints?: readonly string[]
  readonly revisions?: readonly string[]
}

export interface ParityCase {
  readonly id: string
  readonly graph: readonly CaseRevision[]
  readonly op: 'upgrade' | 'downgrade' | 'stamp' | 'resolve' | 'load' | 'heads' | 'bases'
  readonly currentHeads: readonly string[]
  readonly target?: string
  readonly single?: boolean
  readonly expect: Expectation
}

export function readCases(): readonly ParityCase[] {
  const text = readFileSync(new URL('./graph-plans.jsonl', import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ParityCase)
}

/** The graph of a case. Throws a GraphError where it is not sound. */
export function graphOf(parityCase: ParityCase): RevisionGraph {
  const revisions = parityCase.graph.map(asRevision)
  assertNoErrors(GraphError, validateGraph(revisions))
  return buildGraph(revisions)
}

/**
 * What is expected of mig: Alembic's answer, but for two things. Of a revision that is declared twice Alembic warns, takes the
 * later file and (load-0488) then calls a revision with a child a head; mig refuses, naming both files. And up to three
 * digits are the start of an id for Alembic, and for mig a number of revisions whose sign was forgotten.
 */
export function expectationOf({ graph, target = '', expect }: ParityCase): Expectation {
  const ids = new Set(graph.map(({ revision }) => revision))
  if (ids.size < graph.length) return { error: 'graph.duplicate-revision' }
  return /^(?:\w+@)?\d{1,3}(?:[+-]\d+)?$/.test(target) ? { error: 'target.unknown' } : expect
}

/** mig's answer, in the words of the expectation. Throws what mig throws. */
export function answer(
  { op, target = '', single = false, ...parityCase }: ParityCase,
  graph: RevisionGraph,
): Expectation {
  const applied = ancestors(graph, parityCase.currentHeads)
  const current = maximal(graph, applied)
  const standing: Standing = { graph, applied: sort(graph, applied), current }
  switch (op) {
    case 'upgrade':
      return planAnswer(planUpgrade(standing, target))
    case 'downgrade':
      return planAnswer(planDowngrade(standing, target))
    case 'stamp':
      return { heads: planStamp(standing, [target], false).to }
    case 'resolve':
      return { revisions: absolute(graph, target, single) }
    case 'load':
    case 'heads':
    case 'bases':
      return {
        heads: heads(graph),
        realHeads: heads(graph, 'all'),
        bases: bases(graph),
        branchPoints: branchPoints(graph),
        mergePoints: mergePoints(graph),
      }
  }
}

function absolute(graph: RevisionGraph, target: string, single: boolean): readonly string[] {
  const found = resolveAbsolute(graph, target)
  if (single && found.length > 1) throw manyHeads(graph, target, found)
  return found
}

function planAnswer(plan: Plan): Expectation {
  return { steps: plan.steps.map(({ direction, revision }) => [direction, revision.revision] as const), heads: plan.to }
}

function asRevision(raw: CaseRevision): Revision {
  const down = raw.downRevision
  return {
    revision: raw.revision,
    downRevisions: down === null ? [] : typeof down === 'string' ? [down] : down,
    branchLabels: raw.branchLabels ?? [],
    dependsOn: raw.dependsOn ?? [],
    message: '',
    path: `${raw.revision}.ts`,
    transaction: true,
    retry: true,
    irreversible: null,
    empty: false,
  }
}
