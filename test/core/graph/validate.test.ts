// What is wrong with a folder's graph: every finding, in one report.

import { describe, expect, test } from '@jest/globals'
import { assertNoErrors, GraphError } from '../../../src/core/errors.js'
import { whyIllegalId, whyIllegalLabel } from '../../../src/core/graph/revision.js'
import { validateGraph } from '../../../src/core/graph/validate.js'
import { revision, revisions, type Traits } from '../../support/graph.js'
import { errorOf } from '../../support/thrown.js'

const found = (drawing: string, traits?: Traits) =>
  validateGraph(revisions(drawing, traits)).map(
    ({ code, message, hint }) => `${code.replace('graph.', '')}: ${message} ${hint ?? ''}`,
  )

test.each([
  ['a chain', 'a > b > c', {}],
  ['a branch and a merge', 'a > b > m, a > c > m', {}],
  ['two bases', 'a, b', {}],
  ['a redundant parent', 'a > b > m, a > m', {}],
  ['labels and dependencies', 'a > b, x > y', { labels: { b: 'billing' }, dependsOn: { y: 'billing a' } }],
  ['nothing', '', {}],
])('%s is sound', (_name, drawing, traits) => expect(found(drawing, traits)).toEqual([]))

describe('a circle is printed as a path in which each depends on the next', () => {
  test.each([
    ['of three', 'a > b > c > a', {}, [/^cycle: .* in a circle: a → c → b → a\. .*a\.ts, c\.ts, b\.ts/]],
    ['of two, above a sound part', 'r > a > b > a', {}, [/: a → b → a\./]],
    ['over a dependency', 'a > b', { dependsOn: { a: 'b' } }, [/: a → b → a\./]],
    ['over a label', 'a > b', { labels: { b: 'top' }, dependsOn: { a: 'top' } }, [/: a → b → a\./]],
    ['of one', 'a > a', {}, [/^cycle: a \(a\.ts\) names itself as its parent\. .*null for a base/]],
    ['of one, as a dependency', 'a', { dependsOn: { a: 'a' } }, [/^cycle: a \(a\.ts\) names itself/]],
    ['two of them', 'a > b > a, x > y > x', {}, [/: a → b → a\./, /: x → y → x\./]],
    ['two that share a revision', 'a > b > a, a > c > a', {}, [/: a → c → a\./, /: a → b → a\./]],
  ])('%s', (_name, drawing, traits, expected) => {
    const said = found(drawing, traits)
    expect(said).toHaveLength(expected.length)
    for (const [index, pattern] of expected.entries()) expect(said[index]).toMatch(pattern)
  })

  test('a circle of 50,000 is found without trouble for the stack', () => {
    const count = 50_000
    const ring = Array.from({ length: count }, (_, index) => revision(`r${index}`, [`r${(index + 1) % count}`]))
    const [only, ...others] = validateGraph(ring)
    expect(others).toEqual([])
    expect(only?.message.split(' → ')).toHaveLength(count + 1)
  })
})

describe('a parent that no file has', () => {
  test.each([
    [
      'is named with what looks alike',
      'c9b52448285b > b',
      { b: 'c9b52448285c' },
      /b \(b\.ts\) names c9b52448285c as its dependsOn, which no file has\. Did you mean c9b52448285b\?/,
    ],
    ['or with a way to look for it', 'a', { a: 'f1be62155239' }, /git log --all --oneline -S"'f1be62155239'"/],
    ['is never the one that names it', 'c', { c: 'b' }, /git log --all/],
    ['may look like a label', 'a', { a: 'biling' }, /Did you mean billing\?/],
  ])('%s', (_name, drawing, dependsOn, pattern) => {
    const said = found(drawing, { dependsOn, labels: drawing.startsWith('a') ? { a: 'billing' } : {} })
    expect(said).toEqual([expect.stringMatching(/^missing-parent/)])
    expect(said[0]).toMatch(pattern)
  })

  test('a label is no parent', () => {
    const all = [revision('a', [], { labels: { a: 'billing' } }), revision('b', ['billing'])]
    expect(validateGraph(all)).toMatchObject([{ code: 'graph.missing-parent', revision: 'b', path: 'b.ts' }])
  })

  test('each one is reported', () => {
    expect(validateGraph([revision('m', ['gone1', 'gone2'])])).toHaveLength(2)
  })
})

describe('what is there twice', () => {
  test('two files of one revision are both named', () => {
    const all = [revision('a', [], { paths: { a: 'm/1.ts' } }), revision('a', [], { paths: { a: 'm/2.ts' } })]
    expect(validateGraph(all)).toMatchObject([
      {
        code: 'graph.duplicate-revision',
        message: expect.stringMatching(/a is declared by two files: m\/1\.ts and m\/2\.ts/),
      },
    ])
  })

  test.each([
    ['a label of two files', { a: 'x', b: 'x' }, /“x” in b\.ts is also declared by a\.ts/],
    ['a label that is a revision', { a: 'b' }, /“b” in a\.ts is also a revision id/],
    ['a label of one file', { a: 'x x' }, /“x” in a\.ts is also declared by a\.ts/],
  ])('%s', (_name, labels, pattern) => {
    const said = found('a > b', { labels })
    expect(said).toEqual([expect.stringMatching(/^duplicate-label/)])
    expect(said[0]).toMatch(pattern)
  })
})

describe('names', () => {
  test.each(['a', '1', 'c9b52448285b', 'create_users', 'v1.2', 'a-b', 'Head', 'x'.repeat(64), '0', 'a.', 'v-2a'])(
    '%s is an id',
    (id) => expect(whyIllegalId(id)).toBeNull(),
  )

  test.each([
    ['', /empty/],
    ['head', /reserved/],
    ['heads', /reserved/],
    ['base', /reserved/],
    ['current', /reserved/],
    ['x'.repeat(65), /65 characters; at most 64/],
    ['a@b', /“@” has a meaning/],
    ['a:b', /“:” has a meaning/],
    ['a+1', /“\+” has a meaning/],
    ['v-2', /relative target/],
    ['-1', /only letters/],
    ['-a', /only letters/],
    ['_a', /only letters/],
    ['.a', /only letters/],
    ['a b', /white space/],
    [' a', /white space/],
    ['a\n', /white space/],
    ['a\u00A0b', /white space/],
    ["it's", /only letters/],
    ['a/b', /only letters/],
    ['..', /only letters/],
    ['a\0', /only letters/],
    ['ä', /only letters/],
    ['а', /only letters/], // Cyrillic
    ['\u202Ea', /only letters/],
    ["'; drop table users; --", /white space|only letters/],
  ])('%j is none', (id, why) => expect(whyIllegalId(id)).toMatch(why))

  test('a label may end like a count, because it is looked up as a whole', () => {
    expect(whyIllegalLabel('v-2')).toBeNull()
    expect(whyIllegalLabel('head')).toMatch(/reserved/)
  })

  test('illegal ids and labels are reported with their file', () => {
    const said = found('head > b', { labels: { b: 'x@y' } })
    expect(said).toEqual([
      expect.stringMatching(/^illegal-id: “head” in head\.ts cannot be a revision id: it is a reserved word/),
      expect.stringMatching(/^illegal-id: “x@y” in b\.ts cannot be a branch label: “@”/),
    ])
  })
})

test('everything is reported at once, and thrown as one error', () => {
  const all = [
    ...revisions('a > b > a, base, c', { labels: { b: 'c', c: 'x y' }, dependsOn: { c: 'nobody' } }),
    revision('c', ['lost']),
  ]
  const report = validateGraph(all)
  expect(report.map(({ code }) => code).sort()).toEqual([
    'graph.cycle',
    'graph.duplicate-label',
    'graph.duplicate-revision',
    'graph.illegal-id',
    'graph.missing-parent',
    'graph.missing-parent',
  ])
  const error = errorOf(() => assertNoErrors(GraphError, report))
  expect(error).toMatchObject({ exitCode: 4, code: 'graph.illegal-id', diagnostics: report })
  expect(error.message).toMatch(/^6 problems: .*\(and 5 more\)$/)
})

test('every finding is an error with a hint and the file it is about', () => {
  const report = validateGraph(revisions('a > b > a, head', { dependsOn: { head: 'x' }, labels: { a: 'q', b: 'q' } }))
  expect(report).toHaveLength(4)
  for (const diagnostic of report)
    expect(diagnostic).toMatchObject({
      severity: 'error',
      hint: expect.any(String),
      path: expect.stringMatching(/\.ts$/),
    })
})
