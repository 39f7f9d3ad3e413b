// That nothing is to be done may be told from texts and rows alone: never where a graph would tell otherwise.

import { describe, expect, test } from '@jest/globals'
import { checksum } from '../../../src/core/checksum.js'
import { heads } from '../../../src/core/graph/graph.js'
import { type Fingerprint, headsIfUpToDate } from '../../../src/core/graph/up-to-date.js'
import { soundGraph } from '../../support/graph.js'
import { migration } from '../../support/migrations.js'
import { pick, randomNumbers, randomRevisions } from '../../support/random.js'

/** A file, and the row that its migration has when it is applied. */
interface Pair {
  readonly text: string
  readonly row: Fingerprint
}

function pair(revision: string, parents: readonly string[]): Pair {
  const text = migration(revision, parents.length === 0 ? null : parents)
  return { text, row: { revision, checksum: checksum(text), downRevisions: JSON.stringify(parents), dependsOn: '[]' } }
}

const chain = [pair('aaaa', []), pair('bbbb', ['aaaa']), pair('cccc', ['bbbb'])]
const [first, second, third] = chain as [Pair, Pair, Pair]

function headsOf(texts: readonly string[], rows: readonly Fingerprint[]): readonly string[] | null {
  return headsIfUpToDate(
    texts.map((text) => ({ text, checksum: () => checksum(text) })),
    rows,
  )
}

const texts = chain.map(({ text }) => text)
const rows = chain.map(({ row }) => row)

test('each file has its row, in whatever order: the heads', () => {
  expect(headsOf(texts, rows)).toEqual(['cccc'])
  expect(headsOf(texts.toReversed(), rows)).toEqual(['cccc'])
  expect(headsOf([], [])).toEqual([])
  expect(headsOf(texts, [first.row, second.row, { ...third.row, dependsOn: '["aaaa"]' }])).toEqual(['cccc'])
})

const notSettled: Readonly<Record<string, readonly [texts: readonly string[], rows: readonly Fingerprint[]]>> = {
  'a file is pending': [texts, rows.slice(0, 2)],
  'a row has no file': [texts.slice(0, 2), rows],
  'a file was edited': [[first.text, second.text, `${third.text}// later\n`], rows],
  'a file lies there twice': [[...texts, third.text], rows],
  'a file lies there twice, and another is gone': [[first.text, third.text, third.text], rows],
  'two rows have one checksum': [texts, [first.row, second.row, { ...third.row, checksum: second.row.checksum }]],
  'a row was given another name by hand': [texts, [first.row, second.row, { ...third.row, revision: 'dddd' }]],
  'a row was given another parent by hand': [
    texts,
    [first.row, second.row, { ...third.row, downRevisions: '["dddd"]' }],
  ],
  'a row was given the name of another word in its file by hand': [
    texts,
    [first.row, second.row, { ...third.row, revision: 'knex' }],
  ],
  'a row depends on what is no row': [texts, [first.row, second.row, { ...third.row, dependsOn: '["nope"]' }]],
  'what a row depends on is no list': [texts, [first.row, second.row, { ...third.row, dependsOn: 'garbage' }]],
  'the parents of a row are none': [texts, [first.row, second.row, { ...third.row, downRevisions: '{}' }]],
  'the parents of a row are no JSON': [texts, [first.row, second.row, { ...third.row, downRevisions: '[' }]],
  'a parent has neither file nor row': [texts.slice(1), rows.slice(1)],
}

describe('it is not certain when', () => {
  test.each(Object.entries(notSettled))('%s', (_, [someTexts, someRows]) => {
    expect(headsOf(someTexts, someRows)).toBeNull()
  })
})

test('in 300 random graphs it tells the heads of the graph, and never that a part is all', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomNumbers(seed)
    const graph = soundGraph(randomRevisions(random))
    const pairs = [...graph.revisions.values()].map(({ revision, downRevisions }) => pair(revision, downRevisions))
    const all = pairs.map(({ text }) => text)
    const every = pairs.map(({ row }) => row)
    expect({ seed, heads: headsOf(all, every)?.toSorted() }).toEqual({ seed, heads: heads(graph, 'down').toSorted() })
    const without = pick(random, pairs)
    expect(
      headsOf(
        all,
        every.filter((row) => row !== without.row),
      ),
    ).toBeNull()
    expect(
      headsOf(
        all.filter((text) => text !== without.text),
        every,
      ),
    ).toBeNull()
  }
})
