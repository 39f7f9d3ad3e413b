// Lists are explicit: what exists is in its list, and what is in a list exists.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'

import { commands } from '../src/commands/index.js'
import { codes, exitCodes, type Code, type Kind } from '../src/core/codes.js'
import * as errors from '../src/core/errors.js'
import { repository } from './support/program.js'

const sources = filesIn('src')

describe('commands', () => {
  test('each file that defines one is in the list, under its own name', () => {
    const defining = sources.filter(
      ({ path, text }) => path.startsWith('src/commands/') && /= defineCommand\(/.test(text),
    )
    const names = defining.map(({ path }) => path.replace('src/commands/', '').replace('.ts', ''))
    expect(names.sort()).toEqual(commands.map(({ name }) => name).sort())
  })

  test('names and aliases are used once', () => {
    const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    expect(names).toEqual([...new Set(names)])
  })

  test.each(commands.map((command) => [command.name, command] as const))('%s describes itself', (name, command) => {
    expect(command.summary).toMatch(/^[A-Z].*[^.]$/)
    expect(command.description).toMatch(/^[A-Z].*\.$/s)
    expect(command.examples.length).toBeGreaterThan(0)
    for (const [line] of command.examples) expect(line).toMatch(new RegExp(`^mig ${name}\\b`))
    for (const spec of Object.values(command.options)) expect(spec.describe).toMatch(/^[A-Z].*[^.]$/)
  })
})

describe('codes', () => {
  const known = Object.keys(codes) as Code[]
  const used = new Map<string, string[]>()
  for (const { path, text } of sources) {
    if (path === 'src/core/codes.ts') continue
    for (const [, code = ''] of text.matchAll(/['"]([a-z]+\.[a-z]+(?:-[a-z]+)*)['"]/g))
      used.set(code, [...(used.get(code) ?? []), path])
  }

  test.each(known)('%s is said somewhere', (code) => expect(used.has(code)).toBe(true))

  test('no other is said', () => {
    const spaces = new Set(known.map((code) => code.split('.')[0]))
    const isCode = (text: string) => spaces.has(text.split('.')[0]) && !/\.(ts|js|json|sqlite3)$/.test(text)
    expect([...used.keys()].filter((code) => isCode(code) && !known.includes(code as Code))).toEqual([])
  })

  test.each(known)('%s has its meaning in full sentences', (code) => {
    expect(codes[code].means).toMatch(/[.]$/)
    expect(codes[code].act).toMatch(/[.?]$/)
  })

  test('the kind of a code is the error that is thrown with it', () => {
    const wrong: string[] = []
    for (const { path, text } of sources)
      for (const [, name = '', code = ''] of text.matchAll(/new (\w+Error)\(\s*'([a-z]+\.[a-z-]+)'/g)) {
        const kind = name.replace('Error', '').toLowerCase()
        if (codes[code as Code].kind !== kind) wrong.push(`${path}: ${name} with ${code}`)
      }
    expect(wrong).toEqual([])
  })

  test('each kind has an error of its own with the exit code of the architecture', () => {
    expect(exitCodes).toEqual({
      ...{ migration: 1, usage: 2, lock: 3, graph: 4, history: 5, partial: 6, finding: 7, engine: 8 },
      ...{ internal: 70, interrupted: 130 },
    })
    const classes: Readonly<
      Record<Exclude<Kind, 'finding' | 'interrupted'>, new (code: never, message: string) => errors.MigError>
    > = {
      migration: errors.MigrationError,
      usage: errors.UsageError,
      lock: errors.LockError,
      graph: errors.GraphError,
      history: errors.HistoryError,
      partial: errors.PartialError,
      engine: errors.EngineError,
      internal: errors.InternalError,
    }
    for (const code of known) {
      const { kind } = codes[code]
      if (kind === 'finding' || kind === 'interrupted') continue
      const error = new classes[kind](code as never, 'A message.')
      expect(error).toMatchObject({
        code,
        exitCode: exitCodes[kind],
        name: `${kind[0]?.toUpperCase()}${kind.slice(1)}Error`,
      })
      expect(error.diagnostics).toEqual([{ code, severity: 'error', message: 'A message.' }])
    }
    expect(new errors.InterruptedError('SIGINT').exitCode).toBe(130)
    expect(new errors.InterruptedError('SIGTERM').exitCode).toBe(143)
    expect(new errors.InterruptedError('SIGHUP').exitCode).toBe(143)
    expect(new errors.InterruptedError('caller').exitCode).toBe(130)
  })
})

function filesIn(folder: string): { path: string; text: string }[] {
  return readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }))
}
