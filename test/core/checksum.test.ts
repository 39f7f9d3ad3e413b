// What a migration's checksum is of: its text as nobody's editor or git setting changes it.

import { describe, expect, test } from '@jest/globals'

import { checksum, hashOf, normalizeSource } from '../../src/core/checksum.js'

describe('a text is hashed and stored', () => {
  test.each([
    ['as it is, where it ends with one line end', 'a\nb\n', 'a\nb\n'],
    ['with a line end', 'a', 'a\n'],
    ['without blank lines at its end', 'a\n\n\n', 'a\n'],
    ['with blank lines at its beginning', '\n\na\n', '\n\na\n'],
    ['with blanks in its last line', 'a\n ', 'a\n \n'],
    ['with the line ends of Unix, for those of Windows', 'a\r\nb\r\n', 'a\nb\n'],
    ['with the line ends of Unix, for those of old Macs', 'a\rb\r', 'a\nb\n'],
    ['without a byte order mark', '\uFEFFa\n', 'a\n'],
    ['with what looks like one later', 'a\uFEFF\n', 'a\uFEFF\n'],
    ['as one line end, where it is empty', '', '\n'],
  ])('%s', (_how, text, normal) => {
    expect(normalizeSource(text)).toBe(normal)
  })

  test('in the same way whether or not it looks normal: all short texts', () => {
    const plainly = (text: string) =>
      `${text
        .replace(/^\uFEFF/, '')
        .replace(/\r\n?/g, '\n')
        .replace(/\n+$/, '')}\n`
    let texts = ['']
    for (let length = 0; length < 5; length++)
      texts = [...new Set(texts.flatMap((text) => [text, ...['a', '\n', '\r', '\uFEFF'].map((next) => text + next)]))]
    expect(texts).toHaveLength(1365)
    expect(texts.filter((text) => normalizeSource(text) !== plainly(text))).toStrictEqual([])
  })
})

describe('a checksum', () => {
  // printf 'a\n' | sha256sum
  const ofA = '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7'

  test('of a text alone is the SHA-256 of it', () => {
    expect(checksum('a\r\n')).toBe(ofA)
    expect(checksum('a\n', {})).toBe(ofA)
    expect(hashOf('a\n')).toBe(ofA)
  })

  test('with modules is another one, whatever their order', () => {
    const modules = { './b.ts': 'b\n', './a.ts': 'a\n', './c.ts': 'c\n' }
    const turned = Object.fromEntries(Object.entries(modules).toReversed())
    expect(checksum('x\n', turned)).toBe(checksum('x\n', modules))
    expect(checksum('x\n', turned)).toBe(hashOf(JSON.stringify(['x\n', Object.entries(modules).sort()])))
    expect(checksum('x\n', modules)).not.toBe(checksum('x\n'))
  })

  test.each([
    ['a text', { './a.ts': 'a2\n' }],
    ['a name', { './b.ts': 'a\n' }],
    ['one more', { './a.ts': 'a\n', './b.ts': 'b\n' }],
  ])('tells modules apart by %s', (_what, modules) => {
    expect(checksum('x\n', modules)).not.toBe(checksum('x\n', { './a.ts': 'a\n' }))
  })
})
