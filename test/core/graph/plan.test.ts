// Plans: what would be run, for each thing that can be asked.

import { describe, expect, test } from '@jest/globals'
import { planDowngrade } from '../../../src/core/graph/downgrade.js'
import { planStamp } from '../../../src/core/graph/stamp.js'
import { planUpgrade } from '../../../src/core/graph/upgrade.js'
import { after, graph, standing, stepsOf } from '../../support/graph.js'
import { errorOf, saidBy } from '../../support/thrown.js'

const chain = graph('a > b > c > d')
const fork = graph('root > l1 > l2, root > r1 > r2', { labels: { l1: 'left', r1: 'right' } })
const merged = graph('a > b > m, a > c > m, m > z')
const needy = graph('a > b > c, x > y', { dependsOn: { y: 'b' }, labels: { a: 'lib', x: 'app' } })

describe('upgrade', () => {
  test.each([
    ['to the head', chain, '', 'head', '+a +b +c +d'],
    ['on from where it stands', chain, 'a b', 'head', '+c +d'],
    ['to a revision', chain, '', 'b', '+a +b'],
    ['by count', chain, 'a', '+2', '+b +c'],
    ['is there already', chain, 'a b c d', 'head', ''],
    ['never goes down', chain, 'a b c d', 'b', ''],
    ['to base is nothing', chain, 'a b', 'base', ''],
    ['of nothing', graph(''), '', 'heads', ''],
    ['to all heads, one branch after the other', fork, '', 'heads', '+root +l1 +l2 +r1 +r2'],
    ['to the head of a branch', fork, '', 'right@head', '+root +r1 +r2'],
    ['beside another branch', fork, 'root l1', 'right@+1', '+r1'],
    ['to a merge takes all its parents', merged, 'a c', 'm', '+b +m'],
    ['by one may take more, when a dependency is missing', needy, 'x', '+1', '+a +b +y'],
    ['to a branch takes what it depends on', needy, '', 'app@head', '+a +b +x +y'],
    ['to a label goes to the revision that declares it', fork, '', 'left', '+root +l1'],
  ])('%s', (_name, drawn, applied, target, expected) => {
    const before = standing(drawn, applied)
    const plan = planUpgrade(before, target)
    expect(stepsOf(plan)).toBe(expected)
    expect(plan.from).toEqual(before.current)
    expect(plan.to).toEqual(after(before, plan).current)
    expect(plan.steps.every(({ run }) => run)).toBe(true)
  })

  test.each([
    [fork, '', 'head', 'target.multiple-heads', /there are 2: l2, r2[^]*mig merge[^]*heads/],
    [chain, '', 'current', 'target.unknown', /where the database stands already/],
    [chain, 'a', '-1', 'target.out-of-range', /only a downgrade goes down/],
    [chain, '', 'nobody', 'target.unknown', /nobody/],
    [fork, '', '+1x', 'target.unknown', /no form of target/],
  ])('%#: %3$s is refused', (drawn, applied, target, code, said) => {
    const error = errorOf(() => planUpgrade(standing(drawn, applied), target))
    expect(error.code).toBe(code)
    expect(saidBy(error)).toMatch(said)
  })
})

describe('downgrade', () => {
  test.each([
    ['to a revision keeps it', chain, 'a b c d', 'b', '-d -c'],
    ['to where it stands', chain, 'a b', 'b', ''],
    ['to base', chain, 'a b c', 'base', '-c -b -a'],
    ['to base of nothing', chain, '', 'base', ''],
    ['by one', chain, 'a b c', '-1', '-c'],
    ['by all', chain, 'a b c', '-3', '-c -b -a'],
    ['to a relative place', chain, 'a b c d', 'head-1', '-d'],
    ['to one above base', chain, 'a b c d', 'base+1', '-d -c -b'],
    ['takes children off before parents', merged, 'a b c m z', 'a', '-z -m -c -b'],
    ['takes the latest applied first', fork, 'root r1 l1 r2 l2', 'root', '-l2 -r2 -l1 -r1'],
    ['by one with two heads: the last applied', fork, 'root r1 l1', '-1', '-l1'],
    ['by one with two heads, the other way round', fork, 'root l1 r1', '-1', '-r1'],
    ['by one after a merge', merged, 'a b c m', '-1', '-m'],
    ['by two after a merge', merged, 'a b c m', '-2', '-m -c'],
    ['by one on a branch', fork, 'root l1 r1', 'left@-1', '-l1'],
    ['takes what depends on it along', needy, 'a b x y', 'a', '-y -b'],
    ['of a branch stops at the shared root', fork, 'root l1 l2 r1', 'left@root', '-l2 -l1'],
    [
      'of a branch with a base of its own',
      graph('a > b, x > y', { labels: { x: 'app' } }),
      'a b x y',
      'app@base',
      '-y -x',
    ],
    ['of a branch, when the other one is not applied', fork, 'root l1', 'left@base', '-l1 -root'],
    ['of two bases', graph('a > b, x > y'), 'a x b y', 'base', '-y -b -x -a'],
  ])('%s', (_name, drawn, applied, target, expected) => {
    const before = standing(drawn, applied)
    const plan = planDowngrade(before, target)
    expect(stepsOf(plan)).toBe(expected)
    expect(plan.from).toEqual(before.current)
    expect(plan.to).toEqual(after(before, plan).current)
  })

  test.each([
    ['not applied', chain, 'a b', 'c', 'target.not-applied', /c is not applied.*at b[^]*mig upgrade c/],
    ['nothing applied', chain, '', 'c', 'target.not-applied', /nothing is applied/],
    ['nothing to count', chain, '', '-1', 'target.out-of-range', /nothing is applied[^]*nothing to take down/],
    ['too far', chain, 'a b', '-3', 'target.out-of-range', /counts 3, and only 2 are applied[^]*mig downgrade base/],
    ['one, not two', chain, 'a', '-2', 'target.out-of-range', /only 1 is applied/],
    ['too far on a branch', fork, 'root l1 r1', 'left@-3', 'target.out-of-range', /only 2 are applied on “left”/],
    ['upwards', chain, 'a', '+1', 'target.out-of-range', /does not go down[^]*mig upgrade \+1/],
    ['by nothing', chain, 'a', '-0', 'target.out-of-range', /does not go down/],
    ['below base', chain, 'a', 'base-1', 'target.out-of-range', /below base/],
    ['current', chain, 'a', 'current', 'target.unknown', /where the database stands already/],
    ['several', fork, 'root l1 r1 l2 r2', 'heads', 'target.multiple-heads', /names 2: l2, r2/],
    ['shared root', fork, 'root l1 r1', 'left@base', 'target.outside-branch', /1 applied revision outside it: r1/],
    [
      'several outside',
      fork,
      'root l1 r1 r2',
      'left@base',
      'target.outside-branch',
      /2 applied revisions outside it: r1, r2/,
    ],
    [
      'a count on a branch over what others need',
      fork,
      'root l1 r1',
      'left@-2',
      'target.outside-branch',
      /outside it: r1/,
    ],
    ['a count on a branch over a dependency', needy, 'a b x y', 'lib@-1', 'target.outside-branch', /outside it: y/],
    ['wrong branch', fork, 'root l1 r1', 'left@r1', 'target.not-in-branch', /lineage of “left”/],
  ])('%s is refused', (_name, drawn, applied, target, code, said) => {
    const error = errorOf(() => planDowngrade(standing(drawn, applied), target))
    expect(error.code).toBe(code)
    expect(saidBy(error)).toMatch(said)
  })

  test('to below what no file has is refused, and that is named', () => {
    const before = { graph: graph('a'), applied: ['a', 'b'], current: ['b'] }
    const error = errorOf(() => planDowngrade(before, 'a'))
    expect(error).toMatchObject({ code: 'history.unknown-revision', exitCode: 5 })
    expect(saidBy(error)).toMatch(/^[^]*b would have to be taken down, and no file has it[^]*mig show b --stored/)
  })

  describe('over a revision without a way back', () => {
    const stuck = graph('a > b > c > d', { irreversible: { b: 'the column is gone' } })

    test('is refused before anything runs, naming it and the ways around', () => {
      const error = errorOf(() => planDowngrade(standing(stuck, 'a b c d'), 'a'))
      expect(error).toMatchObject({ code: 'migration.irreversible', exitCode: 1, diagnostics: [{ revision: 'b' }] })
      expect(saidBy(error)).toMatch(/b cannot be undone: the column is gone[^]*mig downgrade b`[^]*new migration/)
    })

    test('is allowed as far as it', () => {
      expect(stepsOf(planDowngrade(standing(stuck, 'a b c d'), 'b'))).toBe('-d -c')
      expect(stepsOf(planDowngrade(standing(stuck, 'a b c d'), '-2'))).toBe('-d -c')
    })

    test('forbids no stamp, which runs nothing', () => {
      expect(stepsOf(planStamp(standing(stuck, 'a b c d'), ['a'], false))).toBe('-d -c -b')
    })
  })
})

describe('stamp', () => {
  test.each([
    ['upwards', chain, '', 'c', '+a +b +c'],
    ['downwards', chain, 'a b c d', 'b', '-d -c'],
    ['where it stands', chain, 'a b', 'b', ''],
    ['base', chain, 'a b', 'base', '-b -a'],
    ['heads', fork, 'root', 'heads', '+l1 +l2 +r1 +r2'],
    ['leaves another branch alone', fork, 'root r1 r2', 'left@head', '+l1 +l2'],
    ['one branch back leaves the other alone', fork, 'root l1 l2 r1', 'l1', '-l2'],
    [
      'base of a branch leaves the other alone',
      graph('a > b, x > y', { labels: { x: 'app' } }),
      'a b x y',
      'app@base',
      '-y -x',
    ],
    ['one above the base of a branch', graph('a > b, x > y', { labels: { x: 'app' } }), 'a b x y', 'app@base+1', '-y'],
    ['a dependency comes along', needy, '', 'y', '+a +b +x +y'],
    ['relative', chain, 'a', '+1', '+b'],
  ])('%s', (_name, drawn, applied, target, expected) => {
    const before = standing(drawn, applied)
    const plan = planStamp(before, [target], false)
    expect(stepsOf(plan)).toBe(expected)
    expect(plan.to).toEqual(after(before, plan).current)
    expect(plan.steps.every(({ run }) => !run)).toBe(true)
  })

  test('several targets at once', () => {
    expect(stepsOf(planStamp(standing(fork), ['l1', 'r2'], false))).toBe('+root +l1 +r1 +r2')
  })

  test('a target that depends on another is refused', () => {
    const error = errorOf(() => planStamp(standing(fork), ['l1', 'root'], false))
    expect(saidBy(error)).toMatch(/^usage\.bad-option: l1 depends on root[^]*mig stamp l1/)
  })

  test('the base of a branch over what another branch depends on is refused', () => {
    const error = errorOf(() => planStamp(standing(fork, 'root l1 r1'), ['left@base'], false))
    expect(error.code).toBe('target.outside-branch')
  })

  test('purge empties the history first', () => {
    const plan = planStamp(standing(fork, 'root r1 r2 l1'), ['l2'], true)
    expect(stepsOf(plan)).toBe('-l1 -r2 -r1 -root +root +l1 +l2')
    expect(plan.to).toEqual(['l2'])
  })

  test('purge to base leaves nothing', () => {
    const plan = planStamp(standing(fork, 'root r1'), ['base'], true)
    expect(stepsOf(plan)).toBe('-r1 -root')
    expect(plan.to).toEqual([])
  })
})

describe('what Alembic gets wrong', () => {
  test('a parent that is an ancestor of another parent is no harm', () => {
    const drawn = graph('a > b > m, a > m > z')
    const all = standing(drawn, 'a b m z')
    expect(stepsOf(planUpgrade(standing(drawn), 'head'))).toBe('+a +b +m +z')
    expect(stepsOf(planDowngrade(all, 'a'))).toBe('-z -m -b')
    expect(standing(drawn, 'a b').current).toEqual(['b'])
  })

  test('a downgrade leaves no heads that depend on each other', () => {
    const drawn = graph('a > b > m, a > c > m, a > m')
    const back = after(standing(drawn, 'a b c m'), planDowngrade(standing(drawn, 'a b c m'), '-1'))
    expect(back.current).toEqual(['b', 'c'])
    expect(stepsOf(planUpgrade(back, 'heads'))).toBe('+m')
  })

  test('a partial id and an unknown one are different errors', () => {
    const drawn = graph('abcd11 > abcd22')
    expect(errorOf(() => planUpgrade(standing(drawn), 'abcd')).code).toBe('target.ambiguous')
    expect(errorOf(() => planUpgrade(standing(drawn), 'abce')).code).toBe('target.unknown')
  })

  test('a label that ends like a count is read as a whole', () => {
    const drawn = graph('a > b', { labels: { a: 'label-1' } })
    expect(stepsOf(planUpgrade(standing(drawn), 'label-1@head'))).toBe('+a +b')
    expect(stepsOf(planUpgrade(standing(drawn), 'label-1'))).toBe('+a')
  })
})
