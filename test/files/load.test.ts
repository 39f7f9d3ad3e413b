// A revision becomes its functions: what may be loaded, and what is said when it may not.

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { describe, expect, test } from '@jest/globals'
import { discover, type MigrationFile } from '../../src/files/discover.js'
import { readTexts } from '../../src/files/texts.js'
import { loadMigration } from '../../src/files/load.js'
import { folderWith, migrationText } from '../support/folder.js'
import { built } from '../support/built.js'
import { errorOfAsync, saidBy } from '../support/thrown.js'

/** The migration `m/a.ts` of a new root. */
async function migration(text = migrationText('a1')): Promise<MigrationFile> {
  const root = folderWith({ 'm/a.ts': text })
  const [file] = (await discover(root, readTexts(root, [join(root, 'm')]))).migrations
  if (file === undefined) throw new Error('it is no migration')
  return file
}

const up = () => undefined
const down = () => undefined
const irreversible = `${migrationText('a1').replace(/export async function down.*\n/, '')}export const irreversible = 'gone'\n`

describe('the functions are found', () => {
  test.each([
    ['among named exports', { up, down }],
    ['in a default export', { default: { up, down } }],
    ['in CommonJS', { default: { up, down }, 'module.exports': {} }],
    ['in CommonJS made of an ES module', { default: { __esModule: true, default: { up, down } } }],
    ['among names beside a default export', { up, down, default: { up: 1 } }],
  ])('%s', async (_name, namespace) => {
    const file = await migration()
    expect(await loadMigration(file, () => Promise.resolve(namespace))).toMatchObject({ file, up, down })
  })

  test('down may be missing only where the header says so', async () => {
    expect((await loadMigration(await migration(irreversible), () => Promise.resolve({ up }))).down).toBeUndefined()
    const error = await errorOfAsync(async () => loadMigration(await migration(), () => Promise.resolve({ up })))
    expect(saidBy(error)).toMatch(/^graph\.bad-module: down in m\/a\.ts is missing\. Nothing was run\./)
  })
})

describe('refused', () => {
  test.each([
    ['up missing', { down }, /up in m\/a\.ts is missing/],
    ['nothing', {}, /up in m\/a\.ts is missing/],
    ['up a text', { up: 'x', down }, /up in m\/a\.ts is a value of type string, not a function/],
    ['down null', { up, down: null }, /down in m\/a\.ts is null, not a function/],
    ['down a number', { up, down: 1 }, /down in m\/a\.ts is a value of type number/],
  ])('%s', async (_name, namespace, pattern) => {
    const error = await errorOfAsync(async () => loadMigration(await migration(), () => Promise.resolve(namespace)))
    expect(error).toMatchObject({
      code: 'graph.bad-module',
      exitCode: 4,
      diagnostics: [{ revision: 'a1', path: 'm/a.ts' }],
    })
    expect(saidBy(error)).toMatch(pattern)
  })

  test('a file that changed since it was read, or is gone', async () => {
    const never = () => Promise.reject(new Error('it must not be imported'))
    for (const change of [(file: string) => writeFileSync(file, migrationText('b2')), (file: string) => rmSync(file)]) {
      const file = await migration()
      change(file.file)
      const error = await errorOfAsync(() => loadMigration(file, never))
      expect(saidBy(error)).toMatch(/^graph\.bad-module: m\/a\.ts changed while mig was at work\. Nothing was run\./)
    }
  })

  test.each([
    [
      'an Error',
      new Error('Cannot find package "x"'),
      /^graph\.bad-module: a1 \(m\/a\.ts\) cannot be loaded: Cannot find package "x"/,
    ],
    ['a text', 'no', /cannot be loaded: no/],
    ['null', null, /cannot be loaded: null was thrown/],
  ])('what throws at import: %s', async (_name, cause, pattern) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- migrations may
    const error = await errorOfAsync(async () => loadMigration(await migration(), () => Promise.reject(cause)))
    expect(error.cause).toBe(cause)
    expect(saidBy(error)).toMatch(pattern)
  })

  test('what throws at import is shown where it does', async () => {
    const fail = (file: string) =>
      Promise.reject(Object.assign(new Error('no'), { stack: `Error: no\n at ${pathToFileURL(file).href}:2:8` }))
    const error = await errorOfAsync(async () => loadMigration(await migration(), fail))
    expect(error.message).toBe('a1 (m/a.ts:2:8) cannot be loaded: no')
    expect(error.diagnostics).toMatchObject([{ line: 2, column: 8 }])
    expect(error.detail).toMatch(/ {2}2 \| export const downRevision = null\n {4}\| {8}\^$/)
  })
})

// In a process of its own: the TypeScript hooks cannot be installed within Jest.
test('the real loader takes TypeScript, ES modules and CommonJS, and path aliases of the tsconfig', () => {
  const typed = `import { word } from '@lib/word'\nenum Kind { A = 1 }\nexport const kind: string = word + Kind.A\n`
  const root = folderWith({
    'package.json': '{ "type": "module" }',
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
    'lib/word.ts': `export const word: string = 'aliased'`,
    'a.ts': typed,
    'b.mts': `export const kind: string = 'mts'`,
    'c.cts': `const kind: string = 'cts'\nexport = { kind }`,
    'd.js': `export const kind = 'js'`,
    'e.mjs': `export const kind = 'mjs'`,
    'f.cjs': `module.exports = { kind: 'cjs' }`,
    'common/package.json': '{ "type": "commonjs" }',
    'common/g.ts': `import { word } from '@lib/word'\nexport const kind: string = word`,
    'common/h.js': `exports.kind = 'commonjs'`,
  })
  const script = `import { readFileSync } from 'node:fs'
import { createLoader } from ${JSON.stringify(built('src/files/loader.ts'))}
import { defaultOr } from ${JSON.stringify(built('src/files/load.ts'))}
const loader = createLoader(${JSON.stringify(root)})
for (const name of ['a.ts', 'b.mts', 'c.cts', 'd.js', 'e.mjs', 'f.cjs', 'common/g.ts', 'common/h.js'])
  console.log(defaultOr(await loader.importModule(${JSON.stringify(root)} + '/' + name, readFileSync(${JSON.stringify(root)} + '/' + name, 'utf8')), (exported) => 'kind' in exported).kind)
await loader.close()`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(said.trim().split('\n')).toEqual(['aliased1', 'mts', 'cts', 'js', 'mjs', 'cjs', 'aliased', 'commonjs'])
})

const counted = `import { next } from './next.js'\nlet own = 0\nexport const tell = () => \`\${++own}\${next()}\`\n`
const countedCjs = `const { next } = require('./next.cjs')\nlet own = 0\nexports.tell = () => \`\${++own}\${next()}\`\n`
const next = `let count = 0\nexport const next = () => ++count\n`

test('a copy has nothing of what was loaded before, in itself and in what it imports, in every kind of module', () => {
  const root = folderWith({
    'package.json': '{ "type": "module" }',
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@own/*": ["./*"] } } }',
    'next.ts': next,
    'next.cjs': `let count = 0\nexports.next = () => ++count\n`,
    'alone.ts': `let own = 0\nexport const tell = (): string => \`\${++own}1\`\n`,
    'typed.ts': `${counted}export enum Kind { A = 1 }\n`,
    'alias.ts': counted.replace('./next.js', '@own/next'),
    'plain/next.js': next,
    'plain/plain.mjs': counted,
    'old.cjs': countedCjs,
    'old-typed.cts': countedCjs,
    'common/package.json': '{ "type": "commonjs" }',
    'common/next.ts': next,
    'common/typed.ts': counted.replace('./next.js', './next'),
  })
  const names = ['alone.ts', 'typed.ts', 'alias.ts', 'plain/plain.mjs', 'old.cjs', 'old-typed.cts', 'common/typed.ts']
  const script = `import { readFileSync, realpathSync } from 'node:fs'
import { createLoader } from ${JSON.stringify(built('src/files/loader.ts'))}
import { defaultOr } from ${JSON.stringify(built('src/files/load.ts'))}
const root = realpathSync(${JSON.stringify(root)}) + '/'
const loader = createLoader(root)
const local = ['next.ts', 'next.cjs', 'plain/next.js', 'common/next.ts'].map((name) => root + name)
for (const name of ${JSON.stringify(names)}) {
  const tell = (module) => defaultOr(module, (exported) => 'tell' in exported).tell
  const text = readFileSync(root + name, 'utf8')
  const first = tell(await loader.importModule(root + name, text))
  first()
  const second = tell(await loader.copyModule(root + name, text, local))
  const third = tell(await loader.copyModule(root + name, text, local))
  console.log(name, second(), second(), third())
}
await loader.close()`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(
    said
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  ).toEqual(
    names.map((name) => {
      const [one, two] = name === 'alone.ts' ? ['11', '21'] : ['11', '22']
      return [name, one, two, one]
    }),
  )
})

test('a copy finds the packages that it imports while it runs, in every kind of module', () => {
  const later = `import { next } from './next'\nexport const later = async () => \`\${next()}\${(await import('some-package')).default}\`\n`
  const root = folderWith({
    'node_modules/some-package/index.js': `module.exports = ' packages'\n`,
    'common/next.ts': next,
    'common/later.ts': later,
    'modules/package.json': '{ "type": "module" }',
    'modules/next.ts': next,
    'modules/later.ts': later.replace('./next', './next.js'),
  })
  const script = `import { readFileSync, realpathSync } from 'node:fs'
import { createLoader } from ${JSON.stringify(built('src/files/loader.ts'))}
import { defaultOr } from ${JSON.stringify(built('src/files/load.ts'))}
const root = realpathSync(${JSON.stringify(root)}) + '/'
const loader = createLoader(root)
for (const folder of ['common/', 'modules/']) {
  const file = root + folder + 'later.ts'
  const later = (module) => defaultOr(module, (exported) => 'later' in exported).later()
  const text = readFileSync(file, 'utf8')
  await later(await loader.importModule(file, text))
  console.log(await later(await loader.copyModule(file, text, [root + folder + 'next.ts'])))
}
await loader.close()`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(said.trim().split('\n')).toEqual(['1 packages', '1 packages'])
})
