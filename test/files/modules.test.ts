// Which local modules a migration imports: found without running any, as tsx finds them.

import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'
import { checksum } from '../../src/core/checksum.js'
import { discover, type MigrationFile } from '../../src/files/discover.js'
import { readTexts } from '../../src/files/texts.js'
import { loadMigration } from '../../src/files/load.js'
import { folderWith, migrationText } from '../support/folder.js'
import { errorOfAsync, saidBy } from '../support/thrown.js'

type Files = Readonly<Record<string, string>>

/** A project whose migration `m/a.ts` begins with these lines. */
function migrationWith(lines: string, files: Files = {}, name = 'a.ts'): Promise<MigrationFile> {
  const root = folderWith({ [`m/${name}`]: `${lines}\n${migrationText('a1')}`, ...files })
  return migrationIn(root)
}

async function migrationIn(root: string): Promise<MigrationFile> {
  const { migrations, diagnostics } = await discover(root, readTexts(root, [join(root, 'm')]))
  const [first] = migrations
  if (first === undefined) throw new Error(JSON.stringify(diagnostics))
  return first
}

const namesIn = async (lines: string, files: Files = {}, name?: string) =>
  Object.keys((await migrationWith(lines, files, name)).modules())

describe('what counts as an import', () => {
  const files = { 'm/_x.ts': 'export const x = 1' }

  test.each([
    [`import { x } from './_x.js'`],
    [`import x from './_x.js'`],
    [`import * as x from './_x.js'`],
    [`import './_x.js'`],
    [`import { type Y, x } from './_x.js'`],
    [`export { x } from './_x.js'`],
    [`export * from './_x.js'`],
    [`const { x } = await import('./_x.js')`],
    ['const { x } = await import(`./_x.js`)'],
    [`const { x } = require('./_x.js')`],
    [`import x = require('./_x.js')`],
    [`const load = () => import('./_x.js')`],
    [`import type { Knex } from 'knex'\nimport { x } from './_x.js'`],
    [`import type from './_x.js'`],
    [`import { x } from './_x.js?again'`],
  ])('%s', async (lines) => expect(await namesIn(lines, files)).toEqual(['_x']))

  test.each([
    [`import type { Y } from './_x.js'`],
    [`import { type Y } from './_x.js'`],
    [`export type { Y } from './_x.js'`],
    [`export type * from './_x.js'`],
    [`type Y = typeof import('./_x.js')`],
    [`import type Y = require('./_x.js')`],
    [`const { x } = await import('./_' + 'x.js')`],
    [`const text = "import './_x.js'"`],
    [`// import './_x.js'`],
    [`import { readFileSync } from 'node:fs'; import { join } from 'path'`],
  ])('not %s', async (lines) => expect(await namesIn(lines, files)).toEqual([]))

  test('JavaScript of both kinds', async () => {
    const x = { 'm/_x.js': 'exports.x = 1', 'm/_y.mjs': 'export const y = 1' }
    expect(await namesIn(`import { x } from './_x.js'\nimport { y } from './_y.mjs'`, x, 'a.js')).toEqual(['_x', '_y'])
    const root = folderWith({
      'm/a.cjs': `const { x } = require('./_x')\nmodule.exports = { revision: 'a1', downRevision: null, up() {}, down() {} }`,
      ...x,
    })
    expect(Object.keys((await migrationIn(root)).modules())).toEqual(['_x'])
  })
})

describe('where it is found', () => {
  test.each([
    ['.js is .ts', './_x.js', { 'm/_x.ts': '' }, '_x'],
    ['.js is .ts even beside a compiled .js', './_x.js', { 'm/_x.ts': 'TS', 'm/_x.js': 'JS' }, '_x'],
    ['.ts', './_x.ts', { 'm/_x.ts': '' }, '_x'],
    ['.js is .tsx', './_x.js', { 'm/_x.tsx': '' }, '_x'],
    ['.mjs is .mts', './_x.mjs', { 'm/_x.mts': '' }, '_x'],
    ['.cjs is .cts', './_x.cjs', { 'm/_x.cts': '' }, '_x'],
    ['without extension', './_x', { 'm/_x.ts': '' }, '_x'],
    ['a folder’s index', '../lib', { 'lib/index.ts': '' }, '../lib/index'],
    ['a folder’s index, named', '../lib/index.js', { 'lib/index.ts': '' }, '../lib/index'],
    ['JSON', '../data.json', { 'data.json': '{}' }, '../data.json'],
    [
      'an alias of tsconfig.json',
      '@lib/x.js',
      { 'lib/x.ts': '', 'tsconfig.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }' },
      '../lib/x',
    ],
    [
      'a path from baseUrl',
      'lib/x',
      { 'lib/x.ts': '', 'tsconfig.json': '{ // with a remark\n "compilerOptions": { "baseUrl": ".", } }' },
      '../lib/x',
    ],
    [
      'an alias of a tsconfig.json that is extended',
      '@lib/x.js',
      {
        'lib/x.ts': '',
        'tsconfig.json': '{ "extends": "./base.json" }',
        'base.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
      },
      '../lib/x',
    ],
    [
      'an import of package.json',
      '#lib/x.js',
      { 'lib/x.ts': '', 'package.json': '{ "type": "module", "imports": { "#lib/*": "./lib/*" } }' },
      '../lib/x',
    ],
    ['beside a tsconfig.json that is broken', './_x.js', { 'm/_x.ts': '', 'tsconfig.json': '{' }, '_x'],
  ])('%s', async (_what, specifier, files: Files, name) => {
    expect(await namesIn(`import * as x from '${specifier}'`, files)).toEqual([name])
  })

  test('of a source and what was compiled of it, the one that is run', async () => {
    const both = { 'm/_x.ts': 'export const ts = 1', 'm/_x.js': 'export const js = 1' }
    expect((await migrationWith(`import './_x.js'`, both)).modules()).toEqual({ _x: 'export const ts = 1\n' })
    expect((await migrationWith(`import './_x.js'`, both, 'a.js')).modules()).toEqual({ _x: 'export const js = 1\n' })
  })

  test('a package is none, nor what a package links to', async () => {
    const root = folderWith({
      'm/a.ts': `import 'one'\nimport 'two'\nimport 'missing'\n${migrationText('a1')}`,
      'node_modules/one/index.js': '',
      'elsewhere/two/index.js': '',
    })
    symlinkSync(join(root, 'elsewhere/two'), join(root, 'node_modules/two'))
    expect((await migrationIn(root)).modules()).toEqual({})
  })

  test('a project that is itself a package in node_modules has local modules', async () => {
    const root = folderWith({
      'node_modules/own/m/a.ts': `import './_x.js'\n${migrationText('a1')}`,
      'node_modules/own/m/_x.ts': '',
    })
    expect(Object.keys((await migrationIn(join(root, 'node_modules/own'))).modules())).toEqual(['_x'])
  })

  test('what two links lead to is one module, named by its real place', async () => {
    const root = folderWith({
      'real/a.ts': `import '../one.js'\nimport '../two.js'\n${migrationText('a1')}`,
      'lib/x.ts': `import './y.js'`,
      'lib/y.ts': '',
    })
    symlinkSync(join(root, 'real'), join(root, 'm'))
    for (const name of ['one.ts', 'two.ts']) symlinkSync(join(root, 'lib/x.ts'), join(root, name))
    const file = await migrationIn(root)
    expect(Object.keys(file.modules())).toEqual(['../lib/x', '../lib/y'])
    expect([...file.textsRead().keys()].slice(1)).toContain(realpathSync(join(root, 'lib/x.ts')))
  })
})

describe('the whole of it', () => {
  test('modules of modules count, circles and imports of the migration itself end', async () => {
    const files = {
      'm/_x.ts': `import './_y.js'\nimport './a.js'`,
      'm/_y.ts': `import './_x.js'\nimport data from './_data.json'`,
      'm/_data.json': '{ "a": 1 }',
    }
    expect((await migrationWith(`import './_x.js'`, files)).modules()).toEqual({
      _x: `import './_y.js'\nimport './a.js'\n`,
      _y: `import './_x.js'\nimport data from './_data.json'\n`,
      '_data.json': '{ "a": 1 }\n',
    })
  })

  test('what is missing, a folder, or has a syntax error stops nothing', async () => {
    const file = await migrationWith(`import './_gone.js'\nimport './_folder.js'\nimport './_bad.js'`, {
      'm/_bad.ts': 'a b (',
    })
    mkdirSync(join(file.file, '../_folder.js'))
    expect(Object.keys(file.modules())).toEqual(['_bad'])
  })

  test('names that mean something to JavaScript are names', async () => {
    const file = await migrationWith(`import './__proto__.js'\nimport './constructor.js'`, {
      'm/__proto__.ts': 'one',
      'm/constructor.ts': 'two',
    })
    expect(Object.entries(file.modules())).toEqual([
      ['__proto__', 'one\n'],
      ['constructor', 'two\n'],
    ])
  })

  test('two files of one name have their extensions', async () => {
    const file = await migrationWith(`import './_x.js'\nimport './_x.mjs'`, { 'm/_x.ts': 'one', 'm/_x.mts': 'two' })
    expect(file.modules()).toEqual({ _x: 'two\n', '_x.ts': 'one\n' })
  })
})

describe('the checksum', () => {
  test('without local modules is that of the text', async () => {
    const lines = `import type { Knex } from 'knex'\nimport { join } from 'node:path'`
    const file = await migrationWith(lines)
    expect(file.checksum()).toBe(checksum(file.text))
  })

  test('changes with a module, with its name, and with the modules of a module', async () => {
    const variants = [
      { 'm/_x.ts': `import './_y.js'`, 'm/_y.ts': '' },
      { 'm/_x.ts': `import './_y.js';`, 'm/_y.ts': '' },
      { 'm/_x.ts': `import './_y.js'`, 'm/_y.ts': ';' },
      { 'm/_x.ts': `import './_y.js'` },
      {},
    ]
    const sums = await Promise.all(
      variants.map(async (files) => (await migrationWith(`import './_x.js'`, files)).checksum()),
    )
    expect(new Set(sums).size).toBe(sums.length)
    expect(sums.every((sum) => /^[0-9a-f]{64}$/.test(sum))).toBe(true)
  })

  test('is the same on every machine: line ends, a byte order mark and the order of imports do not matter', async () => {
    const files = { 'm/_x.ts': 'one\ntwo\n', 'm/_y.ts': 'three\n' }
    const same = { 'm/_y.ts': '\uFEFFthree', 'm/_x.ts': 'one\r\ntwo\r\n\r\n' }
    const imports = `import './_x.js'\nimport './_y.js'`
    expect((await migrationWith(imports, same)).checksum()).toBe((await migrationWith(imports, files)).checksum())
    expect(checksum('a', { x: '1\n', y: '2\n' })).toBe(checksum('a', { y: '2\n', x: '1\n' }))
    expect(checksum('a', { x: '1\n' })).not.toBe(checksum('a', { x: '', '1': '\n' }))
  })

  test('is of what was read once', async () => {
    const file = await migrationWith(`import './_x.js'`, { 'm/_x.ts': 'one' })
    const before = file.checksum()
    writeFileSync(join(file.file, '../_x.ts'), 'two')
    expect(file.checksum()).toBe(before)
    expect(file.modules()).toEqual({ _x: 'one\n' })
  })
})

describe('loading', () => {
  const functions = { up: () => undefined, down: () => undefined }
  const load = (file: MigrationFile) => loadMigration(file, () => Promise.resolve(functions))

  test('a migration whose module changed after it was hashed is refused', async () => {
    const file = await migrationWith(`import '../lib/x.js'`, { 'lib/x.ts': 'one' })
    file.checksum()
    writeFileSync(join(file.file, '../../lib/x.ts'), 'two')
    expect(saidBy(await errorOfAsync(() => load(file)))).toMatch(
      /^graph\.bad-module: lib\/x\.ts, which a1 \(m\/a\.ts\) imports, changed while mig was at work\. Nothing was run\./,
    )
  })

  test('a module that this process has loaded with another text is refused: it cannot be loaded anew', async () => {
    const root = folderWith({ 'm/a.ts': `import './_x.js'\n${migrationText('a1')}`, 'm/_x.ts': 'one' })
    await load(await migrationIn(root))
    await load(await migrationIn(root))
    writeFileSync(join(root, 'm/_x.ts'), 'two')
    expect(saidBy(await errorOfAsync(async () => load(await migrationIn(root))))).toMatch(
      /^graph\.bad-module: m\/_x\.ts, which a1 .* changed since this process loaded it/,
    )
  })
})

test('a thousand migrations that share a module are read in little time', async () => {
  const imports = `import { x } from './_x.js'`
  const id = (index: number) => `r${String(index).padStart(6, '0')}`
  const files = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`m/${id(index)}.ts`, `${imports}\n${migrationText(id(index))}`]),
  )
  const root = folderWith({ ...files, 'm/_x.ts': 'export const x = 1' })
  const { migrations } = await discover(root, readTexts(root, [join(root, 'm')]))
  const started = performance.now()
  expect(new Set(migrations.map((migration) => migration.checksum())).size).toBe(1000)
  expect(performance.now() - started).toBeLessThan(5000)
})
