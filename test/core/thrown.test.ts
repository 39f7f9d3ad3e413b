// What was thrown, whatever it is and wherever it was made.

import { runInNewContext } from 'node:vm'

import { describe, expect, test } from '@jest/globals'

import { isError, messageOf } from '../../src/core/thrown.js'

const unreadable = new Proxy(
  {},
  {
    get() {
      throw new Error('do not look')
    },
    getPrototypeOf() {
      throw new Error('do not look')
    },
  },
)

describe.each([
  ['an error', new TypeError('no'), true, 'no'],
  ['an error of another realm', runInNewContext(`new TypeError('no')`), true, 'no'],
  ['an error without words', new RangeError(''), true, 'RangeError'],
  ['an object with a message', { message: 'no' }, false, 'no'],
  ['a text', 'no', false, 'no'],
  ['nothing', undefined, false, 'undefined was thrown, not an Error'],
  ['what throws when it is looked at', unreadable, false, 'something was thrown that cannot be read'],
])('%s', (_what, thrown: unknown, isOne, words) => {
  test('is an error or not, and has words', () => {
    expect([isError(thrown), messageOf(thrown)]).toStrictEqual([isOne, words])
  })
})
