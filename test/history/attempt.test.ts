// What is shown of a step that stopped in the middle.

import { expect, test } from '@jest/globals'

import { type AttemptedStatement, describeAttempted } from '../../src/history/attempt.js'

const done: AttemptedStatement = { ordinal: 1, step: null, sql: 'create table t (a int)', state: 'done', now: null }

test.each<readonly [string, readonly AttemptedStatement[], string | null]>([
  ['nothing, when there is nothing', [], null],
  ['a statement with what became of it', [done], '   1  done     create table t (a int)'],
  [
    'a line for each, one below the other',
    [done, { ...done, ordinal: 12, state: 'unknown', sql: 'drop table u', now: 'table u is absent' }],
    '   1  done     create table t (a int)\n  12  unknown  drop table u   (table u is absent)',
  ],
  [
    'the named step, and the statement on one line',
    [{ ...done, step: 'fill', sql: '\n  insert into t\n  values (1)\n', state: 'refused' }],
    '   1  refused  [fill] insert into t values (1)',
  ],
])('shown is %s', (_what, statements, text) => {
  expect(describeAttempted(statements)).toBe(text)
})

test('a long statement is cut', () => {
  const text = describeAttempted([{ ...done, sql: `insert into t values ${'(1), '.repeat(100)}` }]) ?? ''
  expect(text.length).toBeLessThan(160)
  expect(text).toMatch(/^ {3}1 {2}done {5}insert into t values \(1\), .*…/)
})
