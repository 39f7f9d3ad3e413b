// Texts in a database whose encoding cannot hold every character: what is written is read back as it was.

import { describe, expect, test } from '@jest/globals'

import { escapedText, textOf } from '../../src/core/stored-text.js'

describe('a text is written', () => {
  test.each([
    ['as it is, in ASCII', 'create table t;\n\t~', 'create table t;\n\t~'],
    ['escaped, with a letter beyond ASCII', 'é', 'escaped:"\\u00e9"'],
    ['escaped, with a sign of two units', '😀', 'escaped:"\\ud83d\\ude00"'],
    ['escaped, with a NUL', 'a\0', 'escaped:"a\\u0000"'],
    ['escaped, with half a sign', '\ud83d', 'escaped:"\\ud83d"'],
    ['escaped, with what is no sign at all', '\u007f\u0080', 'escaped:"\\u007f\\u0080"'],
    ['escaped, where it looks as if it were', 'escaped:"a"', 'escaped:"escaped:\\"a\\""'],
    ['as it is, where the mark stands later', 'not escaped:"a"', 'not escaped:"a"'],
    ['as it is, when it is empty', '', ''],
  ])('%s, and read back', (_how, text, stored) => {
    expect(escapedText(text)).toBe(stored)
    expect(textOf(stored)).toBe(text)
  })
})

test.each([
  ['was cut off', 'escaped:"\\u00e'],
  ['is no text', 'escaped:5'],
  ['is nothing', 'escaped:'],
  ['was written before anything was escaped', 'é'],
])('what %s is read as it stands', (_what, stored) => {
  expect(textOf(stored)).toBe(stored)
})
