// The graph as lanes of text. What is expected is drawn.

import { describe, expect, test } from '@jest/globals'
import { sort } from '../../../src/core/graph/graph.js'
import { asciiSigns, drawLanes, unicodeSigns } from '../../../src/core/render/lanes.js'
import { graph } from '../../support/graph.js'

/** The picture, each revision's id behind its lanes; `order` is newest first. */
function picture(drawing: string, order?: string, signs = unicodeSigns): string {
  const drawn = graph(drawing)
  const ids = order?.split(' ') ?? sort(drawn, new Set(drawn.revisions.keys())).toReversed()
  return [
    '',
    ...drawLanes(drawn, ids, () => '*', signs).map(
      ({ lanes, revision }) => `${lanes}${revision === null ? '' : ` ${revision}`}`,
    ),
  ].join('\n')
}

describe('a picture', () => {
  test('of a chain', () => {
    expect(picture('a > b > c')).toBe(`
* c
* b
* a`)
  })

  test('of nothing', () => expect(picture('')).toBe(''))

  test('of a branch', () => {
    expect(picture('a > b, a > c')).toBe(`
* c
│ * b
├─┘
* a`)
  })

  test('of a merge', () => {
    expect(picture('a > b > m, a > c > m, m > z')).toBe(`
* z
* m
├─┐
│ * c
* │ b
├─┘
* a`)
  })

  test('of a merge of three', () => {
    expect(picture('a > b > m, a > c > m, a > d > m')).toBe(`
* m
├─┐─┐
│ │ * d
│ * │ c
* │ │ b
├─┘─┘
* a`)
  })

  test('of two merges that cross', () => {
    expect(picture('a > b, a > c, b + c > m, b + c > n')).toBe(`
* n
├─┐
│ │ * m
│ │ ├─┐
│ ├─│─┘
│ * │ c
├─│─┘
* │ b
├─┘
* a`)
  })

  test('of several roots', () => {
    expect(picture('a > b, x > y')).toBe(`
* y
* x
* b
* a`)
  })

  test('of roots that meet', () => {
    expect(picture('a > b > m, x > m')).toBe(`
* m
├─┐
│ * x
* b
* a`)
  })

  test('of a branch that begins again where another has ended', () => {
    expect(picture('p > t, q > t, r + s > q', 't p q r s')).toBe(`
* t
├─┐
* │ p
  * q
  ├─┐
  * │ r
    * s`)
  })

  test('of a part: links to what is not shown are left out', () => {
    expect(picture('a > b > c, b > d', 'd c')).toBe(`
* d
* c`)
  })

  test('with a redundant parent', () => {
    expect(picture('a > b > m, a > m')).toBe(`
* m
├─┐
* │ b
├─┘
* a`)
  })

  test('in ASCII', () => {
    expect(picture('a > b > m, a > c > m', undefined, asciiSigns)).toBe(`
* m
|-.
| * c
* | b
|-'
* a`)
  })
})

test('every revision has exactly one line, with its own mark', () => {
  const drawn = graph('a > b > m, a > c > m')
  const lines = drawLanes(drawn, ['m', 'c', 'b', 'a'], (id) => id.toUpperCase(), unicodeSigns)
  expect(lines.flatMap(({ revision }) => (revision === null ? [] : [revision]))).toEqual(['m', 'c', 'b', 'a'])
  expect(lines.map(({ lanes }) => lanes)).toEqual(['M', '├─┐', '│ C', 'B │', '├─┘', 'A'])
})
