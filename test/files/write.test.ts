// New migration files: their names, their text, and how they reach the disk.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'
import { parseSync } from 'oxc-parser'
import { discover } from '../../src/files/discover.js'
import { readTexts } from '../../src/files/texts.js'
import { readHeader as readWith } from '../../src/files/header.js'
import {
  assertWritable,
  extensionOf,
  fileName,
  fillTemplate,
  newRevisionId,
  ownTemplate,
  readTemplate,
  slug,
  writeAllNew,
  writeNew,
  type Draft,
} from '../../src/files/write.js'
import { folderWith, migrationText } from '../support/folder.js'
import { built } from '../support/built.js'
import { randomNumbers } from '../support/random.js'
import { testWithDisk, withSmallDisk } from '../support/small-disk.js'
import { errorOf, errorOfAsync, saidBy } from '../support/thrown.js'

const readHeader = (path: string, text: string) => readWith(parseSync, path, text)

const draft = (changes: Partial<Draft> = {}): Draft => ({
  revision: 'c9b52448285b',
  message: 'add city',
  downRevisions: ['a1'],
  branchLabels: [],
  dependsOn: [],
  stamp: { year: '2026', month: '01', day: '02', hour: '03', minute: '04', second: '05' },
  ...changes,
})

describe('a slug', () => {
  test.each([
    ['add city', 'add_city'],
    ['Add City!', 'add_city'],
    ["it's", 'it_s'],
    ['"quoted" `ticks` ${hole}', 'quoted_ticks_hole'],
    ['two\nlines\r\nthree', 'two_lines_three'],
    ['../../etc/passwd', 'etc_passwd'],
    ['..\\..\\windows', 'windows'],
    ['/absolute', 'absolute'],
    ['C:\\con', 'c_con'],
    ['Größe ändern', 'gro_e_andern'],
    ['ﬁle №1', 'file_no1'],
    ['😀', ''],
    ['漢字', ''],
    ['...', ''],
    ['', ''],
    ['\0', ''],
    ['\u202Egnp.exe', 'gnp_exe'],
    ['раураl', 'l'], // Cyrillic but for the last letter
    ['__x__', 'x'],
    ['x'.repeat(500), 'x'.repeat(60)],
    [`${'x'.repeat(59)} y`, 'x'.repeat(59)],
    ['İstanbul', 'istanbul'],
  ])('%j → %j', (text, expected) => expect(slug(text)).toBe(expected))

  test('has nothing but a-z, 0-9 and _, whatever it is made of', () => {
    const random = randomNumbers(7)
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: 100 }, () => String.fromCharCode(Math.floor(random() * 0x10000))).join('')
      expect(slug(text)).toMatch(/^([a-z0-9]+(_[a-z0-9]+)*)?$/)
      expect(slug(text).length).toBeLessThanOrEqual(60)
    }
  })
})

describe('a file name', () => {
  test.each([
    ['{date}_{revision}_{slug}', 'add city', '20260102030405_c9b52448285b_add_city.ts'],
    ['{year}-{month}-{day}T{hour}.{minute}.{second}_{revision}', 'x', '2026-01-02T03.04.05_c9b52448285b.ts'],
    ['{date}_{revision}_{slug}', '😀', '20260102030405_c9b52448285b.ts'],
    ['{slug}_{revision}', '😀', 'c9b52448285b.ts'],
    ['{slug}.{revision}', '😀', 'c9b52448285b.ts'],
    ['{revision}_{slug}', 'con', 'c9b52448285b_con.ts'],
    ['{revision}{constructor}{nothing}', 'x', 'c9b52448285b{constructor}{nothing}.ts'],
    ['{revision}_{slug}', '{revision}', 'c9b52448285b_revision.ts'],
  ])('%s of %j', (template, message, expected) => expect(fileName(template, '.ts', draft({ message }))).toBe(expected))

  // learn.microsoft.com/windows/win32/fileio/naming-a-file: reserved in any case, and whatever follows the first full stop.
  const devices = ['con', 'prn', 'aux', 'nul', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => [`com${n}`, `lpt${n}`])]
  test.each([
    '{slug}',
    '{slug}.{revision}',
    '{slug}.{date}_{revision}',
    '{revision}_{slug}',
    '{date}_{revision}_{slug}',
  ])('made with %s is never that of a Windows device', (template) => {
    for (const device of [...devices, ...devices.map((name) => name.toUpperCase())]) {
      const name = fileName(template, '.ts', draft({ message: device }))
      expect(name).toContain(device.toLowerCase())
      expect(devices).not.toContain(name.split('.')[0])
    }
  })

  test('of a revision that is called like a device is changed too', () => {
    expect(fileName('{revision}', '.ts', draft({ revision: 'AUX', message: 'x' }))).toBe('AUX_.ts')
    expect(fileName('{revision}_{slug}', '.ts', draft({ revision: 'aux', message: 'x' }))).toBe('aux_x.ts')
  })

  test.each([
    ['x/_template.ts.tmpl', '.ts'],
    ['template.mts.tmpl', '.mts'],
    ['template.cjs', '.cjs'],
    ['template.js.tmpl', '.js'],
    ['template.tmpl', '.ts'],
    ['template.txt', '.ts'],
    ['.ts', '.ts'],
  ])('the template %s makes %s', (path, expected) => expect(extensionOf(path)).toBe(expected))
})

describe('a text', () => {
  const written = (changes: Partial<Draft>) =>
    readHeader('m.ts', fillTemplate(ownTemplate('migration'), draft(changes)))

  test('says what was meant', () => {
    expect(written({ downRevisions: ['a1', 'b2'], branchLabels: ['billing'], dependsOn: ['d4'] })).toMatchObject({
      diagnostics: [],
      header: {
        revision: 'c9b52448285b',
        downRevisions: ['a1', 'b2'],
        branchLabels: ['billing'],
        dependsOn: ['d4'],
        message: 'add city',
      },
    })
    expect(written({ downRevisions: [] }).header?.downRevisions).toEqual([])
  })

  test('of the templates that come with mig begins with what it is', () => {
    expect(fillTemplate(ownTemplate('migration'), draft())).toMatch(
      /^\/\*\* add city \*\/\nimport type \{ Knex \} from 'knex'\n\nexport const revision = 'c9b52448285b'\nexport const downRevision = 'a1'\n\nexport async function up/,
    )
    expect(
      readHeader('m.ts', fillTemplate(ownTemplate('merge'), draft({ downRevisions: ['a', 'b'] }))).header
        ?.downRevisions,
    ).toEqual(['a', 'b'])
  })

  test.each([
    '*/ process.exit() /*',
    '*/',
    '/*',
    '**/',
    '* star',
    '/',
    '//',
    '`${process.exit()}`',
    "'; drop table users; --",
    '"double" and \'single\'',
    '</script><script>alert(1)</script>',
    '<!-- x -->',
    '{{revision}} {{message}}',
    "$& $1 $` $' $$",
    '\\',
    '\\u002a/',
    '@ts-nocheck',
    '\\@param',
    'add city\n@param x\n  @returns y\n@home',
    '# sourceMappingURL=data:x',
    '漢字 😀 ünï',
    '\u202Ereversed',
    'tab\there',
    'nul\0here',
    '\u001B[31mred',
    'x'.repeat(10_000),
    'two\nlines',
    'two\n\n  indented\n* list\n*/ end',
  ])('%j comes back as it was', (message) => {
    const { header, diagnostics } = written({ message })
    expect(diagnostics).toEqual([])
    expect(header).toMatchObject({ message, revision: 'c9b52448285b', downRevisions: ['a1'] })
  })

  test.each([
    ['a\u2028b\u2029c', 'a\nb\nc'],
    ['a\r\nb\rc', 'a\nb\nc'],
    ['  around  ', 'around'],
  ])('%j comes back as lines', (message, expected) => {
    const text = fillTemplate(ownTemplate('migration'), draft({ message }))
    expect(text).not.toMatch(/[\u2028\u2029\r]/)
    expect(readHeader('m.ts', text).header?.message).toBe(expected)
  })

  test('holds as many exports as it should, whatever the message is made of', () => {
    const random = randomNumbers(11)
    const pieces = [
      '*/',
      '/*',
      '*',
      '/',
      '`',
      '${',
      '}',
      "'",
      '"',
      '\\',
      '\n',
      '\r',
      '\u2028',
      '//',
      'export ',
      '{{revision}}',
      '\0',
      ' ',
    ]
    for (let round = 0; round < 300; round++) {
      const message = Array.from({ length: 12 }, () => pieces[Math.floor(random() * pieces.length)]).join('')
      const text = fillTemplate(`${ownTemplate('migration')}export const message = {{message}}\n`, draft({ message }))
      const { header, diagnostics } = readHeader('m.ts', text)
      expect(diagnostics).toEqual([])
      expect(header).toMatchObject({ revision: 'c9b52448285b', downRevisions: ['a1'], branchLabels: [], dependsOn: [] })
    }
  })

  test('a message as a literal is the same text', () => {
    const template = `${ownTemplate('migration')}export const irreversible = {{message}}\n`
    for (const message of ["it's", '"', '`${1}`', '\\', '\n\r\u2028\u2029\0', '*/', '</script>', '😀', ''])
      expect(readHeader('m.ts', fillTemplate(template, draft({ message }))).header?.irreversible).toBe(message)
  })

  test('what is no placeholder stays', () => {
    expect(fillTemplate('{{nothing}} {{constructor}} {{ revision }} {revision} {{date}}', draft())).toBe(
      '{{nothing}} {{constructor}} {{ revision }} {revision} 2026-01-02 03:04',
    )
  })
})

describe('a template of one’s own', () => {
  test('is read', () => {
    const root = folderWith({ 'my.ts.tmpl': 'x {{revision}}' })
    expect(readTemplate(root, join(root, 'my.ts.tmpl'))).toBe('x {{revision}}')
  })

  test('that is missing is reported from the root', () => {
    const root = folderWith()
    const error = errorOf(() => readTemplate(root, join(root, 'gone.tmpl')))
    expect(saidBy(error)).toMatch(
      /^usage\.bad-template: The template gone\.tmpl cannot be read: it does not exist\.[^]*`template` in mig\.config/,
    )
  })

  test.each([
    ['nothing in it', '', /does not produce a migration: .*exports no revision/],
    ['a syntax error', 'export const revision = {{revision}', /m\.ts:1:\d+ has a syntax error/],
    [
      'quotes around a placeholder',
      `export const revision = '{{revision}}'`,
      /does not produce a migration[^]*without quotes around it/,
    ],
    ['another revision', `${migrationText('zz')}`, /its header is not what was asked for/],
    [
      'no parent',
      `export const revision = {{revision}}\nexport const downRevision = null\nexport function up() {}\nexport function down() {}`,
      /its header is not what was asked for/,
    ],
    [
      'labels left out',
      `export const revision = {{revision}}\nexport const downRevision = {{downRevision}}\nexport function up() {}\nexport function down() {}`,
      /its header is not/,
    ],
  ])('with %s is refused before anything is written', async (_name, template, pattern) => {
    const meant = draft({ branchLabels: ['billing'] })
    const error = await errorOfAsync(() => assertWritable('m.ts', fillTemplate(template, meant), meant))
    expect(error.code).toBe('usage.bad-template')
    expect(saidBy(error)).toMatch(pattern)
  })

  test('that is right passes', async () => {
    const checked = assertWritable('m.ts', fillTemplate(ownTemplate('migration'), draft()), draft())
    await expect(checked).resolves.toBeUndefined()
  })
})

test('a new id has twelve hexadecimal digits and is taken by nobody', () => {
  const seen: string[] = []
  const id = newRevisionId((candidate) => seen.push(candidate) < 3)
  expect(id).toMatch(/^[0-9a-f]{12}$/)
  expect(seen).toHaveLength(3)
  expect(new Set(seen).size).toBe(3)
  expect(id).toBe(seen[2])
})

describe('writing', () => {
  test('makes the folders that are missing, and leaves nothing else', () => {
    const root = folderWith()
    writeNew(root, join(root, 'deep/er/a.ts'), 'text')
    expect(readFileSync(join(root, 'deep/er/a.ts'), 'utf8')).toBe('text')
    expect(readdirSync(join(root, 'deep/er'))).toEqual(['a.ts'])
  })

  test.each([
    ['a file', (path: string) => writeFileSync(path, 'mine')],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a link that leads nowhere', (path: string) => symlinkSync('nowhere', path)],
  ])('never replaces %s', (_name, make) => {
    const root = folderWith()
    make(join(root, 'a.ts'))
    const error = errorOf(() => writeNew(root, join(root, 'a.ts'), 'text'))
    expect(error).toMatchObject({ code: 'usage.file-exists', exitCode: 2 })
    expect(saidBy(error)).toMatch(/a\.ts is already there; nothing was written\.[^]*another name/)
    expect(readdirSync(root)).toEqual(['a.ts'])
    expect(existsSync(join(root, 'nowhere'))).toBe(false)
  })

  test('where a folder should be and a file is', () => {
    const root = folderWith({ m: 'a file' })
    const error = errorOf(() => writeNew(root, join(root, 'm/a.ts'), 'text'))
    expect(error.code).toBe('usage.write-failed')
    expect(saidBy(error)).toMatch(/m\/a\.ts could not be written: .*No half file was left/)
  })

  const testOnLinux = process.platform === 'linux' ? test : test.skip
  testOnLinux('where nobody can write', () => {
    const error = errorOf(() => writeNew('/', '/proc/a.ts', 'text'))
    expect(saidBy(error)).toMatch(/^usage\.write-failed: proc\/a\.ts could not be written/)
  })

  // A process that may write no more than one block to a file, as a full disk would let it.
  test('a disk that is full leaves no half file', () => {
    const root = folderWith()
    const write = built('src/files/write.ts')
    const script = `import { writeNew } from ${JSON.stringify(write)}
process.on('SIGXFSZ', () => {})
try { writeNew(${JSON.stringify(root)}, ${JSON.stringify(join(root, 'm/a.ts'))}, 'x'.repeat(100_000)) } catch (error) { console.log(error.code, error.message) }`
    const { stdout } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 1 && exec "$0" --input-type=module -e "$1"', process.execPath, script],
      { encoding: 'utf8' },
    )
    expect(stdout).toMatch(/^usage\.write-failed m\/a\.ts could not be written: .*No half file was left/)
    expect(readdirSync(join(root, 'm'))).toEqual([])
  })

  testWithDisk('a small disk that is full leaves no half file', () =>
    withSmallDisk('64k', (disk) => {
      const error = errorOf(() => writeNew(disk, join(disk, 'a.ts'), 'x'.repeat(100_000)))
      expect(saidBy(error)).toMatch(
        /^usage\.write-failed: a\.ts could not be written: the disk is full\. No half file was left\.\nMake room/,
      )
      expect(readdirSync(disk)).toEqual([])
    }),
  )

  test('of several writers of one file exactly one wins, and its text is whole', async () => {
    const root = folderWith()
    const write = built('src/files/write.ts')
    const { spawn } = await import('node:child_process')
    const writers = Array.from({ length: 6 }, (_, index) => {
      const script = `import { writeNew } from ${JSON.stringify(write)}
try { writeNew(${JSON.stringify(root)}, ${JSON.stringify(join(root, 'm/a.ts'))}, '${index}'.repeat(200_000)); process.exit(0) } catch (error) { process.exit(error.code === 'usage.file-exists' ? 2 : 70) }`
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
      return new Promise<number | null>((done) => child.on('exit', done))
    })
    const codes = await Promise.all(writers)
    expect(codes.toSorted()).toEqual([0, 2, 2, 2, 2, 2])
    expect(readFileSync(join(root, 'm/a.ts'), 'utf8')).toBe(String(codes.indexOf(0)).repeat(200_000))
    expect(readdirSync(join(root, 'm'))).toEqual(['a.ts'])
  })

  test('what a killed writer leaves is no migration', async () => {
    const root = folderWith({ 'm/.a.ts.1234abcd.tmp': 'half a fi', 'm/a.ts': migrationText('a1') })
    expect(await discover(root, readTexts(root, [join(root, 'm')]))).toMatchObject({
      migrations: [{ revision: { revision: 'a1' } }],
      diagnostics: [],
    })
  })

  test('several files are all written, or none where one is there', () => {
    const root = folderWith({ 'b.txt': 'mine' })
    const files = [
      { name: 'a.txt', text: 'a' },
      { name: 'b.txt', text: 'b' },
    ]
    const error = errorOf(() => writeAllNew(root, files, ['c.txt']))
    expect(saidBy(error)).toMatch(/^usage\.file-exists: b\.txt is there already; nothing was written/)
    expect(readdirSync(root)).toEqual(['b.txt'])
    rmSync(join(root, 'b.txt'))
    writeFileSync(join(root, 'c.txt'), '')
    expect(errorOf(() => writeAllNew(root, files, ['c.txt'])).message).toMatch(/^c\.txt is there already/)
    rmSync(join(root, 'c.txt'))
    writeAllNew(root, files, ['c.txt'])
    expect(readdirSync(root)).toEqual(['a.txt', 'b.txt'])
  })
})
