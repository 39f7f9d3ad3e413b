// The house: which file stands in which room, and what a room may know. A new room or package is a line in this table.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'

import { circles, housekeeping, manners, strayWrites, type House } from './support/architecture.js'
import { repository } from './support/program.js'
import { readSourceFile, type SourceFile } from './support/source-file.js'

const files = readSourceFiles(join(repository, 'src'))

const print = ['console.*', 'process.exit*']
const surroundings = ['process.*', 'console.*', 'Date.now', 'new Date()', 'Math.random', 'performance.*']

/** What several commands share: none of it is a command. */
const lowerRooms = ['step', 'lock', 'history', 'session', 'engines index', 'engines', 'files', 'core', 'package']

/** The most special room first: a file stands in the first one that matches. Arrows go down only. */
const house: House = {
  index: {
    files: /^index\.ts$/,
    rooms: ['guard', 'commands index', 'commands', 'command parts', 'runner', ...lowerRooms],
    packages: [],
    typesOfPackages: ['knex'],
    mustNotUse: print,
  },
  guard: {
    files: /^guard\.ts$/,
    rooms: [],
    packages: [],
    typesOfPackages: ['knex'],
    mustNotUse: print,
  },
  package: {
    files: /^package\.ts$/,
    rooms: [],
    packages: ['node:fs'],
    mustNotUse: print,
  },
  cli: {
    files: /^cli\//,
    rooms: ['commands index', 'commands', 'command parts', 'core', 'package'],
    packages: ['picocolors', 'yocto-spinner', 'node:*'],
    mustNotUse: [],
  },
  'commands index': {
    files: /^commands\/index\.ts$/,
    rooms: ['command parts', 'commands'],
    packages: [],
    mustNotUse: print,
  },
  // What several commands need: the folders below commands/.
  'command parts': {
    files: /^commands\/[^/]+\//,
    rooms: ['runner', ...lowerRooms],
    packages: ['node:path'], // only computes
    typesOfPackages: ['knex'],
    mustNotUse: print,
  },
  commands: {
    files: /^commands\/[^/]+\.ts$/,
    neighbourly: false,
    rooms: ['command parts', 'runner', ...lowerRooms],
    packages: ['node:path'], // only computes
    typesOfPackages: ['knex'],
    mustNotUse: print,
  },
  runner: room('runner', ['step', 'lock', 'history', 'session', 'engines index', 'engines', 'core']),
  step: room('step', ['lock', 'history', 'session', 'engines', 'core']),
  lock: room('lock', ['history', 'session', 'engines', 'core']),
  history: room('history', ['session', 'engines', 'core']),
  session: room('session', ['engines', 'core']),
  'engines index': {
    files: /^engines\/index\.ts$/,
    rooms: ['postgres', 'mysql', 'sqlite', 'engines', 'core'],
    packages: [],
    typesOfPackages: ['knex'],
    mustNotUse: print,
  },
  postgres: engine('postgres'),
  mysql: engine('mysql'),
  sqlite: engine('sqlite'),
  // The shared part: the contract, and the files directly in engines/.
  engines: {
    files: /^engines\/(contract\/)?[^/]+\.ts$/,
    rooms: ['core'],
    packages: ['knex', 'pg', 'mysql2', 'better-sqlite3', 'node:*'],
    mustNotUse: print,
  },
  files: {
    files: /^files\//,
    rooms: ['core', 'package'],
    packages: ['node:*', 'oxc-parser', 'oxc-resolver', 'oxc-transform', 'tsx', 'diff'],
    typesOfPackages: ['knex'],
    computes: true, // the configuration and migrations
    mustNotUse: print,
  },
  core: {
    files: /^core\//,
    rooms: [],
    packages: ['node:crypto', 'fastest-levenshtein', 'fast-string-width'], // all only compute
    mustNotUse: surroundings,
  },
}

describe('the source', () => {
  test('is there', () => expect(files.length).toBeGreaterThan(0))
  test('keeps to its rooms', () => expect(files.flatMap((file) => housekeeping(house, file))).toEqual([]))
  test('has no circles', () => expect(circles(files)).toEqual([]))
  test('changes the state of a step, and the fence, only where they live', () =>
    expect(files.flatMap(strayWrites)).toEqual([]))
  test('says what each file is', () => expect(files.flatMap(manners)).toEqual([]))
})

describe('the rules', () => {
  test.each([
    ['nowhere.ts', '', ['nowhere.ts stands in no room']],
    ['elsewhere/a.ts', '', ['elsewhere/a.ts stands in no room']],
    ['engines/oracle/lock.ts', '', ['engines/oracle/lock.ts stands in no room']],
  ])('%s is refused', (path, text, remarks) => {
    expect(housekeeping(house, readSourceFile(path, text))).toEqual(remarks)
  })

  test.each([
    // core
    ['core/a.ts', `import { b } from './graph/b.js'`, 'allowed'],
    ['core/graph/a.ts', `import { createHash } from 'node:crypto'`, 'allowed'],
    ['core/a.ts', `import { b } from '../files/b.js'`, 'refused'],
    ['core/a.ts', `import type { Knex } from 'knex'`, 'refused'],
    ['core/a.ts', `import 'node:fs'`, 'refused'],
    ['core/a.ts', `export const now = Date.now()`, 'refused'],
    ['core/a.ts', `export const now = new Date()`, 'refused'],
    ['core/a.ts', `export const then = new Date(0)`, 'allowed'],
    ['core/a.ts', `export const dice = Math.random()`, 'refused'],
    ['core/a.ts', `export const home = process.env['HOME']`, 'refused'],
    ['core/a.ts', `const { env } = process`, 'refused'],
    ['core/a.ts', `console.log(1)`, 'refused'],
    ['core/a.ts', `// console.log, process.exit and new Date()`, 'allowed'],
    // files
    ['files/load.ts', `import { tsImport } from 'tsx/esm/api'`, 'allowed'],
    ['files/load.ts', `export const load = (url: string) => import(url)`, 'allowed'],
    ['files/config.ts', `import type { Knex } from 'knex'`, 'allowed'],
    ['files/config.ts', `import { knex } from 'knex'`, 'refused'],
    ['files/config.ts', `import { session } from '../session/session.js'`, 'refused'],
    // engines
    ['engines/driver.ts', `export const load = () => import('mysql2/promise')`, 'allowed'],
    ['engines/driver.ts', `export const load = (name: string) => import(name)`, 'refused'],
    ['engines/driver.ts', `import { lock } from './postgres/lock.js'`, 'refused'],
    ['engines/index.ts', `import { postgres } from './postgres/engine.js'`, 'allowed'],
    ['engines/postgres/lock.ts', `import type { Engine } from '../contract/engine.js'`, 'allowed'],
    ['engines/postgres/lock.ts', `import { engines } from '../index.js'`, 'refused'],
    ['engines/postgres/lock.ts', `import { lock } from '../mysql/lock.js'`, 'refused'],
    ['engines/postgres/lock.ts', `type Lock = import('../mysql/lock.js').Lock`, 'refused'],
    // runner
    ['runner/run-plan.ts', `import { hostname } from 'node:os'`, 'allowed'],
    ['runner/run-plan.ts', `import type { Project } from '../files/project.js'`, 'allowed'],
    ['runner/run-plan.ts', `import { openProject } from '../files/project.js'`, 'refused'],
    ['runner/run-plan.ts', `export { lock } from '../engines/postgres/lock.js'`, 'refused'],
    ['runner/run-plan.ts', `export * from '../commands/command.js'`, 'refused'],
    ['runner/run-plan.ts', `console.log(1)`, 'refused'],
    ['runner/run-plan.ts', `process.exit(1)`, 'refused'],
    // lock, history, session
    ['step/gate.ts', `import { withLock } from '../lock/wait.js'`, 'allowed'],
    ['lock/wait.ts', `import { gate } from '../step/gate.js'`, 'refused'],
    ['history/book.ts', `import { withLock } from '../lock/wait.js'`, 'refused'],
    ['session/session.ts', `import { readBook } from '../history/book.js'`, 'refused'],
    // commands, guard, cli, index
    ['commands/workplace/command.ts', `import { Session } from '../../session/session.js'`, 'allowed'],
    ['commands/workplace/command.ts', `import yargs from 'yargs'`, 'refused'],
    ['commands/workplace/command.ts', `import { main } from '../../cli/main.js'`, 'refused'],
    ['guard.ts', `import { readBook } from './history/book.js'`, 'refused'],
    ['guard.ts', `import { runPlan } from './runner/run-plan.js'`, 'refused'],
    ['guard.ts', `import { readConfig } from './files/config.js'`, 'refused'],
    ['cli/main.ts', `import pc from 'picocolors'; console.log(1); process.exit(1)`, 'allowed'],
    ['cli/main.ts', `import { runPlan } from '../runner/run-plan.js'`, 'refused'],
    ['index.ts', `export { guard } from './guard.js'`, 'allowed'],
    ['index.ts', `export { main } from './cli/main.js'`, 'refused'],
    ['index.ts', `export { version } from '../package.json'`, 'refused'],
  ])('%s: %s is %s', (path, text, verdict) => {
    expect(housekeeping(house, readSourceFile(path, text))).toHaveLength(verdict === 'refused' ? 1 : 0)
  })

  test('a command may import what commands share, and no other command', () => {
    const remarksOn = (text: string) => housekeeping(house, readSourceFile('commands/upgrade.ts', text))
    expect(remarksOn(`import type { Command } from './workplace/command.js'`)).toEqual([])
    expect(remarksOn(`import { stamp } from './stamp.js'`)).toHaveLength(1)
    expect(remarksOn(`import { commands } from './index.js'`)).toHaveLength(1)
  })

  test('a circle is found, type imports included, and told once', () => {
    const sources = [
      readSourceFile('core/a.ts', `import { b } from './b.js'`),
      readSourceFile('core/b.ts', `import type { C } from './c.js'`),
      readSourceFile('core/c.ts', `export * from './b.js'\nimport './d.js'`),
      readSourceFile('core/d.ts', ''),
    ]
    expect(circles(sources)).toEqual(['core/b.ts > core/c.ts > core/b.ts'])
    expect(circles([readSourceFile('core/a.ts', `import './a.js'`)])).toEqual(['core/a.ts > core/a.ts'])
  })

  test.each([
    ['trace.marked = true', 1],
    ['run.fence.seq = seq', 1],
    ['trace.changes -= 2; trace.statements++', 2],
    ['trace.stopped ??= { error }', 1],
    ['trace.levels.length = 0', 1],
    ['if (trace.marked === true && fence.seq == seq) {}', 0],
    ['const marked = () => trace.marked', 0],
  ])('%s: %d writes', (text, count) => {
    expect(strayWrites({ path: 'step/gate.ts', text })).toHaveLength(count)
  })

  test.each(['core/utils.ts', 'core/helpers/a.ts', 'common/a.ts', 'core/types.ts'])(
    '%s is refused for its name',
    (path) => expect(manners({ path, text: '// What it is.\n' })).toHaveLength(1),
  )

  test('a file without a first line about itself is refused', () => {
    expect(manners({ path: 'core/a.ts', text: `import './b.js'\n` })).toHaveLength(1)
    expect(manners({ path: 'core/a.ts', text: '' })).toHaveLength(1)
  })
})

/** An engine knows the shared part of engines/ and its own folder. */
function engine(name: string) {
  return {
    files: new RegExp(`^engines/${name}/`),
    rooms: ['engines', 'core'],
    packages: ['knex', 'pg', 'mysql2', 'better-sqlite3', 'node:*'],
    mustNotUse: print,
  }
}

/** A room of what is carried out: it may use Knex and Node, and the types of files/. */
function room(name: string, rooms: readonly string[]) {
  return {
    files: new RegExp(`^${name}/`),
    rooms,
    typesOf: ['files'],
    packages: ['knex', 'node:*'],
    mustNotUse: print,
  }
}

function readSourceFiles(folder: string): SourceFile[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
  return paths
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => readSourceFile(path, readFileSync(join(folder, path), 'utf8')))
}
