// Graph parity: 1,100 cases whose answers come from real Alembic.

import { describe, expect, test } from '@jest/globals'
import { MigError } from '../../src/core/errors.js'
import type { RevisionGraph } from '../../src/core/graph/graph.js'
import { answer, expectationOf, graphOf, readCases, type Expectation, type ParityCase } from './cases.js'

const cases = readCases()

test('there are 1,100 cases', () => {
  expect(cases).toHaveLength(1100)
})

test('all but these are held to the letter', () => {
  const isOther = (parityCase: ParityCase) => expectationOf(parityCase).error !== parityCase.expect.error
  expect(cases.filter(isOther).map(({ id, target = 'declared twice' }) => `${id} ${target}`)).toEqual([
    'downgrade-0220 0',
    'downgrade-0247 6',
    'downgrade-0253 954',
    'load-0468 declared twice',
    'load-0488 declared twice',
    'resolve-0543 api@05',
    'resolve-0549 694',
    'resolve-0559 80',
    'resolve-0573 0',
    'resolve-0653 35',
    'stamp-0695 85',
    'upgrade-0844 00+2',
    'upgrade-0887 40',
    'upgrade-0920 000',
    'upgrade-0978 000+4',
    'upgrade-1097 1',
  ])
})

describe.each([...new Set(cases.map(({ op }) => op))])('%s', (op) => {
  test.each(
    cases.filter((parityCase) => parityCase.op === op).map((parityCase) => [parityCase.id, parityCase] as const),
  )('%s', (_id, parityCase) => {
    const expected = expectationOf(parityCase)
    const { graph, outcome } = attempt(parityCase)
    if (expected.error !== undefined || graph === null) {
      expect(outcome).toEqual({ error: expected.error })
      return
    }
    for (const key of Object.keys(expected) as (keyof Expectation)[])
      expect(asSet(outcome[key])).toEqual(asSet(expected[key]))
    if (outcome.steps !== undefined) expect(outOfOrder(graph, outcome.steps)).toEqual([])
  })
})

function attempt(parityCase: ParityCase): { graph: RevisionGraph | null; outcome: Expectation } {
  let graph: RevisionGraph | null = null
  try {
    graph = graphOf(parityCase)
    return { graph, outcome: answer(parityCase, graph) }
  } catch (error) {
    if (!(error instanceof MigError)) throw error
    return { graph, outcome: { error: error.code } }
  }
}

/** Heads in a case are listed once for each way to them; a set is what is meant. */
function asSet(value: Expectation[keyof Expectation]): readonly string[] {
  const items = typeof value === 'string' ? [value] : (value ?? [])
  return [...new Set(items.map((item) => (typeof item === 'string' ? item : item.join(' '))))].sort()
}

/** Steps that come before something they need. */
function outOfOrder(graph: RevisionGraph, steps: NonNullable<Expectation['steps']>): readonly string[] {
  const ups = steps[0]?.[0] === 'down' ? steps.toReversed() : steps
  const place = new Map(ups.map(([, id], index) => [id, index]))
  return ups
    .filter(([, id], index) => (graph.parents.all.get(id) ?? []).some((parent) => (place.get(parent) ?? -1) > index))
    .map(([, id]) => id)
}
