// Where quotes and comments end, and the pieces between them, without any engine's own rules.

import { describe, expect, test } from '@jest/globals'

import {
  endOfEscaped,
  endOfNestedComment,
  endOfQuoted,
  type Pieces,
  quotedIn,
  tokensOf,
} from '../../../src/core/sql/pieces.js'

describe('a literal ends', () => {
  test.each([
    ['after its quote', "a' b", 0, 2],
    ['at once, when it is empty', "' b", 0, 1],
    ['not at a doubled quote', "a''b' c", 0, 5],
    ['not at two doubled quotes', "''''' c", 0, 5],
    ['nowhere, when it is not closed', 'a b', 0, -1],
    ['nowhere, when its last quote is a doubled one', "a''", 0, -1],
    ['behind where one looks', "a' b' c", 3, 5],
  ])('%s', (_where, sql, at, end) => {
    expect(endOfQuoted(sql, at, "'")).toBe(end)
  })
})

describe('a literal with escapes ends', () => {
  test.each([
    ['after its quote', "a' b", 0, 2],
    ['not at an escaped quote', "a\\'b' c", 0, 5],
    ['after an escaped backslash', "a\\\\' b'", 0, 4],
    ['not at a doubled quote', "a''b' c", 0, 5],
    ['nowhere, when it is not closed', "a\\'", 0, -1],
    ['nowhere, when a backslash is its last', 'a\\', 0, -1],
    ['behind where one looks', "a' b' c", 3, 5],
  ])('%s', (_where, sql, at, end) => {
    expect(endOfEscaped(sql, at)).toBe(end)
  })
})

describe('a comment that may hold others ends', () => {
  test.each([
    ['with its marks', '/* a */ b', 0, 7],
    ['with the marks of the outermost', '/* /* a */ b */ c', 0, 15],
    ['where it stands', 'a /* b */ c', 2, 9],
    ['at the end of the text, when it is not closed', '/* /* a */ b', 0, 12],
    ['before it begins, when it is none', 'a /* b */', 0, 0],
    ['not with the mark that opens it', '/*/ a */ b', 0, 8],
  ])('%s', (_where, sql, at, end) => {
    expect(endOfNestedComment(sql, at)).toBe(end)
  })
})

const pieces: Pieces = [
  ['nothing', /\s+/y],
  ['nothing', endOfNestedComment],
  ['word', /[a-z]+/iy],
  ['literal', (sql, at) => (sql.startsWith("'", at) ? Math.max(at, endOfQuoted(sql, at + 1, "'")) : at)],
  ['name', /"[^"]*"(?:"[^"]*")*/y],
  ['name', /`[^`]*`/y],
  ['name', /\[[^\]]*\]/y],
  ['sign', /%+/y],
]

test('a text falls into pieces: names without their quotes, literals without their text', () => {
  const sql = `Select 'a''b' "c""d" \`e\` [f] /* g */ ; %% é`
  expect([...tokensOf(sql, pieces)]).toStrictEqual([
    { kind: 'word', text: 'Select' },
    { kind: 'literal', text: '' },
    { kind: 'name', text: 'c"d' },
    { kind: 'name', text: 'e' },
    { kind: 'name', text: 'f' },
    { kind: 'sign', text: ';' },
    { kind: 'sign', text: '%%' },
    { kind: 'sign', text: 'é' },
  ])
  expect([...quotedIn(sql, pieces)]).toStrictEqual([`'a''b'`, `"c""d"`, '`e`', '[f]'])
})

test('a sign is one object, however often it comes', () => {
  const [first, second] = tokensOf(',,', pieces)
  expect(first).toBe(second)
})
