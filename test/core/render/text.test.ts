// Columns and durations.

import { describe, expect, test } from '@jest/globals'
import { alignColumns, fitWidth, wrapText } from '../../../src/core/render/columns.js'
import { formatDuration } from '../../../src/core/render/duration.js'

describe('columns', () => {
  test('are as wide as their widest cell, the last as it is', () => {
    expect(
      alignColumns([
        ['a', 'long cell', 'x'],
        ['bcd', 'y', 'last cell'],
      ]),
    ).toEqual(['a    long cell  x', 'bcd  y          last cell'])
    expect(
      alignColumns(
        [
          ['a', 'b'],
          ['cc', 'd'],
        ],
        1,
      ),
    ).toEqual(['a  b', 'cc d'])
    expect(alignColumns([])).toEqual([])
    expect(alignColumns([[], ['a']])).toEqual(['', 'a'])
  })

  test('count what a letter takes on a terminal', () => {
    expect(
      alignColumns([
        ['漢字', 'x'],
        ['abcde', 'y'],
        ['e\u0301', 'z'],
        ['😀', 'w'],
      ]),
    ).toEqual(['漢字   x', 'abcde  y', 'e\u0301      z', '😀     w'])
  })

  test('do not count colours', () => {
    expect(
      alignColumns([
        ['\u001B[31mab\u001B[39m', 'x'],
        ['abc', 'y'],
      ]),
    ).toEqual(['\u001B[31mab\u001B[39m   x', 'abc  y'])
  })

  test('have nothing behind their last word', () => {
    expect(
      alignColumns([
        ['a', ''],
        ['bb', 'c'],
      ]),
    ).toEqual(['a', 'bb  c'])
  })
})

describe('a text cut to a width', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 7, 'too lo…'],
    ['漢字漢字', 8, '漢字漢字'],
    ['漢字漢字', 7, '漢字漢…'],
    ['漢字漢字', 6, '漢字…'],
    ['ab', 1, '…'],
    ['ab', 0, '…'],
    ['ab', -3, '…'],
    ['', 0, ''],
  ])('%j to %d: %j', (text, width, expected) => expect(fitWidth(text, width)).toBe(expected))

  test('switches off the colours that it had switched on', () => {
    expect(fitWidth('\u001B[2mabcdefgh\u001B[22m', 5)).toBe('\u001B[2mabcd…\u001B[22m')
  })
})

describe('a text broken between words', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 3, ['one', 'two', 'three']],
    ['a longer-than-that b', 6, ['a', 'longer-than-that', 'b']],
    ['漢字 漢字 x', 6, ['漢字', '漢字 x']],
    ['one line', Infinity, ['one line']],
    ['', 5, ['']],
  ])('%j to %d: %j', (text, width, lines) => expect(wrapText(text, width)).toEqual(lines))

  test('of 100,000 words takes no longer than reading it', () => {
    const text = 'value '.repeat(100_000)
    const started = performance.now()
    expect(wrapText(text, Infinity)).toEqual([text])
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

test.each([
  [0, '0 ms'],
  [8.4, '8 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [1000, '1.0 s'],
  [1234, '1.2 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 0 s'],
  [60_000, '1 min 0 s'],
  [119_700, '2 min 0 s'],
  [200_000, '3 min 20 s'],
  [7_200_000, '120 min 0 s'],
])('%d ms is shown as %s', (ms, expected) => expect(formatDuration(ms)).toBe(expected))
