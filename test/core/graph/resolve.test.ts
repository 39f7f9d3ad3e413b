// What each identifier means, given a graph and what is applied.

import { describe, expect, test } from '@jest/globals'
import { resolve, resolveAbsolute } from '../../../src/core/graph/resolve.js'
import { graph, standing } from '../../support/graph.js'
import { errorOf, saidBy } from '../../support/thrown.js'

const chain = graph('a > b > c > d', { labels: { b: 'billing' } })
const fork = graph('root > l1 > l2 > l3, root > r1 > r2', { labels: { l1: 'left', r1: 'right-1' } })
const ids = graph('ae1011 > ae1022 > ae1023 > ae10 > abc > be99', { labels: { be99: 'ae' } })

const of = (drawn = chain, text = 'head', applied = '') => resolve(standing(drawn, applied), text).join(' ')

describe('by itself', () => {
  test.each([
    [chain, 'head', 'd'],
    [chain, 'heads', 'd'],
    [chain, 'base', ''],
    [fork, 'heads', 'l3 r2'],
    [graph('a > b, x > y', { dependsOn: { y: 'b' } }), 'heads', 'y'],
    [fork, 'left@head', 'l3'],
    [fork, 'left@heads', 'l3'],
    [fork, 'left@base', ''],
    [fork, 'right-1@head', 'r2'],
    [fork, 'l2@head', 'l3'],
    [fork, 'left@l2', 'l2'],
    [fork, 'left@root', 'root'],
    [fork, 'left', 'l1'],
    [fork, 'right-1', 'r1'],
    [ids, 'ae10', 'ae10'],
    [ids, 'ae101', 'ae1011'],
    [ids, 'ae', 'be99'],
    [ids, 'b', 'be99'],
    [ids, 'be', 'be99'],
    [fork, 'left-0', 'l1'],
    [chain, 'a+2', 'c'],
    [chain, 'd-2', 'b'],
    [chain, 'head-1', 'c'],
    [chain, 'head-4', ''],
    [chain, 'base+2', 'b'],
    [chain, 'billing+1', 'c'],
    [chain, 'billing-1', 'a'],
    [fork, 'left@head-1', 'l2'],
    [fork, 'left@root+1', 'l1'],
    [fork, 'left@base+2', 'l1'],
  ])('%#: %3$s', (drawn, text, expected) => expect(resolve(standing(drawn), text).join(' ')).toBe(expected))
})

describe('from where the database stands', () => {
  test.each([
    ['nothing applied: +n counts from base', chain, '', '+2', 'b'],
    ['one head', chain, 'a b', '+1', 'c'],
    ['current', fork, 'root l1 r1', 'current', 'l1 r1'],
    ['current of nothing', fork, '', 'current', ''],
    ['L@current', fork, 'root l1 r1', 'left@current', 'l1'],
    ['L@+n with two heads', fork, 'root l1 r1', 'left@+1', 'l2'],
    ['id@+n with two heads', fork, 'root l1 r1', 'r2@+1', 'r2'],
    ['L@+n from a shared root', fork, 'root r1', 'left@+2', 'l2'],
    ['L@+n with nothing applied', fork, '', 'left@+2', 'l1'],
    [
      'L@+n where the head of L is hidden by what depends on it',
      graph('a > b > c, x', { labels: { a: 'line' }, dependsOn: { x: 'b' } }),
      'a b x',
      'line@+1',
      'c',
    ],
  ])('%s', (_name, drawn, applied, text, expected) => expect(of(drawn, text, applied)).toBe(expected))
})

describe('refused', () => {
  test.each([
    [fork, '', 'head', 'target.multiple-heads', /“head” requires one head, and there are 2: l3, r2/],
    [fork, '', 'head-1', 'target.multiple-heads', /l3, r2/],
    [fork, '', 'heads+1', 'target.multiple-heads', /requires one head/],
    [fork, '', 'root@head', 'target.multiple-heads', /l3, r2/],
    [ids, '', 'ae102', 'target.ambiguous', /“ae102” is the start of 2 revisions: ae1022, ae1023[^]*Type more letters/],
    [ids, '', 'abcd', 'target.unknown', /No revision or branch label is called “abcd”[^]*Did you mean abc/],
    [ids, '', '9', 'target.unknown', /“9” is a number[^]*: mig downgrade -9, or: mig upgrade \+9/],
    [graph('432f690fcbda'), '', '432', 'target.unknown', /“432” is a number/],
    [graph('432f690fcbda'), '', '4+1', 'target.unknown', /“4” is a number/],
    [graph('432f690fcbda'), '', '43@head', 'target.unknown', /“43” is a number/],
    [ids, '', 'ab', 'target.unknown', /No revision or branch label/],
    [ids, '', 'ae1029', 'target.unknown', /Did you mean ae1022 or ae1023/],
    [fork, '', 'lefd', 'target.unknown', /Did you mean left\?/],
    [fork, '', 'haed', 'target.unknown', /mig history|Did you mean head/],
    [fork, '', 'zzzzzzzz', 'target.unknown', /mig history/],
    [fork, '', 'nobody@head', 'target.unknown', /called “nobody”/],
    [fork, '', 'left@r2', 'target.not-in-branch', /r2 is not in the lineage of “left”/],
    [fork, 'root', '+1', 'target.ambiguous', /“\+1” forks at root: l1, r1/],
    [graph('a, b'), '', '+1', 'target.ambiguous', /forks at the bases: a, b/],
    [fork, 'root l1 r1', '+1', 'target.multiple-heads', /2 current heads: l1, r1[^]*l1\+1, r1\+1/],
    [fork, '', 'root+1', 'target.ambiguous', /forks at root/],
    [graph('a + b > m'), '', 'm-1', 'target.ambiguous', /forks at m: a, b/],
    [chain, 'a b c d', '+1', 'target.out-of-range', /d has nothing above it, 1 short/],
    [chain, '', 'c+5', 'target.out-of-range', /d has nothing above it, 4 short/],
    [chain, '', 'base-1', 'target.out-of-range', /“base-1” leads nowhere: it goes below base/],
    [chain, '', 'a-2', 'target.out-of-range', /it goes below base/],
    [chain, '', '+0', 'target.out-of-range', /it counts nothing/],
    [chain, 'a', '-1', 'target.out-of-range', /counts down, and only a downgrade goes down[^]*mig downgrade -1/],
    [graph(''), '', '+1', 'target.out-of-range', /nothing above it/],
  ])('%#: %2$s as %3$s', (drawn, applied, text, code, said) => {
    const error = errorOf(() => resolve(standing(drawn, applied), text))
    expect(error.code).toBe(code)
    expect(saidBy(error)).toMatch(said)
    expect(error.exitCode).toBe(2)
  })

  test('a list of candidates that is too long is cut', () => {
    const drawn = graph(Array.from({ length: 30 }, (_, index) => `abcd${index + 10}`).join(','))
    expect(saidBy(errorOf(() => resolve(standing(drawn), 'abcd')))).toMatch(/30 revisions: (abcd\d\d, ){10}…/)
  })
})

test('a partial id is sought within the branch that is named with it', () => {
  const drawn = graph('root > abc111, root > abc222', { labels: { abc222: 'right' } })
  expect(of(drawn, 'right@abc')).toBe('abc222')
  expect(errorOf(() => of(drawn, 'abc')).code).toBe('target.ambiguous')
})

test.each(['+1', '-1', 'left@+1', 'current', 'left@current', 'head-1'])(
  '%s is refused where a revision is wanted by its own name',
  (text) => expect(errorOf(() => resolveAbsolute(fork, text)).code).toBe('target.unknown'),
)

test('a revision by its own name needs no database', () => {
  expect(resolveAbsolute(fork, 'left@head')).toEqual(['l3'])
  expect(resolveAbsolute(fork, 'heads')).toEqual(['l3', 'r2'])
})
