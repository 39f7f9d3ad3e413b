// Which files of a folder are migrations, and what is said of those that cannot be read.

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'
import { checksum } from '../../src/core/checksum.js'
import { discover } from '../../src/files/discover.js'
import { display, readTexts } from '../../src/files/texts.js'
import { folderWith, migrationText } from '../support/folder.js'
import { drawn } from '../support/migrations.js'
import { ordinaryRights, testWithModes } from '../support/ordinary-rights.js'
import { createProject } from '../support/project.js'
import { errorOfAsync, saidBy } from '../support/thrown.js'

/** What is found in `m` of a root: the ids, and what is said. */
async function look(root: string, ...folders: string[]) {
  const paths = (folders.length === 0 ? ['m'] : folders).map((folder) => join(root, folder))
  const found = await discover(root, readTexts(root, paths))
  return {
    ids: found.migrations.map(({ revision }) => revision.revision),
    said: found.diagnostics.map(({ code, severity, message, hint }) => `${severity} ${code}: ${message} ${hint ?? ''}`),
    ...found,
  }
}

/** A root with a sound migration `m/a.ts` and one more file. */
const beside = (name: string, content: string | Uint8Array) =>
  folderWith({ 'm/a.ts': migrationText('a1'), [`m/${name}`]: content })

test('migrations are found in the order of their names, with what they say', async () => {
  const root = folderWith({
    'm/20260102_b2_add_city.ts': migrationText('b2', 'a1'),
    'm/20260101_a1_create_users.ts': `/** users */\n${migrationText('a1')}`,
  })
  const { migrations, diagnostics } = await look(root)
  expect(diagnostics).toEqual([])
  expect(migrations.map(({ revision }) => revision)).toMatchObject([
    { revision: 'a1', downRevisions: [], message: 'users', path: 'm/20260101_a1_create_users.ts' },
    { revision: 'b2', downRevisions: ['a1'], message: 'add city', path: 'm/20260102_b2_add_city.ts' },
  ])
  expect(migrations[1]?.file).toBe(join(root, 'm/20260102_b2_add_city.ts'))
  expect(migrations[1]?.checksum()).toBe(checksum(migrationText('b2', 'a1')))
})

test.each([
  ['20260102030405_c9b5_add_city.ts', 'c9b5', 'add city'],
  ['c9b5.ts', 'c9b5', 'c9b5'],
  ['2026-01-02T03.04_c9b5_add-city.mts', 'c9b5', 'add city'],
  ['add city.ts', 'c9b5', 'add city'],
  ['20260102.ts', 'c9b5', '20260102'],
])('without a comment %s is called by its name', async (name, id, message) => {
  expect((await look(folderWith({ [`m/${name}`]: migrationText(id) }))).migrations[0]?.revision.message).toBe(message)
})

describe('read', () => {
  test.each(['x.ts', 'x.mts', 'x.cts', 'x.js', 'x.mjs', 'x.test_data.ts', 'x y.ts', 'ü.ts', 'con.ts', "it's.ts"])(
    '%s',
    async (name) => {
      expect(await look(beside(name, migrationText('b2')))).toMatchObject({
        ids: expect.arrayContaining(['a1', 'b2']),
        said: [],
      })
    },
  )

  test('x.cjs', async () => {
    const text = `module.exports = { revision: 'b2', downRevision: null, up() {}, down() {} }`
    expect((await look(beside('x.cjs', text))).ids).toEqual(['a1', 'b2'])
  })
})

describe('ignored', () => {
  test.each([
    'x.d.ts',
    'x.d.mts',
    'x.d.cts',
    'x.js.map',
    'x.ts.map',
    'x.test.ts',
    'x.spec.ts',
    'x.test.mjs',
    '.x.ts',
    '._x.ts',
    '.DS_Store',
    '_shared.ts',
    '_template.ts.tmpl',
    'x.ts~',
    'x.ts.bak',
    'x.ts.orig',
    '#x.ts#',
    '.#x.ts',
    'x.ts.swp',
    'README.md',
    'x.sql',
    'x.json',
    'x.tsx',
    'x.jsx',
    'Makefile',
    'x.TS',
    'deeper/x.ts',
    'deeper/_x.ts',
  ])('%s', async (name) =>
    expect(await look(beside(name, '%% not even TypeScript'))).toMatchObject({ ids: ['a1'], said: [] }),
  )
})

describe('links', () => {
  const linked = (target: string, name = 'm/link.ts') => {
    const root = folderWith({ 'm/a.ts': migrationText('a1'), 'elsewhere/b.ts': migrationText('b2') })
    symlinkSync(target, join(root, name))
    return root
  }

  test('a link out of the folder is followed', async () => {
    expect(await look(linked('../elsewhere/b.ts'))).toMatchObject({ ids: ['a1', 'b2'], said: [] })
  })

  test('a second way to the same file is the same migration', async () => {
    expect(await look(linked('a.ts'))).toMatchObject({ ids: ['a1'], said: [] })
  })

  test('a folder that is a link is followed, and listed once', async () => {
    const root = linked('elsewhere', 'again')
    expect((await look(root, 'elsewhere', 'again', 'm')).ids).toEqual(['b2', 'a1'])
  })

  test('a broken link is named', async () => {
    const { ids, said } = await look(linked('nowhere.ts'))
    expect(ids).toEqual(['a1'])
    expect(said).toEqual([
      expect.stringMatching(/^error graph\.bad-module: m\/link\.ts cannot be read: it does not exist/),
    ])
  })

  test('a link to itself is named', async () => {
    expect((await look(linked('link.ts'))).said).toEqual([
      expect.stringMatching(/m\/link\.ts cannot be read: its links go in a circle/),
    ])
  })
})

describe('refused by name', () => {
  test('a folder that is called like a migration', async () => {
    expect((await look(beside('x.ts/inner.txt', ''))).said).toEqual([
      expect.stringMatching(/^error graph\.bad-module: m\/x\.ts cannot be read: it is a folder/),
    ])
  })

  test.each([
    [
      'Latin-1',
      Buffer.from('// gr\xFC\xDFe aus Wien\n' + migrationText('b2'), 'latin1'),
      /not UTF-8: byte 0xFC at 5\./,
    ],
    ['at the very end', Buffer.concat([Buffer.from('// ä'), Buffer.from([0xe4])]), /byte 0xE4 at 5\./],
    ['a letter that is cut', Buffer.from([0x2f, 0x2f, 0xe2, 0x82]), /byte 0xE2 at 2\./],
    ['UTF-16', Buffer.from('\uFEFFexport {}', 'utf16le'), /byte 0xFF at 0\./],
    [
      'far into the file',
      Buffer.concat([Buffer.from(`// ${'ä😀\uFFFD'.repeat(1000)}`), Buffer.from([0x80, 0x41, 0x42, 0x43])]),
      /byte 0x80 at 9003\./,
    ],
    ['letters that were no letters', Buffer.from([0xed, 0xa0, 0x80]), /byte 0xED at 0\./],
  ])('not UTF-8: %s', async (_name, bytes, pattern) => {
    const { said } = await look(beside('x.ts', bytes))
    expect(said).toEqual([expect.stringMatching(/^error graph\.bad-module: m\/x\.ts is .*Save it as UTF-8/)])
    expect(said[0]).toMatch(pattern)
  })

  test('a replacement character that somebody wrote is a letter like others', async () => {
    expect((await look(beside('x.ts', `// \uFFFD\n${migrationText('b2')}`))).said).toEqual([])
  })

  test('more than 5 MB', async () => {
    const { said } = await look(beside('x.ts', `// ${'x'.repeat(5 * 1024 * 1024)}`))
    expect(said).toEqual([
      expect.stringMatching(/m\/x\.ts has 5\.1 MB; a migration may have 5\..*a file that the migration reads/),
    ])
  })

  test('5 MB are allowed', async () => {
    const text = migrationText('b2')
    expect((await look(beside('x.ts', text + ' '.repeat(5 * 1024 * 1024 - text.length)))).ids).toEqual(['a1', 'b2'])
  })

  test('a pipe, which would be read for ever', async () => {
    const root = beside('b.ts', migrationText('b2'))
    execFileSync('mkfifo', [join(root, 'm/x.ts')])
    expect((await look(root)).said).toEqual([expect.stringMatching(/m\/x\.ts is no file/)])
  })

  testWithModes('what may not be read', async () => {
    const project = createProject({ files: drawn('aaaa > bbbb') })
    chmodSync(project.path('migrations/002_bbbb.ts'), 0)
    for (const command of ['heads', 'upgrade'])
      expect(await project.run([command], { prefix: ordinaryRights })).toMatchObject({
        code: 4,
        stderr: expect.stringMatching(/migrations\/002_bbbb\.ts cannot be read: no permission/),
      })
    expect(existsSync(project.path('mig.sqlite3'))).toBe(false)
  })

  test('several at once, and the sound ones are read', async () => {
    const root = folderWith({
      'm/a.ts': migrationText('a1'),
      'm/b.ts': 'export const = 1',
      'm/c.ts': 'export {}',
      'm/d.ts': migrationText('d4'),
    })
    const { ids, said } = await look(root)
    expect(ids).toEqual(['a1', 'd4'])
    expect(said).toEqual([
      expect.stringMatching(/bad-module: m\/b\.ts:1:14/),
      expect.stringMatching(/bad-header: m\/c\.ts is no migration/),
    ])
  })
})

test('a mistake in a body is found where each file is parsed whole', async () => {
  const root = beside('b.ts', migrationText('b2').replace('up() {}', 'up() { 1 2 }'))
  expect(await look(root)).toMatchObject({ ids: ['a1', 'b2'], said: [] })
  const { migrations, diagnostics } = await discover(root, readTexts(root, [join(root, 'm')]), { isThorough: true })
  expect(migrations.map(({ revision }) => revision.revision)).toEqual(['a1'])
  expect(diagnostics).toMatchObject([{ code: 'graph.bad-module', path: 'm/b.ts', line: 3, column: 31 }])
})

describe('x.ts beside x.js', () => {
  test.each([
    ['x.ts', 'x.js'],
    ['x.mts', 'x.mjs'],
    ['x.cts', 'x.cjs'],
  ])('%s is read, and %s told', async (source, compiled) => {
    const root = folderWith({ [`m/${source}`]: migrationText('a1'), [`m/${compiled}`]: migrationText('a1') })
    const { ids, said, diagnostics } = await look(root)
    expect(ids).toEqual(['a1'])
    expect(said).toEqual([
      expect.stringMatching(new RegExp(`^warning graph\\.shadowed-file: ${compiled} lies beside ${source}`)),
    ])
    expect(diagnostics[0]?.path).toBe(`m/${compiled}`)
  })

  test('names that only look so are two migrations', async () => {
    const root = folderWith({ 'm/x.ts': migrationText('a1'), 'm/x.mjs': migrationText('b2') })
    expect(await look(root)).toMatchObject({ ids: ['b2', 'a1'], said: [] })
  })
})

describe('line ends and the byte order mark', () => {
  test.each([
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['CR', (text: string) => text.replaceAll('\n', '\r')],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    ['blank lines at the end', (text: string) => `${text}\n\n`],
    ['no line end at the end', (text: string) => text.trimEnd()],
  ])('%s: the same migration with the same checksum', async (_name, change) => {
    const text = migrationText('a1')
    const { migrations, said } = await look(folderWith({ 'm/a.ts': change(text) }))
    expect(said).toEqual([])
    expect(migrations[0]?.checksum()).toBe(checksum(text))
  })
})

describe('folders', () => {
  test('an empty one has no migrations', async () => {
    const root = folderWith()
    mkdirSync(join(root, 'm'))
    expect(await look(root)).toMatchObject({ ids: [], said: [] })
  })

  test.each([
    ['a missing one', 'gone', /The migrations folder gone cannot be read: it does not exist[^]*mig init/],
    ['a file', 'm/a.ts', /The migrations folder m\/a\.ts cannot be read: it is not a folder/],
  ])('%s is refused', async (_name, folder, pattern) => {
    const error = await errorOfAsync(() => look(beside('b.ts', migrationText('b2')), folder))
    expect(error).toMatchObject({ code: 'config.not-found', exitCode: 2 })
    expect(saidBy(error)).toMatch(pattern)
  })

  test('several are read one after the other, each with its place', async () => {
    const root = folderWith({ 'z/a.ts': migrationText('a1'), 'b/c.ts': migrationText('c3') })
    expect((await look(root, 'z', 'b')).migrations.map(({ revision }) => revision.path)).toEqual(['z/a.ts', 'b/c.ts'])
  })

  test('one that is listed twice is read once', async () => {
    expect((await look(beside('b.ts', migrationText('b2')), 'm', './m', 'm/../m')).ids).toEqual(['a1', 'b2'])
  })
})

test('what was read is kept: a file that changes later does not change what was found', async () => {
  const root = folderWith({ 'm/a.ts': migrationText('a1') })
  const { migrations } = await look(root)
  writeFileSync(join(root, 'm/a.ts'), migrationText('b2'))
  expect(migrations[0]?.text).toBe(migrationText('a1'))
  expect(migrations[0]?.checksum()).toBe(checksum(migrationText('a1')))
})

test.each([
  ['/a', '/a/b/c.ts', 'b/c.ts'],
  ['/a', '/a', '.'],
  ['/a/b', '/a/c.ts', '/a/c.ts'],
])('from %s, %s is shown as %s', (root, path, expected) => expect(display(root, path)).toBe(expected))
