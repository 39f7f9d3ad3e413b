// A project, a database and the library on them: what the tests of the runner work with.

import { unlinkSync } from 'node:fs'

import type { Knex } from 'knex'

import {
  check,
  current,
  downgrade,
  history,
  type MigError,
  type MigEvent,
  resolve,
  show,
  stamp,
  type UserConfig,
  upgrade,
} from '../../src/index.js'
import type { Database, EngineName, Row, TestEngine } from '../support/engines.js'
import { createProject, type ProgramResult, type Project, type RunningProgram } from '../support/project.js'

/** A migration as a test writes it: the bodies of its functions see `knex` and `context`. */
export interface MigrationText {
  readonly revision: string
  /** The revision before it in the list if not given. */
  readonly down?: string | null | readonly string[]
  readonly message?: string
  readonly dependsOn?: readonly string[]
  readonly branchLabels?: readonly string[]
  readonly transaction?: false
  readonly up?: string
  readonly undo?: string
}

type Options<C extends (options: never) => unknown> = Omit<Parameters<C>[0], 'cwd' | 'config'>

export interface Bench {
  readonly database: Database
  readonly project: Project
  /** Told by the library, in order. */
  readonly events: MigEvent[]
  /** Writes migration files, each on top of the one before it. Plain JavaScript: TypeScript cannot be loaded in here. */
  write(...migrations: readonly MigrationText[]): void
  /** Takes a migration's file away. */
  remove(revision: string): void
  upgrade(options?: Options<typeof upgrade>): ReturnType<typeof upgrade>
  downgrade(options?: Options<typeof downgrade>): ReturnType<typeof downgrade>
  stamp(options?: Options<typeof stamp>): ReturnType<typeof stamp>
  current(options?: Options<typeof current>): ReturnType<typeof current>
  check(options?: Options<typeof check>): ReturnType<typeof check>
  history(options?: Options<typeof history>): ReturnType<typeof history>
  show(options?: Options<typeof show>): ReturnType<typeof show>
  resolve(options?: Options<typeof resolve>): ReturnType<typeof resolve>
  /** The same as a process of its own. */
  run(...args: readonly string[]): Promise<ProgramResult>
  start(...args: readonly string[]): RunningProgram
  query(sql: string): Promise<Row[]>
  /** Revisions in the history with their states, in the order of application; empty when there is no table. */
  rows(): Promise<readonly string[]>
  /** Tables that are not mig's. */
  tables(): Promise<readonly string[]>
}

export interface BenchOptions {
  readonly config?: UserConfig
  readonly databaseName?: string
}

export async function createBench(engine: TestEngine, options: BenchOptions = {}): Promise<Bench> {
  const name = options.databaseName
  const database = await engine.createDatabase(name === undefined ? {} : { name })
  return benchOn(engine, database, options.config)
}

export function benchOn(engine: TestEngine, database: Database, config: UserConfig = {}): Bench {
  const project = createProject()
  project.write('migrations/.keep', '')
  const events: MigEvent[] = []
  const paths = new Map<string, string>()
  const common = {
    cwd: project.folder,
    config: { database: database.url, ...config },
    onEvent: (event: MigEvent) => void events.push(event),
  }
  const env = { MIG_DATABASE_URL: database.url }
  let last: string | null = null
  let written = 0
  return {
    database,
    project,
    events,
    write(...migrations) {
      for (const migration of migrations) {
        // A new name each time: a module is loaded once in a process.
        const path = `migrations/${String(++written).padStart(3, '0')}_${migration.revision}.mjs`
        const before = paths.get(migration.revision)
        if (before !== undefined) unlinkSync(project.path(before))
        project.write(path, migrationText({ ...migration, down: migration.down === undefined ? last : migration.down }))
        paths.set(migration.revision, path)
        last = migration.revision
      }
    },
    remove(revision) {
      unlinkSync(project.path(paths.get(revision) ?? ''))
      paths.delete(revision)
    },
    upgrade: (given) => upgrade({ ...common, ...given }),
    downgrade: (given) => downgrade({ ...common, ...given }),
    stamp: (given) => stamp({ ...common, ...given }),
    current: (given) => current({ ...common, ...given }),
    check: (given) => check({ ...common, ...given }),
    history: (given) => history({ ...common, ...given }),
    show: (given) => show({ ...common, ...given }),
    resolve: (given) => resolve({ ...common, ...given }),
    run: (...args) => project.run(args, { env }),
    start: (...args) => project.start(args, { env }),
    query: (sql) => database.query(sql),
    async rows() {
      if (!(await allTables(engine.name, database)).includes('mig_history')) return []
      const rows = await database.query('select revision, state from mig_history order by serial')
      return rows.map(({ revision, state }) => `${String(revision)} ${String(state)}`)
    },
    async tables() {
      return (await allTables(engine.name, database)).filter((table) => !/^mig_(history|state|journal)$/.test(table))
    },
  }
}

export async function allTables(engine: EngineName, database: Database): Promise<readonly string[]> {
  const schemaOf = { postgres: 'current_schema()', mysql: 'database()', sqlite: '' }[engine]
  const rows = await database.query(
    engine === 'sqlite'
      ? `select name as name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name`
      : `select table_name as name from information_schema.tables where table_schema = ${schemaOf} order by table_name`,
  )
  return rows.map(({ name }) => String(name))
}

export function migrationText(migration: MigrationText): string {
  const { revision, down = null, message = `make ${revision}`, up = '', undo = '' } = migration
  return [
    `/** ${message} */`,
    `export const revision = ${JSON.stringify(revision)}`,
    `export const downRevision = ${JSON.stringify(down)}`,
    ...(migration.dependsOn === undefined ? [] : [`export const dependsOn = ${JSON.stringify(migration.dependsOn)}`]),
    ...(migration.branchLabels === undefined
      ? []
      : [`export const branchLabels = ${JSON.stringify(migration.branchLabels)}`]),
    ...(migration.transaction === undefined ? [] : ['export const transaction = false']),
    ...(up.includes('knex') ? [] : ['export const empty = true']),
    `export async function up(knex, context) {\n${up}\n}`,
    `export async function down(knex, context) {\n${undo}\n}`,
    '',
  ].join('\n')
}

/** A migration that makes a table of its revision's name and takes it down again. */
export function table(revision: string, more: Partial<MigrationText> = {}): MigrationText {
  return {
    revision,
    up: `  await knex.schema.createTable('${revision}', (t) => t.integer('id'))`,
    undo: `  await knex.schema.dropTable('${revision}')`,
    ...more,
  }
}

/** What a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<MigError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error as MigError
  throw new Error(`it was expected to fail, and returned ${JSON.stringify(outcome.value)}`)
}

/** Looks until it is so; rejects after some seconds. */
export async function eventually(isSo: () => Promise<boolean>, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** The driver's own settings for a database. */
export function connectionOf(engine: TestEngine, { url }: Database): Knex.StaticConnectionConfig {
  if (engine.name === 'sqlite') return { filename: decodeURIComponent(url.slice('sqlite:'.length)) }
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  const database = decodeURIComponent(pathname.slice(1))
  return {
    host,
    port: Number(port),
    user,
    ...(password !== '' && { password: decodeURIComponent(password) }),
    database,
  }
}
