// Statements of words: what a text is cut into, and how one is read keyword by keyword.

import { describe, expect, test } from '@jest/globals'

import type { Pieces } from '../../../src/core/sql/pieces.js'
import {
  cursorOn,
  isKeyword,
  type Lexicon,
  mayStartWith,
  onlyStatement,
  partsOf,
  shapeOf,
  shortened,
  type Statement,
  statementsOf,
} from '../../../src/core/sql/sql.js'

const pieces: Pieces = [
  ['nothing', /\s+/y],
  ['word', /\w+/y],
  ['name', /"[^"]*"/y],
  ['literal', /'[^']*'/y],
]
/** A body begins with the word `body` and ends with `end`. */
const lexicon: Lexicon = {
  pieces,
  bodies: () => {
    let inBody = false
    return (token) => (inBody = isKeyword(token, 'body') || (inBody && !isKeyword(token, 'end')))
  },
}

const texts = (statements: readonly Statement[]) =>
  statements.map((statement) => statement.map(({ text }) => text).join(' '))

test.each([
  ['', []],
  [' ; ;; ', []],
  ['a b', ['a b']],
  ['a; b;', ['a', 'b']],
  ['a body b; c; end; d', ['a body b ; c ; end', 'd']],
  ['a body b; end c; body d; end', ['a body b ; end c', 'body d ; end']],
  ['a body b; c', ['a body b ; c']],
  ['a ";" b', ['a ; b']],
])('the statements of %j', (sql, statements) => {
  expect(texts(statementsOf(sql, lexicon))).toStrictEqual(statements)
})

test.each([
  ['a b;', 'a b'],
  ['', null],
  ['a; b', null],
])('the only statement of %j', (sql, only) => {
  const statement = onlyStatement(sql, lexicon)
  expect(statement === null ? null : texts([statement])[0]).toBe(only)
})

const one = (sql: string) => onlyStatement(sql, lexicon) ?? []

test('a shape has one space between two pieces, and hides what is quoted', () => {
  expect(shapeOf(one(`Set  "A" = 'b'`))).toBe(`set "…" = '…'`)
})

test('parts are cut at the commas that stand in no parentheses', () => {
  expect(texts(partsOf(one('a (b, c), d ((e), f), ","')))).toStrictEqual(['a ( b , c )', 'd ( ( e ) , f )', ','])
})

test.each([
  ['set a', true],
  ['SET a', true],
  ['  reset all', true],
  ['select 1; set a', true],
  ['-- why\nset a', true],
  ['/* why */ set a', true],
  ['/*!80000 set a */', true],
  ['/*M! set a */', true],
  ['settle a', false],
  ['update t set a', false],
  ['offset', false],
])('a statement of %j may start so', (sql, may) => {
  expect(mayStartWith('set|reset').test(sql)).toBe(may)
})

test('a statement for people is one line, and not all of a long one', () => {
  expect(shortened('  select\n\t 1  ')).toBe('select 1')
  expect(shortened(`select ${'a, '.repeat(5000)}`)).toMatch(/^select a, .{150,}…/)
  expect(shortened(`select ${'a, '.repeat(5000)}`).length).toBeLessThan(260)
})

describe('a cursor', () => {
  test('steps over keywords only when all of them are next', () => {
    const cursor = cursorOn(one('Create Or Replace "table" t'))
    expect([cursor.take('create table'), cursor.take('create or'), cursor.take('replace')]).toStrictEqual([
      false,
      true,
      true,
    ])
    expect([cursor.take('table'), cursor.isQuoted()]).toStrictEqual([false, true])
    expect(cursor.next()).toStrictEqual({ kind: 'name', text: 'table' })
    expect(cursor.isQuoted()).toBe(false)
    expect(texts([cursor.rest()])).toStrictEqual(['t'])
    expect([cursor.next()?.text, cursor.next(), cursor.isQuoted(), cursor.rest()]).toStrictEqual([
      't',
      undefined,
      false,
      [],
    ])
  })

  test.each([
    ['a', { schema: null, name: 'A' }],
    ['"a"', { schema: null, name: 'a' }],
    ['a.b', { schema: 'A', name: 'B' }],
    ['"a" . "b" c', { schema: 'a', name: 'b' }],
    ['a.', null],
    ['. a', null],
    [`'a'`, null],
    ['', null],
  ])('reads the name %j', (sql, name) => {
    expect(cursorOn(one(sql), (text) => text.toUpperCase()).qualifiedName()).toStrictEqual(name)
  })

  test('reads names as they are written, where nothing folds them', () => {
    expect(cursorOn(one('A')).name()).toBe('A')
    expect(cursorOn(one(`'a'`)).name()).toBeNull()
  })
})

test('a keyword is a word without quotes, or a sign', () => {
  const [word, name, literal, sign] = one(`Set "set" 'set' ;`.replace(';', '='))
  expect([word, name, literal, undefined].map((token) => isKeyword(token, 'set'))).toStrictEqual([
    true,
    false,
    false,
    false,
  ])
  expect([isKeyword(sign, '='), isKeyword(sign, '=='), isKeyword(word, 'se')]).toStrictEqual([true, false, false])
})
