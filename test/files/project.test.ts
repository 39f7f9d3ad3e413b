// Project: a folder becomes a graph, or one report of everything that is wrong with it.

import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'
import { heads } from '../../src/core/graph/graph.js'
import { planUpgrade } from '../../src/core/graph/plan.js'
import { readConfig } from '../../src/files/config.js'
import { openProject } from '../../src/files/project.js'
import { diffSources } from '../../src/files/source-diff.js'
import { folderWith, migrationText } from '../support/folder.js'
import { standing, stepsOf } from '../support/graph.js'
import { errorOf, saidBy } from '../support/thrown.js'

async function project(files: Readonly<Record<string, string>>, migrations: string[] = ['m']) {
  const cwd = folderWith(files)
  const loader = {
    importModule: () => Promise.reject(new Error('nothing is to be imported')),
    close: () => Promise.resolve(),
  }
  const config = await readConfig({ cwd, env: {}, config: { migrations } }, loader)
  return () => openProject(config)
}

test('a folder becomes a graph without running a file', async () => {
  const open = await project({
    'm/1_a1_x.ts': `throw new Error('this file was run')\n${migrationText('a1')}`,
    'm/2_b2_y.js': migrationText('b2', 'a1'),
    'm/_helper.ts': '%%',
  })
  const { graph, files, remarks } = open()
  expect(stepsOf(planUpgrade(standing(graph), 'head'))).toBe('+a1 +b2')
  expect(files.get('b2')?.file).toMatch(/m[\\/]2_b2_y\.js$/)
  expect(remarks).toEqual([])
})

test('two folders are one graph', async () => {
  const open = await project({ 'm/a.ts': migrationText('a1'), 'n/b.ts': migrationText('b2', 'a1') }, ['m', 'n'])
  expect(heads(open().graph)).toEqual(['b2'])
})

test('an empty folder is an empty graph', async () => {
  expect((await project({ 'm/.keep': '' }))().graph.revisions.size).toBe(0)
})

test('a missing folder is refused', async () => {
  expect(errorOf(await project({})).code).toBe('config.not-found')
})

describe('everything that is wrong is told at once', () => {
  test('files and graph', async () => {
    const open = await project({
      'm/a.ts': migrationText('a1', 'c3'),
      'm/b.ts': migrationText('a1'),
      'm/c.ts': migrationText('c3', 'a1'),
      'm/d.ts': 'export const = 1',
      'm/e.ts': 'export {}',
      'm/f.ts': migrationText('head'),
    })
    const error = errorOf(open)
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
    expect(errorOf(open).diagnostics.map(({ code }) => code)).toEqual(['graph.bad-module'])
  })

  test('a parent that is missing otherwise is one', async () => {
    const open = await project({ 'm/a.ts': migrationText('aaaa1111'), 'm/b.ts': migrationText('b2', 'aaaa1112') })
    expect(saidBy(errorOf(open))).toMatch(
      /^graph\.missing-parent: b2 \(m\/b\.ts\) names aaaa1112 as its downRevision.*\nDid you mean aaaa1111\?/,
    )
  })

  test('a warning stops nothing and is kept', async () => {
    const { remarks } = (await project({ 'm/a.ts': migrationText('a1'), 'm/a.js': migrationText('a1') }))()
    expect(remarks).toMatchObject([{ code: 'graph.shadowed-file', severity: 'warning' }])
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
  expect(heads((await project(files))().graph)).toEqual([id(999)])
})

test('what changed since a migration was applied is told as a diff, line ends aside', async () => {
  expect(await diffSources('a\nb\nc\nd\ne\nf\n', '\uFEFFa\r\nb\r\nc\r\nD\r\ne\r\nf')).toBe(
    '@@ -2,5 +2,5 @@\n b\n c\n-d\n+D\n e\n f',
  )
  expect(await diffSources('a\n', 'a\r\n')).toBe('')
})
