// Values are hidden, words are not.

import { expect, test } from '@jest/globals'

import { bytesOf, withoutValues } from '../../src/core/values.js'
import { quotedData as mysql } from '../../src/engines/mysql/errors.js'
import { quotedData as postgres } from '../../src/engines/postgres/errors.js'

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
  expect(withoutValues(text, { sql: insert, values, isRaised: false, quotedData: [] })).toBe(text)
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
  expect(withoutValues(text, { sql: insert, values: ['anna@example.org', 47], isRaised: false, quotedData: [] })).toBe(
    masked,
  )
})

test('what the migration’s own code raises may hold a value anywhere, and words stay whole', () => {
  const about = { sql: insert, values: ['anna', 4], isRaised: true, quotedData: [] }
  expect(withoutValues('anna is not Joanna, 4 is not 44', about)).toBe('? is not Joanna, ? is not 44')
})

test('each place is looked at, and nothing else is changed', () => {
  const about = { sql: insert, values: ['aa', 'a', '', null, undefined, { a: 1 }], isRaised: false, quotedData: [] }
  expect(withoutValues(`'aa' 'a' "a" aaa ('a', 'aa')`, about)).toBe(`'?' '?' "?" aaa ('?', '?')`)
})

test.each([
  // Of two values at one place the longer one is there.
  [`bad: 'anna b'`, ['anna', 'anna b'], `bad: '?'`],
  [`bad: '90071992547409930'`, [90071992547409930n], `bad: '?'`],
  ['Key (a)=(anna', ['anna'], 'Key (a)=(?'],
  ['anna: it stands at the beginning', ['anna'], 'anna: it stands at the beginning'],
  ['out of range: 47 of 48', [47], 'out of range: 47 of 48'],
  ['a (47 rows', [47], 'a (47 rows'],
  // What no name is made of is a value, wherever the statement has it.
  [`bad: 'a b'`, ['a b'], `bad: '?'`],
])('places of values: %s', (text, values, masked) => {
  const sql = `select 'a b', * from t where a = ?`
  expect(withoutValues(text, { sql, values, isRaised: false, quotedData: [] })).toBe(masked)
})

test('a statement is as long as its text and its values: letters as they are sent, bytes as digits', () => {
  expect(bytesOf('é ?', ['aé', Buffer.alloc(10), 5, null])).toBe(4 + 3 + 20)
  expect(bytesOf('select 1', [])).toBe(8)
})

test('many values are no matter', () => {
  const values = Array.from({ length: 70_000 }, (_, index) => `value ${index}`)
  expect(withoutValues(`bad: 'value 69999'`, { sql: insert, values, isRaised: false, quotedData: [] })).toBe(`bad: '?'`)
})

test.each([
  [postgres, 'Failing row contains (1, sk_live_abc..., 2020-03-04).', 'Failing row contains (…).'],
  [postgres, 'Key (a, "b c")=({hunter2,geheim}, 1) already exists.', 'Key (a, "b c")=(…) already exists.'],
  [postgres, 'Key (a)=(7) is not present in table "t".', 'Key (a)=(…) is not present in table "t".'],
  [
    postgres,
    'Key (d)=([1,2)) conflicts with existing key (d)=([1,3)).',
    'Key (d)=(…) conflicts with existing key (d)=(…).',
  ],
  [postgres, 'Token "hunter2secret" is invalid.', 'Token "…" is invalid.'],
  [postgres, 'invalid input syntax for type date: "hunter2..."', 'invalid input syntax for type date: "…"'],
  [mysql, `Duplicate entry 'sk_live_abc...' for key 't.a'`, `Duplicate entry '…' for key 't.a'`],
  [
    mysql,
    `Incorrect datetime value: 'hunter2' for column 'a' at row 1`,
    `Incorrect datetime value: '…' for column 'a' at row 1`,
  ],
])('what a server makes of rows is hidden, however it is written', (quotedData, text, masked) => {
  expect(withoutValues(text, { sql: insert, values: [new Date(0)], isRaised: false, quotedData })).toBe(masked)
  expect(withoutValues(text, { sql: insert, values: [], isRaised: false, quotedData })).toBe(text)
})
