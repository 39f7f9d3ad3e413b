// The grammar of targets: what a person may type.

import { describe, expect, test } from '@jest/globals'
import { parseRange, parseTarget } from '../../../src/core/graph/target.js'
import { errorOf, saidBy } from '../../support/thrown.js'

const names = new Set(['ae10', 'billing', 'v-2', 'label-1', '2026'])
const parse = (text: string) => parseTarget(text, (name) => names.has(name))
const named = (name: string) => ({ kind: 'name', name })

test.each([
  ['head', { branch: null, anchor: { kind: 'head' }, offset: null }],
  ['heads', { branch: null, anchor: { kind: 'heads' }, offset: null }],
  ['base', { branch: null, anchor: { kind: 'base' }, offset: null }],
  ['current', { branch: null, anchor: { kind: 'current' }, offset: null }],
  ['ae10', { branch: null, anchor: named('ae10'), offset: null }],
  ['ae', { branch: null, anchor: named('ae'), offset: null }],
  ['2026', { branch: null, anchor: named('2026'), offset: null }],
  ['billing', { branch: null, anchor: named('billing'), offset: null }],
  ['+2', { branch: null, anchor: null, offset: 2 }],
  ['-2', { branch: null, anchor: null, offset: -2 }],
  ['billing@+2', { branch: 'billing', anchor: null, offset: 2 }],
  ['billing@-2', { branch: 'billing', anchor: null, offset: -2 }],
  ['ae10+2', { branch: null, anchor: named('ae10'), offset: 2 }],
  ['ae10-1', { branch: null, anchor: named('ae10'), offset: -1 }],
  ['head-1', { branch: null, anchor: { kind: 'head' }, offset: -1 }],
  ['base+2', { branch: null, anchor: { kind: 'base' }, offset: 2 }],
  ['billing@head', { branch: 'billing', anchor: { kind: 'head' }, offset: null }],
  ['billing@heads', { branch: 'billing', anchor: { kind: 'heads' }, offset: null }],
  ['billing@base', { branch: 'billing', anchor: { kind: 'base' }, offset: null }],
  ['billing@ae10', { branch: 'billing', anchor: named('ae10'), offset: null }],
  ['billing@head-1', { branch: 'billing', anchor: { kind: 'head' }, offset: -1 }],
  // A name that looks relative is taken as a whole first.
  ['v-2', { branch: null, anchor: named('v-2'), offset: null }],
  ['v-2-1', { branch: null, anchor: named('v-2'), offset: -1 }],
  ['label-1@head', { branch: 'label-1', anchor: { kind: 'head' }, offset: null }],
  ['billing@v-2', { branch: 'billing', anchor: named('v-2'), offset: null }],
  ['other-1@head', { branch: 'other-1', anchor: { kind: 'head' }, offset: null }],
  ['v-3', { branch: null, anchor: named('v'), offset: -3 }],
])('%s', (text, expected) => expect(parse(text)).toEqual({ text, ...expected }))

describe('refused as no form of target', () => {
  test.each([
    '',
    ' ',
    '@',
    '@head',
    'billing@',
    '+',
    '-',
    '+2junk',
    '-2junk',
    '+1+1',
    '+-1',
    'billing@@head',
    'a@b@c',
    'a b',
    ' head',
    'head\n',
    'a:b',
    'ae10+1234567890',
    '--help',
    "'; drop table users; --",
    'a/b',
    '../x',
    'ä',
    '\u202Ehead',
    'a\0',
  ])('%j', (text) => {
    const error = errorOf(() => parse(text))
    expect(saidBy(error)).toMatch(/^target\.unknown: [^]*is no form of target[^]*label@head, \+1, -1/)
    expect(error.message).toContain(`“${text}”`)
    expect(error.exitCode).toBe(2)
  })
})

describe('a range', () => {
  test.each([
    ['a:b', { from: 'a', to: 'b' }],
    [':b', { from: null, to: 'b' }],
    ['a:', { from: 'a', to: null }],
    [':', { from: null, to: null }],
    ['billing@head-1:+2', { from: 'billing@head-1', to: '+2' }],
    ['head', null],
  ])('%s', (text, expected) => expect(parseRange(text)).toEqual(expected))

  test('has two ends, not three', () => {
    expect(() => parse(parseRange('a:b:c')?.to ?? '')).toThrow('is no form of target')
  })
})
