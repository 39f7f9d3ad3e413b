// The house: which file stands in which room, and what a room may know. A new room or package is a line in this table.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'

import { circles, housekeeping, manners, targetOf, type House } from './support/architecture.js'
import { repository } from './support/program.js'
import { readSourceFile, type SourceFile } from './support/source-file.js'

const files = readSourceFiles(join(repository, 'src'))

const print = ['console.*', 'process.exit*']
const surroundings = ['process.*', 'console.*', 'Date.now', 'new Date()', 'Math.random', 'performance.*']

/** What several commands need: files of that room that are not in the list of commands. */
const commandsShared = {
  files: besideTheList('commands'),
  rooms: ['runner', 'history reader', 'engines index', 'engines', 'files', 'core', 'package'],
  packages: ['node:path'], // only computes
  typesOfPackages: ['knex'],
  mustNotUse: print,
}

/** The most special room first: a file stands in the first one that matches. Arrows go down only. */
const house: House = {
  index: {
    files: /^index\.ts$/,
    rooms: [
      'guard',
      'commands index',
      'commands shared',
      'commands',
      'runner',
      'history reader',
      'engines index',
      'engines',
      'files',
      'core',
    ],
    packages: [],
    typesOfPackages: ['knex'],
    mustNotUse: print,
  },
  guard: {
    files: /^guard\.ts$/,
    rooms: ['history reader', 'core'],
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
    rooms: ['commands index', 'commands shared', 'commands', 'core', 'package'],
    packages: ['picocolors', 'yocto-spinner', 'node:*'],
    mustNotUse: [],
  },
  'commands index': {
    files: /^commands\/index\.ts$/,
    rooms: ['commands shared', 'commands'],
    packages: [],
    mustNotUse: print,
  },
  'commands shared': commandsShared,
  commands: {
    files: /^commands\//,
    neighbourly: false,
    rooms: ['commands shared', 'runner', 'history reader', 'engines index', 'engines', 'files', 'core', 'package'],
    packages: ['node:path'], // only computes
    typesOfPackages: ['knex'],
    mustNotUse: print,
  },
  // The part of runner/ that guard.ts stands on.
  'history reader': {
    files: /^runner\/history[^/]*\.ts$/,
    rooms: ['engines', 'core'],
    typesOf: ['runner'],
    packages: ['knex'],
    mustNotUse: print,
  },
  runner: {
    files: /^runner\//,
    rooms: ['history reader', 'engines index', 'engines', 'core'],
    typesOf: ['files'],
    packages: ['knex', 'node:*'],
    mustNotUse: print,
  },
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
  // The shared part: the files directly in engines/.
  engines: {
    files: /^engines\/[^/]+\.ts$/,
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
    ['files/config.ts', `import { session } from '../runner/session.js'`, 'refused'],
    // engines
    ['engines/driver.ts', `export const load = () => import('mysql2/promise')`, 'allowed'],
    ['engines/driver.ts', `export const load = (name: string) => import(name)`, 'refused'],
    ['engines/driver.ts', `import { lock } from './postgres/lock.js'`, 'refused'],
    ['engines/index.ts', `import { postgres } from './postgres/engine.js'`, 'allowed'],
    ['engines/postgres/lock.ts', `import type { Engine } from '../engine.js'`, 'allowed'],
    ['engines/postgres/lock.ts', `import { engines } from '../index.js'`, 'refused'],
    ['engines/postgres/lock.ts', `import { lock } from '../mysql/lock.js'`, 'refused'],
    ['engines/postgres/lock.ts', `type Lock = import('../mysql/lock.js').Lock`, 'refused'],
    // runner
    ['runner/execute.ts', `import { hostname } from 'node:os'`, 'allowed'],
    ['runner/execute.ts', `import type { Project } from '../files/project.js'`, 'allowed'],
    ['runner/execute.ts', `import { openProject } from '../files/project.js'`, 'refused'],
    ['runner/execute.ts', `export { lock } from '../engines/postgres/lock.js'`, 'refused'],
    ['runner/execute.ts', `export * from '../commands/command.js'`, 'refused'],
    ['runner/execute.ts', `console.log(1)`, 'refused'],
    ['runner/execute.ts', `process.exit(1)`, 'refused'],
    // commands, guard, cli, index
    ['commands/command.ts', `import { Session } from '../runner/session.js'`, 'allowed'],
    ['commands/command.ts', `import yargs from 'yargs'`, 'refused'],
    ['commands/command.ts', `import { main } from '../cli/main.js'`, 'refused'],
    ['guard.ts', `import { readHistory } from './runner/history-table.js'`, 'allowed'],
    ['guard.ts', `import { runPlan } from './runner/execute.js'`, 'refused'],
    ['guard.ts', `import { readConfig } from './files/config.js'`, 'refused'],
    ['cli/main.ts', `import pc from 'picocolors'; console.log(1); process.exit(1)`, 'allowed'],
    ['cli/main.ts', `import { runPlan } from '../runner/execute.js'`, 'refused'],
    ['index.ts', `export { guard } from './guard.js'`, 'allowed'],
    ['index.ts', `export { main } from './cli/main.js'`, 'refused'],
    ['index.ts', `export { version } from '../package.json'`, 'refused'],
  ])('%s: %s is %s', (path, text, verdict) => {
    expect(housekeeping(house, readSourceFile(path, text))).toHaveLength(verdict === 'refused' ? 1 : 0)
  })

  test('a command may import what commands share, and no other command', () => {
    const shared = { ...commandsShared, files: /^commands\/command\.ts$/ }
    const own: House = { ...house, 'commands shared': shared }
    const remarksOn = (text: string) => housekeeping(own, readSourceFile('commands/upgrade.ts', text))
    expect(remarksOn(`import type { Command } from './command.js'`)).toEqual([])
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

/** Matches the files of a room that its index.ts does not list. */
function besideTheList(room: string): RegExp {
  const list = files.find(({ path }) => path === `${room}/index.ts`)
  const listed = list?.imports
    .filter(({ isType }) => !isType)
    .map(({ specifier }) => targetOf(list.path, specifier ?? ''))
  const inRoom = files.map(({ path }) => path).filter((path) => path.startsWith(`${room}/`))
  const beside = inRoom.filter((path) => !listed?.includes(path)).map((path) => path.replaceAll('.', '\\.'))
  return new RegExp(`^(${[`${room}/command\\.ts`, ...beside].join('|')})$`)
}

function readSourceFiles(folder: string): SourceFile[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
  return paths
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => readSourceFile(path, readFileSync(join(folder, path), 'utf8')))
}
