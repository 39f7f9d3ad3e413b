// Small pieces that messages are made of: what was thrown, where something stands, what looks alike, what a text is.

import { describe, expect, test } from '@jest/globals'
import { checksum, normalizeSource } from '../../src/core/checksum.js'
import { codes, exitCodes } from '../../src/core/codes.js'
import { hasErrors, type Diagnostic } from '../../src/core/diagnostic.js'
import { assertNoErrors, GraphError, InterruptedError, MigError, UsageError } from '../../src/core/errors.js'
import { nearest } from '../../src/core/nearest.js'
import { describePlace } from '../../src/core/place.js'
import { positionAt, positionInStack, sourceFrame } from '../../src/core/position.js'
import { shellWord } from '../../src/core/shell.js'
import { messageOf, reasonOf } from '../../src/core/thrown.js'
import { errorOf } from '../support/thrown.js'

describe('a checksum', () => {
  const text = 'export const a = 1\n\nexport const b = 2\n'
  test.each([
    ['CRLF', text.replaceAll('\n', '\r\n')],
    ['CR', text.replaceAll('\n', '\r')],
    ['a byte order mark', `\uFEFF${text}`],
    ['no line end at the end', text.trimEnd()],
    ['blank lines at the end', `${text}\r\n\n`],
    ['all of it', `\uFEFF${text.replaceAll('\n', '\r\n')}\r\n`],
  ])('does not see %s', (_name, other) => expect(checksum(other)).toBe(checksum(text)))

  test.each([
    ['a space', text.replace('1', '1 ')],
    ['a blank line within', text.replace('\n', '\n\n')],
    ['a letter’s case', text.replace('a', 'A')],
    ['a blank line before', `\n${text}`],
    ['a byte order mark within', `x\uFEFF${text}`],
  ])('sees %s', (_name, other) => expect(checksum(other)).not.toBe(checksum(text)))

  test('is SHA-256 of the normalized text', () => {
    expect(normalizeSource('\uFEFFa\r\nb\r\n\r\n')).toBe('a\nb\n')
    expect(normalizeSource('')).toBe('\n')
    expect(checksum('a\n')).toBe('87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7')
    expect(normalizeSource(normalizeSource(text))).toBe(normalizeSource(text))
  })

  test('of a great many blank lines is taken at once', () => {
    expect(normalizeSource(`${'\n'.repeat(300_000)}x${'\n'.repeat(300_000)}`)).toHaveLength(300_002)
  })
})

describe('what looks alike', () => {
  const known = ['upgrade', 'downgrade', 'history', 'heads', 'head', 'c9b52448285b']
  test.each([
    ['upgrad', ['upgrade']],
    ['upgarde', ['upgrade']],
    ['UPGRADE', ['upgrade']],
    ['hed', ['head']],
    ['headz', ['head', 'heads']],
    ['his', ['history']],
    ['c9b52448285a', ['c9b52448285b']],
    ['zzz', []],
    ['x', []],
    ['', []],
  ])('%j → %j', (word, expected) => expect(nearest(word, known)).toEqual(expected))

  test('no more than were asked for, the nearest first, ties in the order of letters', () => {
    expect(nearest('abcd', ['abce', 'abcf', 'abcg', 'abch', 'abcd'])).toEqual(['abcd', 'abce', 'abcf'])
    expect(nearest('abcd', ['abce', 'abcf'], 1)).toEqual(['abce'])
  })
})

describe('a place in a text', () => {
  test.each([
    [0, { line: 1, column: 1 }],
    [3, { line: 1, column: 4 }],
    [4, { line: 2, column: 1 }],
    [7, { line: 3, column: 1 }],
  ])('%d', (offset, expected) => expect(positionAt('abc\nde\nfg', offset)).toEqual(expected))

  test('is shown with the lines above it, tabs as one column', () => {
    const text = Array.from({ length: 12 }, (_, index) => `\tline ${index + 1}`).join('\r\n')
    expect(sourceFrame(text, { line: 11, column: 2 })).toBe(
      '   9 |  line 9\n  10 |  line 10\n  11 |  line 11\n     |  ^',
    )
    expect(sourceFrame('only', { line: 1, column: 1 })).toBe('  1 | only\n    | ^')
  })

  test.each([
    ['at up (/p/a.ts:3:4)', { line: 3, column: 4 }],
    ['at file:///p/a.ts:12:1', { line: 12, column: 1 }],
    ['at /p/b.ts:1:1\n at /p/a.ts:5:6\n at /p/a.ts:7:8', { line: 5, column: 6 }],
    ['at /p/b.ts:1:1', null],
    ['at /p/a.ts: no place', null],
  ])('is found in a stack: %j', (stack, expected) => {
    expect(positionInStack(Object.assign(new Error('x'), { stack }), '/p/a.ts')).toEqual(expected)
  })

  test('is found where blanks are written as in a URL, and in the words of esbuild', () => {
    expect(
      positionInStack(Object.assign(new Error('x'), { stack: 'at file:///my%20p/a.ts:3:4' }), '/my p/a.ts'),
    ).toEqual({ line: 3, column: 4 })
    expect(positionInStack(new Error('/p/a.ts:2:0: ERROR: Unexpected'), '/p/a.ts')).toEqual({ line: 2, column: 1 })
    for (const copy of ['?edition=1', '#copy-2'])
      expect(
        positionInStack(Object.assign(new Error('x'), { stack: `at file:///p/a+b.ts${copy}:3:4` }), '/p/a+b.ts'),
      ).toEqual({ line: 3, column: 4 })
    expect(positionInStack('no error', '/p/a.ts')).toBeNull()
  })
})

test.each([
  ['a1b2', 'a1b2'],
  ['/p/a.ts', '/p/a.ts'],
  ['add city', '"add city"'],
  ["it's", `"it's"`],
  ['', '""'],
  ['$(rm -rf ~)', "'$(rm -rf ~)'"],
  ["it's $HOME", `'it'\\''s $HOME'`],
  ['`x`', "'`x`'"],
  ['a\\b', "'a\\b'"],
  ['*', '"*"'],
])('%j is one word of a command line: %s', (text, expected) => expect(shellWord(text)).toBe(expected))

describe('what was thrown', () => {
  const hostile = {
    get message(): string {
      throw new Error('no')
    },
  }
  test.each([
    [new Error('it broke'), 'it broke'],
    [new TypeError(''), 'TypeError'],
    ['a text', 'a text'],
    [{ message: 'like an error' }, 'like an error'],
    [{}, 'object was thrown, not an Error'],
    [null, 'null was thrown, not an Error'],
    [undefined, 'undefined was thrown, not an Error'],
    [42, 'number was thrown, not an Error'],
    [Symbol('x'), 'symbol was thrown, not an Error'],
    [{ message: 1 }, 'object was thrown, not an Error'],
    [hostile, 'something was thrown that cannot be read'],
  ])('%#', (cause, expected) => expect(messageOf(cause)).toBe(expected))

  test.each([
    ['ENOENT', 'it does not exist'],
    ['EACCES', 'no permission'],
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the file system is read-only'],
    ['EOTHER', 'the system’s words'],
  ])('%s is reported as: %s', (code, expected) => {
    expect(reasonOf(Object.assign(new Error('the system’s words'), { code }))).toBe(expected)
  })
})

describe('errors', () => {
  const finding = (code: Diagnostic['code'], severity: Diagnostic['severity'] = 'error'): Diagnostic => ({
    code,
    severity,
    message: `about ${code}`,
  })

  test('carry code, exit code, hint, cause and their diagnostic', () => {
    const cause = new Error('foreign')
    const error = new GraphError('graph.cycle', 'a circle', { hint: 'cut it', path: 'a.ts', line: 3, cause })
    expect(error).toBeInstanceOf(MigError)
    expect(error).toMatchObject({ name: 'GraphError', code: 'graph.cycle', exitCode: 4, hint: 'cut it', cause })
    expect(error.diagnostics).toEqual([
      { code: 'graph.cycle', severity: 'error', message: 'a circle', hint: 'cut it', path: 'a.ts', line: 3 },
    ])
  })

  test('of findings: none, one, several; warnings throw nothing', () => {
    expect(() => assertNoErrors(UsageError, [])).not.toThrow()
    expect(() => assertNoErrors(UsageError, [finding('graph.shadowed-file', 'warning')])).not.toThrow()
    expect(errorOf(() => assertNoErrors(UsageError, [finding('config.invalid')])).message).toBe('about config.invalid')
    const several = errorOf(() =>
      assertNoErrors(GraphError, [
        finding('graph.shadowed-file', 'warning'),
        finding('graph.cycle'),
        finding('graph.illegal-id'),
      ]),
    )
    expect(several.message).toBe('2 problems: about graph.cycle (and 1 more)')
    expect(several.diagnostics).toHaveLength(2)
    expect(hasErrors([finding('graph.cycle', 'warning')])).toBe(false)
    expect(hasErrors([finding('graph.cycle')])).toBe(true)
  })

  test.each([
    ['SIGINT', 130],
    ['caller', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('%s ends with %d', (by, exitCode) =>
    expect(new InterruptedError(by)).toMatchObject({ exitCode, code: 'interrupted.signal' }),
  )

  test('every code says what is so and what to do, and has an exit code', () => {
    for (const [code, { kind, means, act }] of Object.entries(codes)) {
      expect(code).toMatch(/^[a-z]+\.[a-z-]+$/)
      expect(means).toMatch(/\.$/)
      expect(act).toMatch(/\.$/)
      expect(exitCodes[kind]).toBeGreaterThan(0)
    }
  })
})

test.each([
  [
    { engine: 'sqlite', host: null, port: null, database: './x.sqlite3', environment: 'development' },
    'SQLite ./x.sqlite3 (development)',
  ],
  [
    { engine: 'postgres', host: 'db', port: 5432, database: 'shop', environment: 'production' },
    'PostgreSQL shop at db:5432 (production)',
  ],
  [{ engine: 'mysql', host: 'db', port: null, database: 'shop', environment: 'x' }, 'MySQL shop at db (x)'],
] as const)('a place is named: %j', (place, expected) => expect(describePlace(place)).toBe(expected))
