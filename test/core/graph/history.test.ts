// A history: what is applied, where the heads are, and what is wrong with it.

import { describe, expect, test } from '@jest/globals'
import { appliedSet, currentHeads, headsAfter, historyGraph, unfinished } from '../../../src/core/graph/history.js'
import { describeUnfinished, findChanged, findUnknown, validateRows } from '../../../src/core/graph/validate-history.js'
import { graph, revision } from '../../support/graph.js'
import { rows } from '../../support/history.js'

describe('heads', () => {
  test.each([
    ['of nothing', 'a > b', '', ''],
    ['of a chain', 'a > b > c', 'a b', 'b'],
    ['of a fork', 'a > b, a > c', 'a b c', 'b c'],
    ['of a merge', 'a > b > m, a > c > m', 'a b c m', 'm'],
    ['over a redundant parent', 'a > b > m, a > m', 'a b m', 'm'],
  ])('%s', (_name, drawing, applied, expected) => {
    expect(currentHeads(graph(drawing), rows(graph(drawing), applied)).join(' ')).toBe(expected)
  })

  test('a dependency hides what it needs', () => {
    const drawn = graph('a, b', { dependsOn: { b: 'a' } })
    expect(currentHeads(drawn, rows(drawn, 'a b'))).toEqual(['b'])
  })

  test('are known from the history alone, when files are missing', () => {
    const whole = graph('a > b > c, a > d')
    expect(currentHeads(graph('a'), rows(whole, 'a b c d'))).toEqual(['c', 'd'])
    expect(currentHeads(graph(''), rows(whole, 'a b'))).toEqual(['b'])
  })
})

describe('heads after some steps', () => {
  const whole = graph('a > b > c, a > d, x', { dependsOn: { d: 'c' }, labels: { c: 'top' } })
  const step = (text: string) => {
    const id = text.slice(1)
    return {
      direction: text.startsWith('+') ? 'up' : 'down',
      revision: whole.revisions.get(id) ?? revision(id),
      run: true,
    } as const
  }
  test.each([
    ['none', 'a b', '', 'b'],
    ['up', 'a', '+b +c', 'c'],
    ['up, over a dependency', 'a b c', '+d', 'd'],
    ['up, beside the others', 'a b', '+x', 'b x'],
    ['down', 'a b c', '-c -b', 'a'],
    ['down, to where two are left', 'a b c d', '-d', 'c'],
    ['down to nothing', 'a', '-a', ''],
  ])('%s', (_name, applied, steps, expected) => {
    const taken = steps === '' ? [] : steps.split(' ').map(step)
    expect(headsAfter(whole, rows(whole, applied), taken).join(' ')).toBe(expected)
  })

  test('what is applied beside what no file has', () => {
    const files = graph('a, a > d')
    const after = headsAfter(
      files,
      rows(whole, 'a b'),
      [step('+d')].map((each) => ({ ...each, revision: revision('d', ['a']) })),
    )
    expect(after).toEqual(['b', 'd'])
  })
})

test('a row that did not finish counts as applied, and is listed', () => {
  const history = rows(graph('a > b'), 'a b').map((row) =>
    row.revision === 'b' ? { ...row, state: 'running' as const } : row,
  )
  expect([...appliedSet(history)]).toEqual(['a', 'b'])
  expect(unfinished(history).map(({ revision }) => revision)).toEqual(['b'])
})

test('the history is a graph by itself', () => {
  const drawn = graph('a > b > m, a > c > m', { dependsOn: { c: 'b' } })
  const alone = historyGraph(rows(drawn, 'a b c m'))
  expect([...alone.parents.all]).toEqual([...drawn.parents.all])
})

describe('what is wrong with a history', () => {
  const drawn = graph('a > b > c')

  test('nothing', () => {
    expect(validateRows(drawn, rows(drawn, 'a b c'))).toEqual([])
    expect(findUnknown(drawn, rows(drawn, 'a b'))).toEqual([])
    expect(findUnknown(graph(''), [])).toEqual([])
    expect(describeUnfinished(rows(drawn, 'a'))).toBeNull()
  })

  test('a row that was deleted by hand leaves a hole', () => {
    expect(validateRows(drawn, rows(drawn, 'a c'))).toMatchObject([
      {
        code: 'history.altered',
        revision: 'c',
        message: expect.stringMatching(/c is applied, and not b/),
        hint: expect.stringMatching(/mig stamp c$/),
      },
    ])
  })

  test('a revision that no file has is named, with who applied it and where to look', () => {
    const [only, ...others] = findUnknown(graph('a > b'), rows(drawn, 'a b c'))
    expect(others).toEqual([])
    expect(only).toMatchObject({ code: 'history.unknown-revision', severity: 'error' })
    expect(only?.message).toMatch(/^A revision is applied to the database and in no file: c\./)
    expect(only?.hint).toMatch(/git log --all --oneline -- '\*c\*'.*--allow-unknown/)
    expect(only?.detail).toMatch(/c .*applied 2026-01-01T00:00:02Z by me@here/)
  })

  test('an empty folder beside a history is a checkout without files, not another project', () => {
    expect(findUnknown(graph(''), rows(drawn, 'a b'))).toMatchObject([
      { code: 'history.unknown-revision', message: expect.stringMatching(/^2 revisions are/) },
    ])
  })

  test('where no file fits, the database is another project’s', () => {
    expect(findUnknown(graph('x > y'), rows(drawn, 'a b'))).toMatchObject([
      { code: 'history.wrong-project', message: expect.stringMatching(/None of the 2 revisions/) },
    ])
  })

  test('a changed file is one whose checksum is another; an unknown one is not changed', () => {
    const sums: Record<string, string> = { a: 'sum of a', b: 'other' }
    const changed = findChanged(rows(drawn, 'a b c'), (id) => sums[id] ?? null)
    expect(changed.map(({ revision }) => revision)).toEqual(['b'])
  })

  test.each([
    ['running', 'upgrade'],
    ['reverting', 'downgrade'],
  ] as const)('what was left %s is reported as an unfinished %s', (state, what) => {
    const history = rows(drawn, 'a b').map((row) => ({ ...row, state }))
    expect(describeUnfinished(history)).toMatchObject({
      code: 'partial.unfinished',
      revision: 'a',
      message: expect.stringMatching(new RegExp(`^The ${what} of a did not finish \\(and 1 more\\)`)),
      hint: expect.stringMatching(/mig resolve a --applied.*mig resolve a --not-applied/),
    })
  })
})
