// The header of a migration, read from its text without running it.

import { describe, expect, test } from '@jest/globals'
import { transformSync as swc } from '@swc/core'
import { transformSync as esbuild } from 'esbuild'
import { parseSync } from 'oxc-parser'
import ts from 'typescript'
import { readHeader as readWith } from '../../src/files/header.js'
import { scanHeader } from '../../src/files/scan-header.js'
import { fillTemplate, ownTemplate, type Draft } from '../../src/files/write.js'
import { pick, randomNumbers } from '../support/random.js'

const parsed = (text: string, path = 'm.ts') => readWith(parseSync, path, text)

const functions = 'export async function up() {}\nexport async function down() {}\n'
const ids = `export const revision = 'b2'\nexport const downRevision = 'a1'\n`
const sound = ids + functions

/** What the parser reads. Where the scanner is sure, it reads the same: of a text that is refused, nothing. */
function readHeader(path: string, text: string) {
  const reading = parsed(text, path)
  const scanned = scanHeader(text)
  if (scanned !== null) expect(scanned).toEqual(reading.header)
  return reading
}

/** The header of a text that must have one. */
function header(text: string, path = 'm.ts') {
  const reading = readHeader(path, text)
  expect(reading.diagnostics).toEqual([])
  return reading.header
}

/** What is said of a text that has none, one line for each finding. */
function refusal(text: string, path = 'm.ts'): string {
  const reading = readHeader(path, text)
  expect(reading.header).toBeNull()
  return reading.diagnostics.map(({ code, message, hint }) => `${code}: ${message} ${hint ?? ''}`).join('\n')
}

test('everything that a header may say', () => {
  expect(
    header(`/** Add city.

 * More about it.
 */
import type { Knex } from 'knex'
export const revision = 'c3'
export const downRevision = ['a1', 'b2']
export const branchLabels = ['billing', 'desk']
export const dependsOn = ['d4']
export const transaction = false
export const retry = false
export const irreversible = 'the column is gone'
export async function up(knex: Knex): Promise<void> { await knex.schema.dropTable('x') }
`),
  ).toEqual({
    revision: 'c3',
    downRevisions: ['a1', 'b2'],
    branchLabels: ['billing', 'desk'],
    dependsOn: ['d4'],
    message: 'Add city.\n\nMore about it.',
    transaction: false,
    retry: false,
    irreversible: 'the column is gone',
    empty: false,
  })
})

/** The header of `sound`. */
const plain = {
  revision: 'b2',
  downRevisions: ['a1'],
  branchLabels: [],
  dependsOn: [],
  message: '',
  transaction: true,
  retry: true,
  irreversible: null,
  empty: true, // a body without statements says so by itself
}

test('what is left out has its default', () => expect(header(sound)).toEqual(plain))

describe('ways to write a value', () => {
  test.each([
    ['single quotes', `export const revision = 'b2'`],
    ['double quotes', `export const revision = "b2"`],
    ['a template without holes', 'export const revision = `b2`'],
    ['escapes', String.raw`export const revision = '\x62\u0032'`],
    ['as const', `export const revision = 'b2' as const`],
    ['satisfies', `export const revision = 'b2' satisfies string`],
    ['both', `export const revision = ('b2' as const) satisfies string`],
    ['an annotation', `export const revision: string = 'b2'`],
    ['an old-style cast', `export const revision = <string>'b2'`],
    ['a non-null mark', `export const revision = 'b2'!`],
    ['brackets', `export const revision = (('b2'))`],
    ['let', `export let revision = 'b2'`],
    ['var', `export var revision = 'b2'`],
    ['several in one', `export const other = 1, revision = 'b2'`],
    ['comments within', `export /* a */ const revision /* b */ = /* 'x' */ 'b2' // 'y'`],
    ['a local name', `const revision = 'b2'\nexport { revision }`],
    ['another local name', `const id = 'b2'\nexport { id as revision }`],
    ['a local name, declared later', `export { id as revision }\nconst id = 'b2'`],
    ['a name in quotes', `const id = 'b2'\nexport { id as 'revision' }`],
    ['a local value', `const id = 'b2'\nexport const revision = id`],
    ['letters beyond ASCII before it', `// ÄÖÜ 😀 漢字\nexport const revision = 'b2'`],
    ['Windows line ends', `// x\r\nexport const revision = 'b2'\r\n`],
    ['a byte order mark', `\uFEFFexport const revision = 'b2'`],
    ['a hashbang', `#!/usr/bin/env node\nexport const revision = 'b2'`],
    ['use strict', `'use strict'\nexport const revision = 'b2'`],
  ])('%s', (_name, line) => {
    expect(header(`${line}\nexport const downRevision = 'a1'\n${functions}`)?.revision).toBe('b2')
  })

  test.each([
    ['null', []],
    [`'a1'`, ['a1']],
    [`['a1', "b2", \`c3\`]`, ['a1', 'b2', 'c3']],
    [`['a1', 'b2'] as const`, ['a1', 'b2']],
    [`['a1' as const, ('b2')] satisfies string[]`, ['a1', 'b2']],
    [`[]`, []],
    [`null as string | null`, []],
  ])('downRevision = %s', (value, expected) => {
    expect(
      header(`export const revision = 'x'\nexport const downRevision = ${value}\n${functions}`)?.downRevisions,
    ).toEqual(expected)
  })

  test.each([
    ['true', true],
    ['false', false],
    ['false as const', false],
    ['!0', true],
    ['!1', false],
  ])('transaction = %s', (value, expected) => {
    expect(header(`${sound}export const transaction = ${value}`)?.transaction).toBe(expected)
  })

  test('a migration may say that it has nothing to run', () => {
    expect(header(`${sound}export const empty = true`)?.empty).toBe(true)
    expect(refusal(`${sound}export const empty = 'yes'`)).toMatch(/empty in m\.ts:5:22 is a text.*empty = true/)
  })

  test('a label or a dependency may stand without a list', () => {
    expect(header(`${sound}export const branchLabels = 'x'\nexport const dependsOn = 'y'`)).toMatchObject({
      branchLabels: ['x'],
      dependsOn: ['y'],
    })
  })
})

describe('ways to write functions', () => {
  test.each([
    'export async function up() {}\nexport async function down() {}',
    'export const up = async () => {}, down = async function () {}',
    'async function up() {}\nfunction down() {}\nexport { up, down }',
    'const forward = () => {}\nexport { forward as up, forward as down }',
    `export { up, down } from './_shared.js'`,
    `import { up, down } from './_shared.js'\nexport { up, down }`,
    `import { make } from './_shared.js'\nexport const up = make('x'), down = make('y')`,
  ])('%s', (text) => expect(header(ids + text)?.revision).toBe('b2'))

  test('down may be missing where the header says why', () => {
    expect(header(`${ids}export const irreversible = 'gone'\nexport const up = () => {}`)?.irreversible).toBe('gone')
    expect(refusal(`${ids}export const up = () => {}`)).toMatch(
      /^graph\.bad-module: m\.ts does not export down\. Add it, or say why there is none: export const irreversible/,
    )
  })
})

describe('one object', () => {
  const body = `{ revision: 'b2', downRevision: 'a1', async up() {}, down: async () => {} }`
  test.each([
    ['m.ts', `export default ${body}`],
    ['m.ts', `export default ${body} satisfies object`],
    ['m.ts', `const migration = ${body}\nexport default migration`],
    ['m.ts', `const migration = ${body}\nexport { migration as default }`],
    [
      'm.ts',
      `const revision = 'b2', downRevision = 'a1'\nfunction up() {}\nfunction down() {}\nexport default { revision, downRevision, up, down }`,
    ],
    ['m.ts', `export default { 'revision': 'b2', "downRevision": 'a1', up() {}, down() {} }`],
    ['m.cts', `export = ${body}`],
    ['m.cts', `const migration = ${body}\nexport = migration`],
    ['m.js', `module.exports = ${body}`],
    ['m.cjs', `module.exports = ${body}`],
    ['m.cjs', `exports = module.exports = ${body}`],
    ['m.cjs', `const migration = ${body}\nmodule.exports = migration`],
    ['m.cjs', `module.exports = { default: ${body} }`],
  ])('%s: %s', (path, text) => expect(header(text, path)).toMatchObject({ revision: 'b2', downRevisions: ['a1'] }))

  test('is not looked at where the names are exported themselves', () => {
    expect(header(`${sound}export default { revision: 'other' }`)?.revision).toBe('b2')
  })
})

describe('CommonJS by hand', () => {
  test.each([
    [
      `exports.revision = 'b2'\nexports.downRevision = 'a1'\nexports.up = async () => {}\nexports.down = async () => {}`,
    ],
    [
      `module.exports.revision = 'b2'\nmodule.exports.downRevision = 'a1'\nmodule.exports.up = module.exports.down = async () => {}`,
    ],
    [
      `'use strict'\nconst id = 'b2'\nexports.revision = id\nexports.downRevision = 'a1'\nexports.up = up\nexports.down = up\nfunction up() {}`,
    ],
    [`exports['revision'] = 'b2'\nexports.downRevision = 'a1'\nexports.up = exports.down = () => {}`],
  ])('%s', (text) => {
    for (const path of ['m.js', 'm.cjs'])
      expect(header(text, path)).toMatchObject({ revision: 'b2', downRevisions: ['a1'] })
  })
})

describe('what compilers make of a migration', () => {
  const named = `/** add city */
import type { Knex } from 'knex'
export const revision = 'c3'
export const downRevision: readonly string[] = ['a1', 'b2']
export const branchLabels = ['x'] as const
export const dependsOn = 'd4'
export const transaction = false
export async function up(knex: Knex): Promise<void> { await knex.raw('select 1') }
export const down = async (knex: Knex): Promise<void> => { await knex.raw('select 2') }
`
  const object = `import type { Knex } from 'knex'
export default {
  revision: 'c3', downRevision: ['a1', 'b2'], branchLabels: ['x'], dependsOn: 'd4', transaction: false,
  async up(knex: Knex) { await knex.raw('select 1') },
  async down(knex: Knex) { await knex.raw('select 2') },
}
`
  const tsc = (module: ts.ModuleKind, target: ts.ScriptTarget) => (text: string) =>
    ts.transpileModule(text, { compilerOptions: { module, target } }).outputText
  const withEsbuild =
    (format: 'cjs' | 'esm', minify = false) =>
    (text: string) =>
      esbuild(text, { loader: 'ts', format, minify }).code
  const withSwc = (type: 'commonjs' | 'es6') => (text: string) =>
    swc(text, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type } }).code

  test.each([
    ['tsc to CommonJS', tsc(ts.ModuleKind.CommonJS, ts.ScriptTarget.ES2022)],
    ['tsc to old CommonJS', tsc(ts.ModuleKind.CommonJS, ts.ScriptTarget.ES2015)],
    ['tsc to ES modules', tsc(ts.ModuleKind.ESNext, ts.ScriptTarget.ES2022)],
    ['esbuild to CommonJS', withEsbuild('cjs')],
    ['esbuild to ES modules', withEsbuild('esm')],
    ['esbuild to small ES modules', withEsbuild('esm', true)],
    ['swc to CommonJS', withSwc('commonjs')],
    ['swc to ES modules', withSwc('es6')],
  ])('%s', (_name, compile) => {
    for (const text of [named, object])
      expect(header(compile(text), 'm.js')).toMatchObject({
        revision: 'c3',
        downRevisions: ['a1', 'b2'],
        branchLabels: ['x'],
        dependsOn: ['d4'],
        transaction: false,
        irreversible: null,
      })
  })
})

describe('the language is known by the extension', () => {
  test.each(['m.ts', 'm.mts', 'm.cts', 'm.js', 'm.mjs'])('%s', (path) =>
    expect(header(sound, path)?.revision).toBe('b2'),
  )

  test('types are no JavaScript', () => {
    expect(refusal(`export const revision: string = 'b2'`, 'm.js')).toMatch(
      /^graph\.bad-module: m\.js:1:\d+ has a syntax error/,
    )
  })
})

describe('refused: a value that is no literal, with line and column', () => {
  const rest = `export const downRevision = null\n${functions}`
  test.each([
    [
      'a call',
      `export const revision = id()`,
      /^graph\.bad-header: revision in m\.ts:1:25 is computed, and mig reads it without running the file\. Write a literal: export const revision = 'c9b52448285b'/,
    ],
    ['a sum', `export const revision = 'a' + 'b'`, /m\.ts:1:25 is computed/],
    ['a template with a hole', 'export const revision = `a${1}`', /m\.ts:1:25 is computed/],
    ['a choice', `\n  export const revision = x ? 'a' : 'b'`, /m\.ts:2:27 is computed/],
    ['an import', `import { revision } from './ids.js'\nexport { revision }`, /m\.ts:2:10 is computed/],
    ['passed on', `export { revision } from './ids.js'`, /m\.ts:1:10 is computed/],
    ['the environment', `export const revision = process.env.ID`, /is computed/],
    ['a number', `export const revision = 42`, /m\.ts:1:25 is a number/],
    ['a negative number', `export const revision = -1`, /is a number/],
    ['null', `export const revision = null`, /is null/],
    ['undefined', `export const revision = undefined`, /is undefined/],
    ['void 0', `export const revision = void 0`, /is undefined/],
    ['a boolean', `export const revision = true`, /is a boolean/],
    ['a regular expression', `export const revision = /a/`, /is computed/],
    ['a list', `export const revision = ['a']`, /is a list/],
    ['after letters of four bytes', `/* 😀 */ export const revision = id()`, /m\.ts:1:34 is computed/],
    ['after a byte order mark', `\uFEFFexport const revision = id()`, /m\.ts:1:2[56] is computed/],
    ['a declaration only', `export declare const revision: string`, /is computed/],
  ])('%s', (_name, line, pattern) => expect(refusal(`${line}\n${rest}`)).toMatch(pattern))

  test.each([
    ['branchLabels', `[label]`, /branchLabels in m\.ts:5:29 is computed.*\['billing'\]/],
    ['branchLabels', `[...labels]`, /is computed/],
    ['branchLabels', `[1]`, /a list that has something else than texts/],
    ['branchLabels', `[['a']]`, /a list that has something else than texts/],
    ['branchLabels', `{ a: 1 }`, /is computed/],
    ['dependsOn', `null`, /dependsOn in m\.ts:5:26 is null/],
    ['dependsOn', `[, 'a']`, /is computed/],
    ['transaction', `'no'`, /transaction in m\.ts:5:28 is a text.*transaction = false/],
    ['transaction', `0`, /is a number/],
    ['retry', `0`, /retry in m\.ts:5:22 is a number.*retry = false/],
    ['irreversible', `true`, /irreversible in m\.ts:5:29 is a boolean.*gone for good/],
    ['irreversible', `null`, /is null/],
  ])('%s = %s', (key, value, pattern) => {
    expect(refusal(`${ids}${functions}export const ${key} = ${value}`)).toMatch(pattern)
  })

  test('the place is shown', () => {
    const { diagnostics } = readHeader('m.ts', `// one\n// two\nexport const revision = id()\n${rest}`)
    expect(diagnostics).toEqual([
      expect.objectContaining({
        path: 'm.ts',
        line: 3,
        column: 25,
        detail: '  1 | // one\n  2 | // two\n  3 | export const revision = id()\n    |                         ^',
      }),
    ])
  })
})

describe("Knex's own way to ask for no transaction", () => {
  const line = 'export const config = { transaction: false }'
  test.each([
    ['exported', `${ids}${line}\n${functions}`, '3:38'],
    ['typed', `${ids}const config = { transaction: false } as const\nexport { config }\n${functions}`, '3:31'],
    [
      'in a default export',
      `export default { revision: 'b2', downRevision: null, config: { 'transaction': !1 }, up() {}, down() {} }`,
      '1:79',
    ],
    [
      'in CommonJS',
      `${ids.replaceAll('export const ', 'exports.')}exports.config = { transaction: false }\nexports.up = exports.down = () => {}`,
      '3:33',
    ],
  ])('is refused with the line to write: %s', (_name, text, place) => {
    expect(refusal(text)).toBe(
      `graph.bad-header: config.transaction in m.ts:${place} is what Knex reads, and mig does not. Write instead: export const transaction = false`,
    )
  })

  test.each([
    ['what Knex does anyway', 'export const config = { transaction: true }'],
    ['a config of something else', 'export const config = { batch: 100 }'],
    ['what says it both ways', `${line}\nexport const transaction = false`],
    ['a variable that is not exported', 'const config = { transaction: false }'],
  ])('is not seen in %s', (_name, more) => expect(header(`${ids}${more}\n${functions}`)).not.toBeNull())
})

describe('refused: something is missing or is no function', () => {
  test.each([
    [
      'no revision',
      `export const downRevision = null\n${functions}`,
      /^graph\.bad-header: m\.ts does not export revision\. Add: export const revision = '/,
    ],
    [
      'no downRevision',
      `export const revision = 'a'\n${functions}`,
      /does not export downRevision\. Add: .*null for a base/,
    ],
    [
      'downRevision undefined',
      `export const revision = 'a'\nexport const downRevision = undefined\n${functions}`,
      /downRevision in m\.ts:2:29 is undefined/,
    ],
    [
      'no up',
      `${ids}export const down = () => {}`,
      /^graph\.bad-module: m\.ts does not export up\. Add: export async function up/,
    ],
    ['up a text', `${ids}export const up = 'x', down = () => {}`, /up in m\.ts:3:19 is a text, not a function/],
    [
      'up a class',
      `${ids}export class up {}\nexport const down = () => {}`,
      /up in m\.ts:3:\d+ is a class, not a function/,
    ],
    ['up an object', `${ids}export const up = {}, down = () => {}`, /up in .* is an object/],
    ['down null', `${ids}export const up = () => {}, down = null`, /down in .* is null/],
    [
      'down no function, though irreversible',
      `${ids}export const up = () => {}, down = 1, irreversible = 'x'`,
      /down in .* is a number/,
    ],
    ['up a type', `${ids}export type up = string\nexport const down = () => {}`, /does not export up/],
  ])('%s', (_name, text, pattern) => expect(refusal(text)).toMatch(pattern))

  test('all of it at once', () => {
    expect(refusal(`export const revision = 1\nexport const up = 2`).split('\n')).toHaveLength(4)
  })

  test.each(['', '// nothing', `export const table = 'users'`, `console.log('x')`, 'export default class {}'])(
    '%j is no migration, and an example is shown',
    (text) => {
      const { diagnostics } = readHeader('seed.ts', text)
      expect(diagnostics).toMatchObject([
        {
          code: 'graph.bad-header',
          message: 'seed.ts is no migration: it exports no revision.',
          hint: expect.stringContaining('begins with “_”'),
        },
      ])
      expect(diagnostics[0]?.detail?.split('\n')).toHaveLength(4)
    },
  )

  test('a file name with signs that mean something elsewhere is shown as it is', () => {
    expect(refusal(`export const revision = 1\n${functions}`, "a$&$'.ts")).toContain(
      "revision in a$&$'.ts:1:25 is a number",
    )
  })
})

describe('a syntax error is shown where it is', () => {
  test.each([
    ['export const revision = \n\nexport', /^graph\.bad-module: m\.ts:3:1 has a syntax error: /],
    ['export const = 1', /m\.ts:1:14 has a syntax error/],
    ['/* 😀😀 */ export const = 1', /m\.ts:1:25 has a syntax error/],
    ['const a = `unfinished', /m\.ts:1:\d+ has a syntax error/],
    ['<<<<<<< HEAD\nexport const revision = 1\n=======\n>>>>>>> main', /m\.ts:1:1 has a syntax error/],
    ['P\0K\x03', /m\.ts:1:\d+ has a syntax error/],
  ])('%j', (text, pattern) => expect(refusal(text)).toMatch(pattern))

  test('with the lines above it and a caret', () => {
    const { diagnostics } = readHeader('m.ts', 'const a = 1\nconst b = 2\nconst c = = 3\n')
    expect(diagnostics[0]).toMatchObject({
      line: 3,
      column: 11,
      detail: '  1 | const a = 1\n  2 | const b = 2\n  3 | const c = = 3\n    |           ^',
    })
  })
})

describe('the message', () => {
  const message = (comment: string) =>
    header(`${comment}\n${/down/.test(comment) ? sound.replace(/^export.* function down.*$/m, '') : sound}`)?.message
  test.each([
    ['one line', '/** add city */', 'add city'],
    ['many', '/**\n * add city\n *\n *   to users\n */', 'add city\n\n  to users'],
    ['with Windows line ends', '/**\r\n * add city\r\n * to users\r\n */', 'add city\nto users'],
    ['without stars', '/**\n  add city\n*/', 'add city'],
    ['with a star of its own', '/** * city */', '* city'],
    ['after other comments', '// licence\n/* x */\n/** add city */', 'add city'],
    ['after a directive', `'use strict'\n/** add city */`, 'add city'],
    ['an ordinary comment is none', '/* add city */', ''],
    ['a line comment is none', '// add city', ''],
    ['a doc comment of something below is none', `import './x.js'\n/** add city */`, ''],
    ['letters beyond ASCII', '/** Größe 😀 漢字 */', 'Größe 😀 漢字'],
    ['tags are none', '/**\n * @param { import("knex").Knex } knex\n * @returns { Promise<void> }\n */', ''],
    ['up to its tags', '/**\n * add city\n *\n * @param knex\n */', 'add city'],
    ['what is no tag stays', '/** @home: add city */', '@home: add city'],
    ['that of a function below is none', '/** adds city */\nexport function down() {}\n', ''],
    ['also below a comment', '/** adds city */\n// here\nexport const down = () => {}\n', ''],
  ])('%s', (_name, comment, expected) => expect(message(comment)).toBe(expected))
})

describe('the scanner', () => {
  const up = (body: string) => `${ids}export async function up(knex) {${body}}\nexport async function down() {}\n`

  describe('is sure of', () => {
    const draft = (changes: Partial<Draft> = {}): Draft => ({
      revision: 'c9b52448285b',
      message: 'add city',
      downRevisions: ['f1be62155239'],
      branchLabels: [],
      dependsOn: [],
      stamp: { year: '2026', month: '01', day: '02', hour: '03', minute: '04', second: '05' },
      ...changes,
    })
    const written = { ...plain, revision: 'c9b52448285b', downRevisions: ['f1be62155239'], message: 'add city' }

    test.each<[string, 'migration' | 'merge', Partial<Draft>, object]>([
      ['a migration', 'migration', {}, {}],
      ['a base', 'migration', { downRevisions: [] }, { downRevisions: [] }],
      [
        'all that it can say',
        'migration',
        { downRevisions: ['a1', 'b2'], branchLabels: ['billing', 'desk'], dependsOn: ['d4'] },
        { downRevisions: ['a1', 'b2'], branchLabels: ['billing', 'desk'], dependsOn: ['d4'] },
      ],
      [
        'a message of many lines',
        'migration',
        { message: "add city\n\n  it's */ `this` /* /** ${1}" },
        { message: "add city\n\n  it's */ `this` /* /** ${1}" },
      ],
      ['a merge', 'merge', { downRevisions: ['a1', 'b2'] }, { downRevisions: ['a1', 'b2'] }],
    ])('what mig generate writes: %s', (_name, template, changes, expected) => {
      const text = fillTemplate(ownTemplate(template), draft(changes))
      expect(header(text)).toEqual({ ...written, ...expected })
      expect(scanHeader(text)).toEqual({ ...written, ...expected })
    })

    test.each<[string, string, object]>([
      ['the plainest text', sound, {}],
      ['double quotes', sound.replaceAll("'", '"'), {}],
      ['quotes within others', `${ids}export const irreversible = "it's"\n${functions}`, { irreversible: "it's" }],
      ['semicolons', `${ids.replaceAll('\n', ';\n')}${functions}`, {}],
      ['all on one line', `${ids.replaceAll('\n', '; ')}${functions.replaceAll('\n', ' ')}`, {}],
      ['as const', `${ids.replaceAll('\n', ' as const\n')}${functions}`, {}],
      [
        'types',
        `export const revision: string = 'b2'\nexport const downRevision: string | readonly string[] | null = ['a1', 'c3']\nexport const dependsOn: Array<string> = []\n${functions}`,
        { downRevisions: ['a1', 'c3'] },
      ],
      [
        'lists, also over several lines',
        `export const revision = 'b2'\nexport const downRevision = [\n  'a1',\n  "c3",\n] as const\nexport const branchLabels = ['x','y']\nexport const dependsOn = []\n${functions}`,
        { downRevisions: ['a1', 'c3'], branchLabels: ['x', 'y'] },
      ],
      [
        'a text instead of a list',
        `${ids}export const branchLabels = 'x'\nexport const dependsOn = 'd4'\n${functions}`,
        { branchLabels: ['x'], dependsOn: ['d4'] },
      ],
      [
        'the rarer words',
        `${ids}export const transaction = false\nexport const empty = false\nexport const irreversible = 'gone'\nexport function up() {}`,
        { transaction: false, empty: false, irreversible: 'gone' },
      ],
      ['the header below the functions', `${functions}${ids.replaceAll('\n', ';\n')}function last() {}`, {}],
      ['functions that are not async', `${ids}${functions.replaceAll('async ', '')}`, {}],
      [
        'functions with types',
        `${ids}export async function up(\n  knex: Knex,\n): Promise<void> {\n  await knex.raw('x')\n}\nexport function down(_knex: Knex): void {}`,
        { empty: false },
      ],
      ['a comment beside a value', `${ids.replaceAll('\n', " // it's ;\n")}/* ' */ ${functions}`, {}],
      ['a body with spaces only', up('\n\n'), {}],
      ['a body with a comment only', up('\n  // await knex.raw(`{}`)\n  /* nor {} */\n'), {}],
      ['a body', up(` await knex.raw('{}') `), { empty: false }],
      ['a body with comments around it', up(' /* a */ await knex.raw(1) /* b */ '), { empty: false }],
      ['a body below a comment with a brace', up('\n  // {} it is not\n  await knex.raw(1)\n'), { empty: false }],
      ['a body below a comment like code', up('\n  /* a }\n*/ // {}\n  await knex.raw(1)\n'), { empty: false }],
      ['a body with a directive only', up(` 'use strict' `), { empty: false }],
      ['a body with a semicolon only', up(' ; '), { empty: false }],
      ['Windows line ends', `/**\n * a\n * b\n */\n${sound}`.replaceAll('\n', '\r\n'), { message: 'a\nb' }],
      ['a byte order mark', `\uFEFF${sound}`, {}],
      ['a byte order mark before the message', `\uFEFF/** a */\n${sound}`, { message: 'a' }],
      ['stars only', `/*****/\n${sound}`, { message: '**' }],
      ['a hole in a template', up(' await knex.raw(`x ${1 + 1} y`) '), { empty: false }],
    ])('%s', (_name, text, expected) => {
      expect(header(text)).toEqual({ ...plain, ...expected })
      expect(scanHeader(text)).toEqual({ ...plain, ...expected })
    })
  })

  // Each of them holds an export that is none; `header` looks at what the scanner makes of it.
  test.each([
    ['a template', 'const text = `\nexport const transaction = false\n`'],
    ['a template with a hole', 'const text = `${1}\nexport const transaction = false;\n`'],
    ['a template in a template', 'const text = `${`x`}\nexport const transaction = false;\n${`y`}`'],
    ['a template with quotes in its hole', `const text = \`\${"}"} '\nexport const transaction = false; // '\n\``],
    ['a template with escapes', 'const text = `\\`\nexport const transaction = false;\n\\${`'],
    ['a block comment', '/*\nexport const transaction = false\n*/'],
    ['a block comment with quotes', `/* ' " \` */ /*\nexport const transaction = false; ' */`],
    ['a line comment', '// export const transaction = false;'],
    ['a line comment with quotes', "// it's\n// export const transaction = false; 'x'"],
    ['a text at the beginning of a line', `const text =\n'export const transaction = false'`],
    ['a text over two lines', `const text = 'x\\\nexport const transaction = false;'`],
    ['a text with escapes', String.raw`const text = 'it\'s', other = '\\', last = 'export const transaction = false;'`],
    ['a second revision in a comment', `// export const revision = 'c3'\n/* export const revision = 'c3' */`],
    ['a regular expression with a quote', `const a = /'/g, b = 'export const transaction = false;'`],
    ['a regular expression with double quotes', `const a = /"/g, b = "export const transaction = false;"`],
    ['a regular expression with a backtick', 'const a = /`/g, b = `\nexport const transaction = false;\n`'],
    ['a regular expression with slashes', `const a = /[/*]'/, b = 'export const transaction = false; */'`],
    ['a division', `const a = 4 / 2, b = '/ export const transaction = false;'`],
    ['a division by a comment', `const a = 4 / /* ' */ 2, b = "'; export const transaction = false; // '"`],
    ['names that only look like it', 'const exports_ = { export: 1 }, a = exports_.export, export_ = a'],
    ['a property before a line end', 'const a = {} as any\na.\nexport\nconst transaction = false;'],
    ['a property before a comment', 'const a = {} as any\na. // note\nexport\nconst transaction = false;'],
    ['a namespace', 'namespace Inner { export const transaction = false; }'],
    ['a namespace with a function', 'namespace Inner { export function up() { return 1 } }'],
    ['a module that is declared', `declare module 'x' { export const transaction = false; }`],
    ['the global scope', 'declare global { export const transaction = false; }'],
  ])('an export that is none, in %s', (_name, piece) => {
    expect(header(`${piece}\n${sound}`)).toEqual(plain)
    expect(header(`${sound}${piece}\nfunction last() {}\n`)).toEqual(plain)
  })

  test('an export that is none, in a hashbang', () => {
    expect(header(`#!export const transaction = false;\n${sound}`)).toEqual(plain)
  })

  test.each<[string, string, object]>([
    ['escapes', `${ids.replace('b2', '\\x622')}${functions}`, plain],
    ['a template', `${ids.replaceAll("'", '`')}${functions}`, plain],
    ['another list', `${ids.replace("'a1'", "['a1' as const]")}${functions}`, plain],
    [
      'arrow functions',
      `${ids}export const up = async (knex: Knex): Promise<void> => {\n  await knex.raw("x")\n}\nexport const down: Step = () => {}\n`,
      { ...plain, empty: false },
    ],
    ['arrow functions without statements', `${ids}export const up = () => {}\nexport const down = () => {}`, plain],
    ['a value and a function in one', `${ids}export const down = () => {}, transaction = false, up = down`, {}],
    [
      'a function and a value in one',
      `${ids}export const down = () => {}\nexport const up = () => {}, transaction = false\nfunction last() {}`,
      { ...plain, transaction: false },
    ],
    ['a default export', `export default { revision: 'b2', downRevision: 'a1', up() {}, down() {} }`, plain],
    ['an export of names', `${ids}function up() {}\nfunction down() {}\nexport { up, down }`, plain],
    ['a default export beside others', `${sound}export default { revision: 'c3' }`, plain],
    ['CommonJS', `module.exports = { revision: 'b2', downRevision: 'a1', up() {}, down() {} }`, plain],
    ['CommonJS beside exports', `${sound}exports.transaction = false\nfunction last() {}`, { transaction: false }],
    ['CommonJS beside exports, as one object', `${sound}module.exports = { revision: 'c3' }`, { revision: 'c3' }],
    ['old line ends', `/** a */\n${up('\n  // nothing\n')}`.replaceAll('\n', '\r'), { ...plain, message: 'a' }],
    ['a comment that ends as an old line', up('\n  // note\r  await knex.raw(1)\n'), { ...plain, empty: false }],
    ['a comment that ends as a paragraph', up('\n  // note\u2029  await knex.raw(1)\n'), { ...plain, empty: false }],
    ['a hashbang', `#!/usr/bin/env node\n${sound}`, plain],
    ['a directive before the message', `'use strict'\n/** a */\n${sound}`, { ...plain, message: 'a' }],
    ['a comment before the message', `// licence\n/** a */\n${sound}`, { ...plain, message: 'a' }],
    ['a doc comment below the imports', `import type { Knex } from 'knex'\n/** a */\n${sound}`, plain],
    ['a doc comment below the header', `${ids}/** a */\n${functions}`, plain],
    ['a doc comment without text', `/***/\n/** a */\n${sound}`, plain],
    ['a comment that is no doc comment', `/**/ /* a */\n${sound}`, plain],
    ['a revision that is declared twice', `${sound}export const revision = 'c3'\nfunction last() {}`, {}],
  ])('is right, or leaves it to the parser: %s', (_name, text, expected) => {
    expect(header(text)).toMatchObject(expected)
  })

  test.each([
    `'a' + 'b'`,
    `'a'\n  + 'b'`,
    `'a' // note\n  + 'b'`,
    `'a' /* note */\n  + 'b'`,
    `'a' // note\r  + 'b'`,
    `'a' // note\u2028  + 'b'`,
    `'a' // ; export\n  + 'b'`,
    `'a'.trim()`,
    `'a'\n  .trim()`,
    `'a'[0]`,
    `'a'\n[0]`,
    `'a' || 'b'`,
    `'a'\n? 'b' : 'c'`,
    `('a', 'b')`,
    `'a' in knex`,
    `'a'\ninstanceof knex`,
    `['a'][0]`,
    'null ?? undefinedId',
    '`a${1}`',
    'id',
    'id`a`',
  ])('leaves what is computed to the parser: %s', (value) => {
    expect(refusal(`export const revision = ${value}\nexport const downRevision = null\n${functions}`)).toMatch(
      /revision in m\.ts:1:\d+ is computed/,
    )
    expect(refusal(`export const revision = ${value};\nexport const downRevision = null\n${functions}`)).toMatch(
      /revision in m\.ts:1:\d+ is computed/,
    )
  })

  test.each([
    ['branchLabels null', `${ids}export const branchLabels = null\n${functions}`],
    ['dependsOn null', `${ids}export const dependsOn = null\n${functions}`],
    ['transaction null', `${ids}export const transaction = null\n${functions}`],
    ['retry a text', `${ids}export const retry = 'false'\n${functions}`],
    ['a name that begins like a literal', `${ids}export const transaction = falsetype\n${functions}`],
    ['empty a text', `${ids}export const empty = 'true'\n${functions}`],
    ['irreversible null', `${ids}export const irreversible = null\n${functions}`],
    ['revision a list', `${ids.replace("'b2'", "['b2']")}${functions}`],
    ['downRevision true', `${ids.replace("'a1'", 'true')}${functions}`],
    ['no down', `${ids}export function up() {}`],
    ['down in a namespace', `${ids}export function up() {}\nnamespace Inner { export function down() {} }`],
    [
      'down no function',
      `${ids}export const irreversible = 'x'\nexport const up = () => {}, down = 1\nfunction last() {}`,
    ],
    ['nothing', '{}'],
    ['a list without a comma', `${ids}export const dependsOn = ['a' 'b']\n${functions}`],
    ['what a merge left', `<<<<<<< HEAD\n${ids}=======\n${ids.replace('b2', 'c3')}>>>>>>> main\n${functions}`],
    ['what a merge left in a body', up('\n<<<<<<< HEAD\n  a()\n=======\n  b()\n>>>>>>> main\n')],
    ['a template without an end', `${sound}const text = \`{}`],
    ['a comment without an end', `${sound}/* {}`],
    ['a text without an end', `${sound}const text = '{}`],
  ])('leaves what is refused to the parser: %s', (_name, text) => expect(refusal(text)).not.toBe(''))

  test.each(['await await', 'if (', 'const = 1', 'knex.schema..x', '1 2', ') + ('])(
    'passes over a mistake in a body, which loading tells: %s',
    (mistake) => {
      expect(parsed(up(mistake)).diagnostics[0]?.message).toMatch(/^m\.ts:\d+:\d+ has a syntax error/)
      expect(scanHeader(up(mistake))).toEqual({ ...plain, empty: false })
    },
  )

  test('of a text that is cut anywhere it reads the whole header, or none', () => {
    const text = `/** gone { } */\n${ids}export const irreversible = 'it is'\nexport async function up(knex: Knex) {\n  await knex.schema.alterTable('x', (table) => { table.dropColumn('y') })\n  await knex.raw(\`{ \${1} }\`)\n}\n`
    const whole = header(text)
    const read = Array.from(text, (_letter, end) => scanHeader(text.slice(0, end))).filter((found) => found !== null)
    for (const found of read) expect(found).toEqual(whole)
    expect(scanHeader(text)).toEqual(whole)
  })

  test.each([
    ['slashes', '/'.repeat(42)],
    ['empty comments', '// '.repeat(17)],
    ['short comments', '/**/'.repeat(28)],
    ['spaces', ' '.repeat(20_000)],
  ])('a line of %s in a body takes no time', (_name, line) => {
    const text = up(`\n  ${line}\n  await knex.raw(1)\n`)
    const started = performance.now()
    expect(scanHeader(text) ?? plain).toMatchObject({ revision: 'b2' })
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('is right or unsure, whatever a file is made of', () => {
    const random = randomNumbers(20261123)
    const needed = [
      [
        `export const revision = 'b2'`,
        `export const revision: string = "b2";`,
        `export const revision = 'b2' as const`,
      ],
      [
        `export const downRevision = 'a1'`,
        `export const downRevision = ['a1', "c3"];`,
        'export const downRevision = null',
      ],
      [
        'export async function up() {}',
        'export const up = async (knex: Knex): Promise<void> => { await knex }',
        'export async function up() { /* a */ await 1 /* b */ }',
        'export async function up() {\n  // {}\n  await 1\n}',
        'export const up = () => {}, other = 1',
      ],
      [
        'export async function down() {}',
        'export const down = () => { /* nothing */ }',
        'export const down = () => {}, empty = true',
        `export const irreversible = "it's gone"`,
      ],
    ]
    const extra = [
      '/** a message */',
      `import type { Knex } from 'knex'`,
      `import { x } from "./_x.js"`,
      `'use strict'`,
      `export const revision = 'c3'`,
      `export const revision = 'a' + 'b'`,
      `export const revision = 'a'\n  .trim()`,
      `// export const revision = 'c3'`,
      `/* export const revision = 'c3'\n*/`,
      'const text = `\nexport const revision = "c3";\n`',
      "const text = `${`x`} '\nexport const transaction = false; // '\n`",
      `const text =\n'export const transaction = false;'`,
      String.raw`const text = 'it\'s', last = '\\'`,
      `// it's "quoted"`,
      `const quote = /'/g`,
      'const ticks = /[`"/]/',
      'const half = 4 / 2',
      'const ratio = 4 / 2 / 1 // `',
      'export const transaction = false',
      'export const transaction = !1',
      'export const retry = false',
      'export const retry = !0;',
      'export const empty = true;',
      `export const branchLabels = ['x', "y",]`,
      'export const branchLabels = null',
      `export const dependsOn = 'd4' // note`,
      String.raw`export const dependsOn = 'd\x34'`,
      `export const dependsOn: readonly string[] = []`,
      `export const other = 'x'`,
      'export default { empty: true }',
      'exports.transaction = false',
      'module.exports.empty = true',
      'namespace Inner { export const transaction = false; }',
      'function helper() { return { export: 1 } }',
      'export function helper() {}',
      'export type Row = { up: string }',
      'type Word = `${string}export`',
      'function first() {}\nexport { first as helper }',
    ]
    const seen = { accepted: 0, sure: 0 }
    for (let round = 0; round < 500; round++) {
      const pieces = [
        ...needed.map((ways) => pick(random, ways)),
        ...Array.from({ length: Math.floor(random() * 4) }, () => pick(random, extra)),
      ]
      const shuffled = pieces
        .map((piece) => ({ piece, place: random() }))
        .sort((a, b) => a.place - b.place)
        .map(({ piece }) => piece)
      const text = [...shuffled, 'function last() {}'].join(pick(random, ['\n', ';\n', '\n\n', '\r\n']))
      const { header: expected, diagnostics } = parsed(text)
      if (diagnostics.some(({ message }) => message.includes(' has a syntax error: '))) continue
      if (expected !== null) seen.accepted++
      const found = scanHeader(text)
      if (found === null) continue
      seen.sure++
      expect({ text, header: found }).toEqual({ text, header: expected })
    }
    expect(seen.accepted).toBeGreaterThan(200)
    expect(seen.sure).toBeGreaterThan(50)
  })
})
