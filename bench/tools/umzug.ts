// Umzug: a script of the project's own, with a storage of its own on the bare driver, read by tsx.

import { stamp, type Link } from '../chain.js'
import { environmentOf, type EngineName } from '../databases/database.js'
import { packageVersion } from '../packages.js'
import { nodeCommand } from '../process.js'
import { writeProjectFiles } from '../project.js'
import { missingPackages, type Tool, type Verb } from './tool.js'

export const umzug: Tool = {
  name: 'umzug',
  label: 'Umzug',
  engines: ['sqlite', 'postgres'],
  missing: () => missingPackages('umzug', 'tsx'),
  version: () => packageVersion('umzug'),
  write(project, chain, { engine }) {
    writeProjectFiles(project, 'module')
    project.write('umzug.ts', script(engine))
    for (const link of chain) project.write(`migrations/${stamp(link)}_${link.slug}.ts`, migration(link, engine))
  },
  command(verb, _project, database) {
    const args = argumentsOf[verb]
    if (args === null) return null
    // Its help opens a database as well, because the script does.
    const env: Record<string, string> = database === null ? { DATABASE_FILE: ':memory:' } : environmentOf(database)
    return nodeCommand(['--import', 'tsx', 'umzug.ts', ...args], env)
  },
}

const argumentsOf: Readonly<Record<Verb, readonly string[] | null>> = {
  version: null,
  help: ['--help'],
  'command-help': ['up', '--help'],
  status: ['executed'],
  'no-op': ['up'],
  apply: ['up'],
  revert: ['down'],
}

function script(engine: EngineName): string {
  return engine === 'sqlite' ? sqliteScript : postgresScript
}

const sqliteScript = `import Database from 'better-sqlite3'
import { Umzug } from 'umzug'

const db = new Database(process.env.DATABASE_FILE)
db.exec('create table if not exists umzug (name text primary key)')

const umzug = new Umzug({
  migrations: { glob: 'migrations/*.ts' },
  context: db,
  storage: {
    executed: async () => db.prepare('select name from umzug order by name').pluck().all() as string[],
    logMigration: async ({ name }) => void db.prepare('insert into umzug values (?)').run(name),
    unlogMigration: async ({ name }) => void db.prepare('delete from umzug where name = ?').run(name),
  },
  logger: console,
})

export type Migration = typeof umzug._types.migration

await umzug.runAsCLI()
db.close()
`

const postgresScript = `import pg from 'pg'
import { Umzug } from 'umzug'

const db = new pg.Client({ connectionString: process.env.DATABASE_URL })
await db.connect()
await db.query('create table if not exists umzug (name text primary key)')

const umzug = new Umzug({
  migrations: { glob: 'migrations/*.ts' },
  context: db,
  storage: {
    executed: async () => (await db.query('select name from umzug order by name')).rows.map(({ name }) => name),
    logMigration: async ({ name }) => void (await db.query('insert into umzug values ($1)', [name])),
    unlogMigration: async ({ name }) => void (await db.query('delete from umzug where name = $1', [name])),
  },
  logger: console,
})

export type Migration = typeof umzug._types.migration

await umzug.runAsCLI()
await db.end()
`

function migration({ table }: Link, engine: EngineName): string {
  const run = engine === 'sqlite' ? 'db.exec' : 'await db.query'
  return `import type { Migration } from '../umzug.js'

export const up: Migration = async ({ context: db }) => {
  ${run}('create table ${table} (id integer primary key, quantity integer not null)')
}

export const down: Migration = async ({ context: db }) => {
  ${run}('drop table ${table}')
}
`
}
