// Project: a folder becomes a graph, or one report of everything that is wrong with it.

import { chmodSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'
import { heads } from '../../src/core/graph/graph.js'
import { planUpgrade } from '../../src/core/graph/upgrade.js'
import { readConfig } from '../../src/files/config.js'
import { openProject, readFolders } from '../../src/files/project.js'
import { diffFiles, diffSources } from '../../src/files/source-diff.js'
import { folderWith, migrationText } from '../support/folder.js'
import { standing, stepsOf } from '../support/graph.js'
import { errorOfAsync, saidBy } from '../support/thrown.js'

async function project(files: Readonly<Record<string, string>>, migrations: string[] = ['m']) {
  const cwd = folderWith(files)
  const loader = { importModule: () => Promise.reject(new Error('nothing is to be imported')) }
  const config = await readConfig({ cwd, env: {}, config: { migrations } }, loader)
  return () => openProject(config)
}

test('a folder becomes a graph without running a file', async () => {
  const open = await project({
    'm/1_a1_x.ts': `throw new Error('this file was run')\n${migrationText('a1')}`,
    'm/2_b2_y.js': migrationText('b2', 'a1'),
    'm/_helper.ts': '%%',
  })
  const { graph, files, remarks } = await open()
  expect(stepsOf(planUpgrade(standing(graph), 'head'))).toBe('+a1 +b2')
  expect(files.get('b2')?.file).toMatch(/m[\\/]2_b2_y\.js$/)
  expect(remarks).toEqual([])
})

test('two folders are one graph', async () => {
  const open = await project({ 'm/a.ts': migrationText('a1'), 'n/b.ts': migrationText('b2', 'a1') }, ['m', 'n'])
  expect(heads((await open()).graph)).toEqual(['b2'])
})

test('an empty folder is an empty graph', async () => {
  const open = await project({ 'm/.keep': '' })
  expect((await open()).graph.revisions.size).toBe(0)
})

test('a missing folder is refused', async () => {
  expect((await errorOfAsync(await project({}))).code).toBe('config.not-found')
})

describe('everything that is wrong is reported at once', () => {
  test('files and graph', async () => {
    const open = await project({
      'm/a.ts': migrationText('a1', 'c3'),
      'm/b.ts': migrationText('a1'),
      'm/c.ts': migrationText('c3', 'a1'),
      'm/d.ts': 'export const = 1',
      'm/e.ts': 'export {}',
      'm/f.ts': migrationText('head'),
    })
    const error = await errorOfAsync(open)
    expect(error.exitCode).toBe(4)
    expect(error.diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'graph.bad-module m/d.ts',
      'graph.bad-header m/e.ts',
      'graph.illegal-id m/f.ts',
      'graph.duplicate-revision m/b.ts',
    ])
  })

  test('a parent that is missing because its file is broken is no second finding', async () => {
    const open = await project({ 'm/a.ts': 'export const = 1', 'm/b.ts': migrationText('b2', 'a1') })
    expect((await errorOfAsync(open)).diagnostics.map(({ code }) => code)).toEqual(['graph.bad-module'])
  })

  test('a parent that is missing otherwise is one', async () => {
    const open = await project({ 'm/a.ts': migrationText('aaaa1111'), 'm/b.ts': migrationText('b2', 'aaaa1112') })
    expect(saidBy(await errorOfAsync(open))).toMatch(
      /^graph\.missing-parent: b2 \(m\/b\.ts\) names aaaa1112 as its downRevision.*\nDid you mean aaaa1111\?/,
    )
  })

  test('a warning stops nothing and is kept', async () => {
    const open = await project({ 'm/a.ts': migrationText('a1'), 'm/a.js': migrationText('a1') })
    const { remarks } = await open()
    expect(remarks).toMatchObject([{ code: 'graph.shadowed-file', severity: 'warning' }])
  })
})

describe('who may write', () => {
  const own = { 'm/a.ts': migrationText('a1'), 'm/b.ts': migrationText('b2', 'a1'), 'n/c.ts': migrationText('c3') }
  const remarksOn = async (...open: readonly string[]) => {
    const opened = await project(own, ['m', 'n'])
    const { config } = await opened()
    for (const path of open) chmodSync(join(config.root, path), 0o777)
    return (await readFolders(config, { isThorough: true })).diagnostics
  }
  const testModes = process.platform === 'win32' ? test.skip : test

  test('nothing is said where only the owner and the group can', async () => expect(await remarksOn()).toEqual([]))

  testModes('a folder that everyone can write into', async () => {
    expect(await remarksOn('m')).toEqual([
      {
        code: 'graph.world-writable',
        severity: 'warning',
        message: expect.stringMatching(
          /^Every user of this machine can write m; .* rights of whoever runs mig, .* database user/,
        ),
        hint: 'chmod o-w m',
        path: 'm',
      },
    ])
  })

  testModes('migrations that everyone can write, reported once for each folder', async () => {
    expect(await remarksOn('m/a.ts', 'm/b.ts', 'n/c.ts', 'n')).toMatchObject([
      { message: expect.stringContaining('can write m/a.ts and 1 more;'), hint: 'chmod o-w m/a.ts m/b.ts', path: 'm' },
      { message: expect.stringContaining('can write n and 1 more;'), hint: 'chmod o-w n n/c.ts', path: 'n' },
    ])
  })
})

test('1,000 files are read, none of them run', async () => {
  const id = (index: number) => `r${String(index).padStart(6, '0')}`
  const files = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [
      join('m', `${id(index)}.ts`),
      `throw 1\n${migrationText(id(index), index === 0 ? null : id(index - 1))}`,
    ]),
  )
  const open = await project(files)
  expect(heads((await open()).graph)).toEqual([id(999)])
})

test('what changed since a migration was applied is reported as a diff, line ends aside', async () => {
  expect(await diffSources('a\nb\nc\nd\ne\nf\n', '\uFEFFa\r\nb\r\nc\r\nD\r\ne\r\nf')).toBe(
    '@@ -2,5 +2,5 @@\n b\n c\n-d\n+D\n e\n f',
  )
  expect(await diffSources('a\n', 'a\r\n')).toBe('')
})

test('several files are one patch, in which a file can come and go', async () => {
  const changes = [
    { path: 'm/a.ts', stored: 'a\n', text: 'b' },
    { path: 'm/_new', stored: null, text: 'new' },
    { path: 'm/_old', stored: 'old\n', text: null },
  ]
  expect(await diffFiles(changes)).toBe(
    [
      '--- m/a.ts\n+++ m/a.ts\n@@ -1,1 +1,1 @@\n-a\n+b',
      '--- /dev/null\n+++ m/_new\n@@ -0,0 +1,1 @@\n+new',
      '--- m/_old\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-old',
    ].join('\n'),
  )
})
