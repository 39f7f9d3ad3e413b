// docs/reliability.md: each case once, each test that it names is there and can fail, and each that has a number is named.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import { repository } from './support/program.js'
import { earlyReturns, leftOutByHand, numberedTexts, withoutComments } from './support/test-file.js'

/** How many cases each letter has. */
const counts = { A: 21, B: 19, C: 17, D: 25, E: 32, F: 32, G: 23, H: 20, I: 25 }

interface Case {
  readonly number: string
  readonly cells: readonly string[]
  /** What the last cell says: tests and reasons. */
  readonly proofs: readonly string[]
}

const testPaths = readdirSync(join(repository, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('support'))
  .map((path) => `test/${path.replaceAll('\\', '/')}`)

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
  expect(readFileSync(join(repository, 'README.md'), 'utf8')).toContain(`All ${expected.length} cases`)
})

test('every case says what happens, what is done, and how it ends', () => {
  const incomplete = cases.filter(({ cells }) => cells.length !== 5 || cells.includes(''))
  expect(incomplete).toEqual([])
})

test('every case has a test, or a reason why there is none', () => {
  const without = cases.flatMap(({ number, proofs }) =>
    proofs.filter((proof) => testOf(proof) === null && !/^not covered: \S/.test(proof)).map((proof) => [number, proof]),
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

test('a test of the fault suite that begins with numbers is named at each of them', () => {
  const faults = testPaths.filter((path) => path.endsWith('.faults.ts'))
  const unnamed = faults.flatMap((path) =>
    numberedTexts(join(repository, path)).flatMap((title) =>
      numbersOf(title).flatMap((number) => unnamedAt(number, path, title)),
    ),
  )
  expect(unnamed).toEqual([])
})

test('no test returns before it asserts, and none is left out by hand', () => {
  const found = testPaths.flatMap((path) => {
    const file = join(repository, path)
    return [...earlyReturns(file), ...leftOutByHand(file)].map((line) => `${path}:${line}`)
  })
  expect(found).toEqual([])
})

/** 'A1 A2 PostgreSQL' → A1, A2; 'B2' → B2. */
function numbersOf(title: string): readonly string[] {
  const [numbers = ''] = /^(?:[A-H]\d+(?: |$))+/.exec(title) ?? []
  return numbers.split(' ').filter((number) => number !== '')
}

function unnamedAt(number: string, path: string, title: string): readonly string[] {
  const proofs = cases.find((each) => each.number === number)?.proofs.map(testOf) ?? []
  const isNamed = proofs.some(
    (named) => named?.path === path && (named.title.includes(title) || title.startsWith(named.title)),
  )
  return isNamed ? [] : [`${number}: ${path}: ${title}`]
}

interface NamedTest {
  readonly path: string
  readonly title: string
}

/** `path`: `title` */
function testOf(proof: string): NamedTest | null {
  const [, path, title] = /^`(test\/[^`]+)`: `([^`]+)`$/.exec(proof) ?? []
  return path === undefined || title === undefined ? null : { path, title }
}

/** In the code of the file, not in a comment. */
function hasTest({ path, title }: NamedTest): boolean {
  const file = join(repository, path)
  return existsSync(file) && withoutComments(file).includes(title)
}
