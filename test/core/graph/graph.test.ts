// The graph of revisions: heads, bases, lineages, and the order in which it is walked.

import { describe, expect, test } from '@jest/globals'
import {
  ancestors,
  bases,
  branchPoints,
  buildGraph,
  descendants,
  heads,
  labelsOf,
  lineage,
  maximal,
  mergePoints,
  sort,
} from '../../../src/core/graph/graph.js'
import { graph, revision, revisions } from '../../support/graph.js'

const diamond = graph('a > b > c > m, b > d > m, m > z')

describe('the words for places in a graph', () => {
  test.each([
    ['a chain', 'a > b > c', { heads: 'c', bases: 'a', branchPoints: '', mergePoints: '' }],
    ['a branch', 'a > b, a > c', { heads: 'b c', bases: 'a', branchPoints: 'a', mergePoints: '' }],
    ['a merge', 'a > b > m, a > c > m', { heads: 'm', bases: 'a', branchPoints: 'a', mergePoints: 'm' }],
    ['two bases', 'a > b, x > y', { heads: 'b y', bases: 'a x', branchPoints: '', mergePoints: '' }],
    ['two bases that meet', 'a + x > m', { heads: 'm', bases: 'a x', branchPoints: '', mergePoints: 'm' }],
    [
      'criss-cross merges',
      'a > b, a > c, b + c > m, b + c > n',
      { heads: 'm n', bases: 'a', branchPoints: 'a b c', mergePoints: 'm n' },
    ],
    ['nothing', '', { heads: '', bases: '', branchPoints: '', mergePoints: '' }],
  ])('%s', (_name, drawing, expected) => {
    const drawn = graph(drawing)
    expect({
      heads: heads(drawn).join(' '),
      bases: bases(drawn).join(' '),
      branchPoints: branchPoints(drawn).join(' '),
      mergePoints: mergePoints(drawn).join(' '),
    }).toEqual(expected)
  })

  test('a dependency makes an effective head of one fewer, and changes nothing else', () => {
    const drawn = graph('a > b, x > y', { dependsOn: { y: 'b' } })
    expect(heads(drawn)).toEqual(['b', 'y'])
    expect(heads(drawn, 'all')).toEqual(['y'])
    expect(bases(drawn)).toEqual(['a', 'x'])
    expect(mergePoints(drawn)).toEqual([])
  })

  test('a dependency may be named by its label', () => {
    const drawn = graph('a > b, x > y', { labels: { b: 'billing' }, dependsOn: { y: 'billing' } })
    expect(drawn.parents.all.get('y')).toEqual(['x', 'b'])
    expect(drawn.parents.down.get('y')).toEqual(['x'])
  })

  test('a parent that is named twice, or is also a dependency, is one link', () => {
    const drawn = buildGraph([revision('a'), revision('b', ['a', 'a'], { dependsOn: { b: 'a' } })])
    expect(drawn.parents.all.get('b')).toEqual(['a'])
    expect(drawn.children.all.get('a')).toEqual(['b'])
    expect(mergePoints(drawn)).toEqual([])
  })

  test('a lineage is what is above and below by down links, not beside', () => {
    expect([...lineage(diamond, 'c')].sort()).toEqual(['a', 'b', 'c', 'm', 'z'])
    const drawn = graph('a > b, x > y', { dependsOn: { y: 'b' } })
    expect([...lineage(drawn, 'b')].sort()).toEqual(['a', 'b'])
  })

  test('what depends on a revision, and what it depends on, count dependencies and the revision itself', () => {
    const drawn = graph('a > b > c, x > y', { dependsOn: { y: 'b' } })
    expect([...ancestors(drawn, ['y'])].sort()).toEqual(['a', 'b', 'x', 'y'])
    expect([...ancestors(drawn, ['y'], 'down')].sort()).toEqual(['x', 'y'])
    expect([...descendants(drawn, ['a'])].sort()).toEqual(['a', 'b', 'c', 'y'])
    expect([...descendants(drawn, ['a'], 'down')].sort()).toEqual(['a', 'b', 'c'])
    expect([...ancestors(drawn, ['nobody'])]).toEqual([])
  })

  test('the maximal members of a part are its heads', () => {
    expect(maximal(diamond, new Set(['a', 'b', 'c', 'd']))).toEqual(['c', 'd'])
    expect(maximal(diamond, new Set(['m', 'a']))).toEqual(['a', 'm'])
    expect(maximal(diamond, new Set())).toEqual([])
  })

  test('a label reaches the lineage of the revision that declares it, its own first', () => {
    const drawn = graph('a > b > c, a > d', { labels: { a: 'all', b: 'billing', d: 'desk' } })
    expect(labelsOf(drawn, 'b')).toEqual(['billing', 'all'])
    expect(labelsOf(drawn, 'c')).toEqual(['all', 'billing'])
    expect(labelsOf(drawn, 'd')).toEqual(['desk', 'all'])
    expect(labelsOf(graph('a > b'), 'b')).toEqual([])
  })
})

describe('the order', () => {
  test.each([
    ['a chain goes up', 'c > b > a', {}, 'c b a'],
    ['one branch is finished before the next begins', 'a > b > c, a > d > e', {}, 'a b c d e'],
    ['also when its files were written in turns', 'r > a1 > c1, r > b2 > d2', {}, 'r a1 c1 b2 d2'],
    ['a merge waits for all its parents', 'a > b > m, a > c > m > z', {}, 'a b c m z'],
    ['a merge is taken as soon as its last parent is there', 'a > b, a > c, b + c > m, a > d', {}, 'a b c m d'],
    ['bases begin in turn', 'a > b, x > y', {}, 'a b x y'],
    ['a dependency comes first', 'a > b, x > y', { dependsOn: { b: 'y' } }, 'a x y b'],
    ['ties are broken by file name', 'a > b, a > c', { paths: { b: '2.ts', c: '1.ts', a: '9.ts' } }, 'a c b'],
    ['the folder of a file says nothing', 'a, b', { paths: { a: 'z/1.ts', b: 'a/2.ts' } }, 'a b'],
    ['nor does its extension', 'a, b', { paths: { a: '1_x.ts', b: '1_x_y.js' } }, 'a b'],
    ['files of one name are taken by id', 'b, a', { paths: { a: 'm/1.ts', b: 'n/1.ts' } }, 'a b'],
  ])('%s', (_name, drawing, traits, expected) => {
    const drawn = graph(drawing, traits)
    expect(sort(drawn, new Set(drawn.revisions.keys())).join(' ')).toBe(expected)
  })

  test('does not depend on the order in which files were found', () => {
    const found = revisions('a > b > c, a > d > e, c + e > m, x > y > z')
    const orders = [found, found.toReversed()].map((all) => {
      const drawn = buildGraph(all)
      return sort(drawn, new Set(drawn.revisions.keys()))
    })
    expect(orders[0]).toEqual(orders[1])
  })

  test('of a part has only that part', () => {
    expect(sort(diamond, new Set(['m', 'd', 'z']))).toEqual(['d', 'm', 'z'])
    expect(sort(diamond, new Set(['nobody', 'a']))).toEqual(['a'])
  })
})
