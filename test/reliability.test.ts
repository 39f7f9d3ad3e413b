// docs/reliability.md: each case once, and each test that it names is there.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import { repository } from './support/program.js'

/** How many cases each letter has. */
const counts = { A: 20, B: 19, C: 16, D: 25, E: 32, F: 31, G: 23, H: 20 }

interface Case {
  readonly number: string
  readonly cells: readonly string[]
  /** What the last cell says: tests and reasons. */
  readonly proofs: readonly string[]
}

const page = readFileSync(join(repository, 'docs/reliability.md'), 'utf8')
const cases = [...page.matchAll(/^\| ([A-Z]\d+) .*\|$/gm)].map(([line, number = '']): Case => {
  const cells = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
  return { number, cells, proofs: (cells.at(-1) ?? '').split('<br>') }
})

test('every case is there, once and in its order', () => {
  const expected = Object.entries(counts).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  )
  expect(cases.map(({ number }) => number)).toEqual(expected)
  expect(page).toContain(`lists ${expected.length} things that go wrong`)
})

test('every case says what happens, what is done, and how it ends', () => {
  const incomplete = cases.filter(({ cells }) => cells.length !== 5 || cells.includes(''))
  expect(incomplete).toEqual([])
})

test('every case has a test, or a reason why there is none', () => {
  const without = cases.flatMap(({ number, proofs }) =>
    proofs
      .filter((proof) => testOf(proof) === null && !/^(pending|not covered): \S/.test(proof))
      .map((proof) => [number, proof]),
  )
  expect(without).toEqual([])
})

test('every test that is named is there', () => {
  const missing = cases.flatMap(({ number, proofs }) =>
    proofs.flatMap((proof) => {
      const named = testOf(proof)
      return named === null || hasTest(named) ? [] : [{ number, ...named }]
    }),
  )
  expect(missing).toEqual([])
})

test('a test that begins with a number proves that case', () => {
  const others = cases.flatMap(({ number, proofs }) =>
    proofs.flatMap((proof) => {
      const { title } = testOf(proof) ?? { title: '' }
      const numbers = /^((?:[A-H]\d+ )+)/.exec(title)?.[1]?.trim().split(' ') ?? [number]
      return numbers.includes(number) ? [] : [{ number, title }]
    }),
  )
  expect(others).toEqual([])
})

interface NamedTest {
  readonly path: string
  readonly title: string
}

/** `path`: `title` */
function testOf(proof: string): NamedTest | null {
  const [, path, title] = /^`(test\/[^`]+)`: `([^`]+)`$/.exec(proof) ?? []
  return path === undefined || title === undefined ? null : { path, title }
}

function hasTest({ path, title }: NamedTest): boolean {
  const file = join(repository, path)
  return existsSync(file) && readFileSync(file, 'utf8').includes(title)
}
