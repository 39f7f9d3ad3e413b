// Kysely's migrations in TypeScript, run by kysely-ctl.

import { join } from 'node:path'

import { stamp, type Link } from '../chain.js'
import { environmentOf, type EngineName } from '../databases/database.js'
import { packageFolder, packageVersion } from '../packages.js'
import { nodeCommand } from '../process.js'
import { writeProjectFiles } from '../project.js'
import { missingPackages, type Tool, type Verb } from './tool.js'

export const kysely: Tool = {
  name: 'kysely',
  label: 'Kysely',
  engines: ['sqlite', 'postgres'],
  missing: () => missingPackages('kysely', 'kysely-ctl'),
  version: () => `${packageVersion('kysely')}, kysely-ctl ${packageVersion('kysely-ctl')}`,
  write(project, chain, { engine }) {
    writeProjectFiles(project, 'module')
    project.write('kysely.config.ts', configuration(engine))
    for (const link of chain) project.write(`migrations/${stamp(link)}_${link.slug}.ts`, migration(link))
  },
  command(verb, _project, database) {
    const args = argumentsOf[verb]
    if (args === null) return null
    const program = join(packageFolder('kysely-ctl') ?? '', 'dist', 'bin.mjs')
    // Otherwise it asks the package registry for newer versions of itself.
    const quiet = ['--no-outdated-check']
    return nodeCommand([program, ...args, ...quiet], database === null ? {} : environmentOf(database))
  },
}

const argumentsOf: Readonly<Record<Verb, readonly string[] | null>> = {
  version: null, // it answers that there is none, and fails
  help: ['--help'],
  'command-help': ['migrate:latest', '--help'],
  status: ['migrate:list'],
  'no-op': ['migrate:latest'],
  apply: ['migrate:latest'],
  revert: ['migrate:down'],
}

function configuration(engine: EngineName): string {
  const sqlite = `import Database from 'better-sqlite3'
import { SqliteDialect } from 'kysely'
import { defineConfig } from 'kysely-ctl'

const dialect = new SqliteDialect({ database: new Database(process.env.DATABASE_FILE) })
`
  const postgres = `import { PostgresDialect } from 'kysely'
import { defineConfig } from 'kysely-ctl'
import pg from 'pg'

const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL }) })
`
  return `${engine === 'sqlite' ? sqlite : postgres}
export default defineConfig({ dialect, migrations: { migrationFolder: 'migrations' } })
`
}

function migration({ table }: Link): string {
  return `import type { Kysely } from 'kysely'

export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('${table}')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('quantity', 'integer', (column) => column.notNull())
    .execute()
}

export async function down(db: Kysely<any>): Promise<void> {
  await db.schema.dropTable('${table}').execute()
}
`
}
