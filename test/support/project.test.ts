// A temporary project is what a user has after installing the package, and runs the built program.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { createProject } from './project.js'

test('files are written, read and removed', async () => {
  const project = createProject({ files: { 'migrations/a.ts': 'export {}\n' }, folderName: 'a folder, with blanks' })
  expect(project.folder).toMatch(/a folder, with blanks$/)
  expect(project.read('migrations/a.ts')).toBe('export {}\n')
  project.write('deep/er/b.txt', 'b')
  expect(existsSync(project.path('deep', 'er', 'b.txt'))).toBe(true)
  await project.remove()
  expect(existsSync(project.folder)).toBe(false)
})

test.each(['module', 'commonjs'] as const)('a %s project finds the package and its drivers', (type) => {
  const names = ['knex-mig', 'knex-mig/guard', 'knex', 'pg', 'mysql2', 'better-sqlite3']
  const script = `for (const name of ${JSON.stringify(names)}) await import(name)\n`
  const project = createProject({ type, files: { 'look.mjs': script } })
  execFileSync(process.execPath, [project.path('look.mjs')])
})

test('the program runs in the project, to its end', async () => {
  const project = createProject()
  const result = await project.run(['--help'])
  expect(result).toMatchObject({ code: 0, signal: null, stderr: '' })
  expect(result.stdout).toContain('mig')
})

test('output is waited for, and a program that ends without it is reported', async () => {
  const project = createProject()
  const program = project.start(['--help'])
  await program.waitForOutput(/mig/)
  await expect(program.waitForOutput(/never said/)).rejects.toThrow('waited for /never said/; it said:')
})

test('a program that takes too long is killed', async () => {
  const project = createProject()
  await expect(project.run(['--help'], { timeoutMs: 1 })).rejects.toThrow('still running after 1 ms')
})
