// Values are hidden, words are not.

import { expect, test } from '@jest/globals'

import { withoutValues } from '../../src/core/values.js'

const insert = 'insert into users (name, email) values (?, ?)'

test.each([
  // A value that is called like a table, a part of a constraint, or a word of the server.
  ['new row for relation "users" violates check constraint "users_name_check"', ['users', 'name', 'check', 'row']],
  ['relation "users" does not exist', ['users']],
  ["Table 'shop.users' doesn't exist", ['users', 'exist']],
  ["Unknown column 'name' in 'field list'", ['list', 'name']],
  ['UNIQUE constraint failed: users.email', ['email', 'users', 'failed']],
  ['null value in column "email" of relation "users" violates not-null constraint', ['null', 'email']],
  ['permission denied for table users', ['table', 'denied']],
])('nothing is hidden in: %s', (text, values) => {
  expect(withoutValues(text, { sql: insert, values, isRaised: false })).toBe(text)
})

test.each([
  ["Duplicate entry 'anna@example.org' for key 'users.email'", ["Duplicate entry '?' for key 'users.email'"]],
  ["Duplicate entry 'anna@example.org-47' for key 'both'", ["Duplicate entry '?-?' for key 'both'"]],
  ['Key (email)=(anna@example.org) already exists.', ['Key (email)=(?) already exists.']],
  ['Failing row contains (47, anna@example.org, null).', ['Failing row contains (?, ?, null).']],
  ['invalid input syntax for type integer: "anna@example.org"', ['invalid input syntax for type integer: "?"']],
  ["near ''anna@example.org', 47)' at line 1", ["near ''?', ?)' at line 1"]],
  ['out of range: 47', ['out of range: ?']],
])('a value is hidden in: %s', (text, [masked]) => {
  expect(withoutValues(text, { sql: insert, values: ['anna@example.org', 47], isRaised: false })).toBe(masked)
})

test('what the migration’s own code raises may hold a value anywhere, and words stay whole', () => {
  const about = { sql: insert, values: ['anna', 4], isRaised: true }
  expect(withoutValues('anna is not Joanna, 4 is not 44', about)).toBe('? is not Joanna, ? is not 44')
})

test('each place is looked at, and nothing else is changed', () => {
  const about = { sql: insert, values: ['aa', 'a', '', null, undefined, { a: 1 }], isRaised: false }
  expect(withoutValues(`'aa' 'a' "a" aaa ('a', 'aa')`, about)).toBe(`'?' '?' "?" aaa ('?', '?')`)
})

test('many values are no matter', () => {
  const values = Array.from({ length: 70_000 }, (_, index) => `value ${index}`)
  expect(withoutValues(`bad: 'value 69999'`, { sql: insert, values, isRaised: false })).toBe(`bad: '?'`)
})
