// Large graphs: no walk may need a stack as deep as the graph, or more than linear time. Counts are asserted, never times.

import { describe, expect, test } from '@jest/globals'
import { ancestors, descendants, heads, lineage, mergePoints } from '../../../src/core/graph/graph.js'
import { planDowngrade } from '../../../src/core/graph/downgrade.js'
import { planStamp } from '../../../src/core/graph/stamp.js'
import { planUpgrade } from '../../../src/core/graph/upgrade.js'
import { resolve } from '../../../src/core/graph/resolve.js'
import type { Revision } from '../../../src/core/graph/revision.js'
import { validateGraph } from '../../../src/core/graph/validate.js'
import { drawLanes, unicodeSigns } from '../../../src/core/render/lanes.js'
import { revision, soundGraph, standing } from '../../support/graph.js'

const id = (index: number) => `r${String(index).padStart(6, '0')}`
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

const chain = (count: number): readonly Revision[] =>
  numbers(count).map((index) => revision(id(index), index === 0 ? [] : [id(index - 1)]))

/** One base, `count` children, one merge of them all. */
const fan = (count: number): readonly Revision[] => [
  revision('base0'),
  ...numbers(count).map((index) => revision(id(index), ['base0'])),
  revision('top', numbers(count).map(id)),
]

/** Pairs that each depend on both of the pair below: 2^count ways from top to bottom. */
const ladder = (count: number): readonly Revision[] =>
  numbers(count).flatMap((index) =>
    ['a', 'b'].map((side) =>
      revision(`${id(index)}${side}`, index === 0 ? [] : [`${id(index - 1)}a`, `${id(index - 1)}b`]),
    ),
  )

describe.each([20_000, 100_000])('a chain of %d', (count) => {
  const graph = soundGraph(chain(count))
  const all = [...graph.revisions.keys()]

  test('is walked from end to end', () => {
    expect(heads(graph)).toEqual([id(count - 1)])
    expect(ancestors(graph, [id(count - 1)]).size).toBe(count)
    expect(descendants(graph, [id(0)]).size).toBe(count)
    expect(lineage(graph, id(count / 2)).size).toBe(count)
    expect(resolve(standing(graph), `head-${count - 1}`)).toEqual([id(0)])
    expect(resolve(standing(graph), `+${count}`)).toEqual([id(count - 1)])
  })

  test('is planned up, down and as a stamp', () => {
    expect(planUpgrade(standing(graph), 'head').steps).toHaveLength(count)
    const down = planDowngrade(standing(graph, all), 'base')
    expect(down.steps).toHaveLength(count)
    expect(down.steps[0]?.revision.revision).toBe(id(count - 1))
    expect(planDowngrade(standing(graph, all), `-${count - 1}`).to).toEqual([id(0)])
    expect(planStamp(standing(graph), ['head'], true).steps).toHaveLength(count)
  })
})

describe('a fan of 150,000', () => {
  const count = 150_000
  const graph = soundGraph(fan(count))

  test('is planned up and down', () => {
    expect(heads(graph)).toEqual(['top'])
    expect(mergePoints(graph)).toEqual(['top'])
    expect(planUpgrade(standing(graph), 'head').steps).toHaveLength(count + 2)
    expect(planDowngrade(standing(graph, ['base0', ...numbers(count).map(id), 'top']), 'base').steps).toHaveLength(
      count + 2,
    )
  })
})

test('a ladder of 5,000 merges, with more ways through it than can be counted', () => {
  const graph = soundGraph(ladder(5000))
  expect(heads(graph)).toEqual([`${id(4999)}a`, `${id(4999)}b`])
  expect(planUpgrade(standing(graph), 'heads').steps).toHaveLength(10_000)
})

test('10,000 bases', () => {
  const graph = soundGraph(numbers(10_000).map((index) => revision(id(index))))
  expect(heads(graph)).toHaveLength(10_000)
  expect(planUpgrade(standing(graph), 'heads').steps).toHaveLength(10_000)
})

test('1,000 missing parents among 10,000 files are all told', () => {
  const all = chain(10_000).map((one, index) => (index % 10 === 1 ? { ...one, downRevisions: [`gone${index}`] } : one))
  expect(validateGraph(all)).toHaveLength(1000)
})

test('a picture of 20,000 revisions has 20,000 lines', () => {
  const graph = soundGraph(chain(20_000))
  const order = [...graph.revisions.keys()].reverse()
  expect(drawLanes(graph, order, () => '*', unicodeSigns)).toHaveLength(20_000)
})
