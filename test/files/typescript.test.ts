// TypeScript that stands alone is imported without tsx, and does what tsx would make of it.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { describe, expect, test } from '@jest/globals'
import { positionInStack } from '../../src/core/position.js'
import { importAlone, isAlone, withOwnLines } from '../../src/files/typescript.js'
import { folderWith } from '../support/folder.js'

/** What a promise is rejected with. */
const rejected = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

const file = (name = 'a.ts') => join(folderWith(), name)

test.each([
  ['types of a package', `import type { Knex } from 'knex'\nexport const up = (knex: Knex) => knex`],
  ['a type that is imported like a value', `import { Knex } from 'knex'\nexport const up = (knex: Knex) => knex`],
  ['a module of Node', `import { join } from 'node:path'\nexport const up = () => join('a', 'b')`],
  ['an enumeration', `enum Kind { A = 1 }\nexport const up = () => Kind.A`],
  ['what is awaited at the top', `const a = await Promise.resolve(1)\nexport const up = () => a`],
  [
    'the configuration that mig writes',
    `import { defineConfig } from 'knex-mig'\nexport const up = () => 1\nexport default defineConfig({})`,
  ],
  ['signs of all kinds', `export const up = () => '%41 # 漢字 🦊 \${x} \`y\`'\nexport const more = \`#\${'?'}\``],
])('%s stands alone', async (_name, text) => {
  const path = file()
  expect(typeof ((await importAlone(path, text)) as { up?: unknown } | null)?.up).toBe('function')
  expect(isAlone(path)).toBe(true)
})

test.each([
  [
    'the configuration that mig writes',
    `import { defineConfig } from 'knex-mig'\n\nexport default defineConfig({ a: 1 })\n`,
  ],
  ['without mig', `export default { a: 1 }`],
  ['with something before and after', `const a = await Promise.resolve(1)\nexport default { a }\nconst after = a`],
  ['with types', `const a: number = 1\nexport default { a }`],
  ['with a type in angles', `const a = ((x: unknown) => x)<number>\nexport default { a: 1 }`],
  ['a function that has a name', `export default made()\nfunction made() { return { a: 1 } }`],
])('a value by default: %s', async (_name, text) => {
  expect(await importAlone(file('mig.config.ts'), text)).toMatchObject({ default: { a: 1 } })
})

test('a value by default is reported where it went wrong', async () => {
  const path = file('mig.config.ts')
  const error = await rejected(importAlone(path, `const a = 1\n\nexport default { a: a.b.c }`))
  expect((error as Error).stack).toContain(`${path}:3:`)
})

test.each([
  ['a package', `import knex from 'knex'\nexport const up = () => knex`],
  ['a file', `import { x } from './x.js'\nexport const up = () => x`],
  ['a file for its effects', `import './x.js'\nexport const up = () => 1`],
  ['a file that is passed on', `export { up } from './x.js'`],
  ['a file, later', `export const up = () => import('./x.js')`],
  ['where it lies', `export const up = () => import.meta.url`],
  ['where it lies, in CommonJS', `export const up = () => __dirname`],
  ['a module of CommonJS', `export const up = () => require('./x.js')`],
  ['CommonJS', `module.exports = { up() {} }`],
  [
    'the fields of a class, which tsconfig.json decides',
    `export class A { x?: number }\nexport const up = () => new A()`,
  ],
  ['an alias', `import { x } from '@lib/x'\nexport const up = () => x`],
  ['what is no TypeScript', `export const up = (: number) => 1`],
])('%s is left to tsx', async (_name, text) => expect(await importAlone(file(), text)).toBeNull())

test.each(['a.cts', 'a.js', 'a.mjs', 'a.cjs'])('%s is left to the others', async (name) => {
  expect(await importAlone(file(name), 'export const up = () => 1')).toBeNull()
})

describe('an error', () => {
  const types = `import type { Knex } from 'knex'\n\ninterface Row {\n  id: number\n}\n`

  test('of a function has the lines of its author', async () => {
    const path = file()
    const text = `${types}export async function up(row: Row): Promise<void> {\n  await null\n  throw new Error('no ' + row.id)\n}\n`
    const { up } = (await importAlone(path, text)) as { up: (row: object) => Promise<void> }
    const error = (await rejected(withOwnLines(() => up({ id: 1 })))) as Error
    expect(error.message).toBe('no 1')
    expect(positionInStack(error, path)).toEqual({ line: 8, column: 9 })
    // Thrown once more: the lines are the author's already.
    expect(positionInStack(await rejected(withOwnLines(() => Promise.reject(error))), path)?.line).toBe(8)
  })

  test('at the top has them, too', async () => {
    const path = file('ü ö.ts')
    const error = await rejected(importAlone(path, `${types}throw new Error('early')\nexport const up = 1`))
    expect((error as Error).stack).toContain(`${pathToFileURL(path).href}:6:`)
  })
})
