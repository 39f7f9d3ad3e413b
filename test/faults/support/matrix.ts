// The run that is killed everywhere: its migrations, what a database must look like at its end, and how a killed one is
// brought there.

import { randomUUID } from 'node:crypto'
import { copyFile } from 'node:fs/promises'

import { eventually, migrationText, type MigrationText } from '../../runner/workbench.js'
import type { Database, EngineName, Row, TestEngine } from '../../support/engines.js'
import { createProject, type Project } from '../../support/project.js'
import { runToTheEnd, said } from './to-the-end.js'

export type Direction = 'upgrade' | 'downgrade'

export interface Matrix {
  readonly engine: TestEngine
  readonly project: Project
  /** A database as a run in that direction finds it. */
  begin(direction: Direction): Promise<Database>
  /** What the history has marked as begun and not ended, once the server is done with the session that was killed. */
  unfinished(database: Database): Promise<readonly string[]>
  /** Ends what was killed as a person would, and tells what was typed. */
  complete(database: Database, direction: Direction): Promise<readonly string[]>
  /** Everything that a run must leave equal, killed or not. */
  look(database: Database): Promise<End>
}

export interface End {
  readonly schema: readonly Row[]
  /** What each migration wrote when it ran: a double run is a second row. */
  readonly witness: readonly string[]
  readonly people: readonly Row[]
  readonly history: readonly Row[]
}

export interface MatrixOptions {
  readonly engine: TestEngine
  readonly migrations?: readonly MigrationText[]
  /** Statements for a fresh database. */
  readonly prepare?: string
}

export const commandLine: Record<Direction, readonly string[]> = {
  upgrade: ['upgrade', '--lock-timeout', '30'],
  downgrade: ['downgrade', 'base', '--lock-timeout', '30'],
}

export function createMatrix({ engine, migrations = threeMigrations, prepare }: MatrixOptions): Matrix {
  const project = createProject()
  let upgraded: string | undefined
  for (const [index, migration] of migrations.entries()) {
    const down = migrations[index - 1]?.revision ?? null
    project.write(`migrations/${index + 1}_${migration.revision}.mjs`, migrationText({ down, ...migration }))
  }
  return {
    engine,
    project,
    async begin(direction) {
      const database = await engine.createDatabase()
      if (prepare !== undefined) await database.query(prepare)
      await database.query('create table witness (id integer, line varchar(40))')
      if (direction === 'downgrade' && !(await copyOf(upgraded, database))) {
        const result = await project.run(commandLine.upgrade, { env: { MIG_DATABASE_URL: database.url } })
        if (result.code !== 0) throw new Error(said(result))
        upgraded ??= await keep(project, database)
      }
      return database
    },
    unfinished: (database) => unfinishedIn(engine, database),
    complete(database, direction) {
      const env = { MIG_DATABASE_URL: database.url }
      return runToTheEnd((args) => project.run(args, { env }), commandLine[direction])
    },
    look: (database) => look(engine.name, database),
  }
}

async function unfinishedIn({ name }: TestEngine, database: Database): Promise<readonly string[]> {
  if (name !== 'sqlite') await eventually(() => isAlone(name, database), 'the session that was killed is gone')
  const tables = (await database.query(tablesOf[name])).map((row) => String(row['name']))
  if (!tables.includes('mig_history')) return []
  const rows = await database.query(`select revision from mig_history where state <> 'applied'`)
  return rows.map(({ revision }) => String(revision))
}

async function isAlone(engine: Exclude<EngineName, 'sqlite'>, database: Database): Promise<boolean> {
  const others = {
    postgres: `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    mysql: `select 1 from information_schema.processlist where db = database() and id <> connection_id()`,
  }
  return (await database.query(others[engine])).length === 0
}

function witness(line: string): string {
  return `  await knex('witness').insert({ id: 1, line: '${line}' })`
}

/** A SQLite file with everything applied is kept, so that not each case has to make its own; elsewhere undefined. */
async function keep(project: Project, { url }: Database): Promise<string | undefined> {
  if (!url.startsWith('sqlite:')) return undefined
  const copy = project.path(`upgraded-${randomUUID()}.sqlite3`)
  await copyFile(pathOf(url), copy)
  return copy
}

async function copyOf(kept: string | undefined, { url }: Database): Promise<boolean> {
  if (kept === undefined) return false
  await copyFile(kept, pathOf(url))
  return true
}

function pathOf(url: string): string {
  return decodeURIComponent(url.slice('sqlite:'.length))
}

/** Tables alone, rows alone, both in one. */
export const threeMigrations: readonly MigrationText[] = [
  {
    revision: 'aaaa',
    up: `  await knex.schema.createTable('person', (t) => {
    t.increments('id')
    t.string('name', 40).notNullable()
    t.index(['name'], 'person_name')
  })`,
    undo: `  await knex.schema.dropTable('person')`,
  },
  {
    revision: 'bbbb',
    up: `  await knex('person').insert([{ name: 'Ann' }, { name: 'Bob' }])
${witness('bbbb up')}
  await knex.raw("update person set name = 'Cid' where name = 'Bob'")`,
    undo: `  await knex('person').delete()
${witness('bbbb down')}`,
  },
  {
    revision: 'cccc',
    up: `  await knex.schema.alterTable('person', (t) => t.integer('age'))
${witness('cccc up')}
  await knex.raw('update person set age = 7')
  await knex.schema.createTable('pet', (t) => t.integer('id'))`,
    undo: `  await knex.schema.dropTable('pet')
${witness('cccc down')}
  await knex.schema.alterTable('person', (t) => t.dropColumn('age'))`,
  },
]

/** Without a transaction, in named steps: what was done is not done again. */
export const inSteps: MigrationText = {
  revision: 'dddd',
  transaction: false,
  up: `  await context.step('index', () => knex.raw('create index concurrently person_again on person (name)'))
  await context.step('row', () => knex('witness').insert({ id: 1, line: 'dddd up' }))`,
  undo: `  await context.step('row', () => knex('witness').insert({ id: 1, line: 'dddd down' }))
  await context.step('index', () => knex.raw('drop index concurrently person_again'))`,
}

/** Without a transaction of mig, in one of its own: what it rolled back, and what it let fail, was not done. */
export const inItsOwn: MigrationText = {
  revision: 'aaaa',
  transaction: false,
  up: `  await knex.transaction(async (trx) => {
    await trx('witness').insert({ id: 1, line: 'own' })
    await trx.transaction(async (nested) => {
      await nested('witness').insert({ id: 1, line: 'rolled back' })
      await nested('missing').insert({ id: 1 })
    }).catch(() => undefined)
    await trx('witness').insert({ id: 1, line: 'after it' })
  })
  await knex.transaction(async (trx) => {
    await trx('witness').insert({ id: 1, line: 'all of it rolled back' })
    throw new Error('not this')
  }).catch(() => undefined)
  await knex('witness').insert({ id: 1, line: 'last' })`,
}

/** An index that is built while others write, in a migration of one statement: the one that everybody has. */
export const concurrentIndex: MigrationText = {
  revision: 'dddd',
  transaction: false,
  up: `  await knex.raw('create index concurrently person_age on person (age)')`,
  undo: `  await knex.raw('drop index concurrently person_age')`,
}

async function look(engine: EngineName, database: Database): Promise<End> {
  const tables = (await database.query(tablesOf[engine])).map(({ name }) => String(name))
  const select = (table: string, sql: string) => (tables.includes(table) ? database.query(sql) : Promise.resolve([]))
  const lines = await database.query('select line from witness order by line')
  return {
    schema: await schemaOf(engine, database, tables),
    witness: lines.map(({ line }) => String(line)),
    people: await select('person', 'select name, age from person order by name'),
    history: await select(
      'mig_history',
      'select revision, down_revisions, checksum, origin, state from mig_history order by serial',
    ),
  }
}

const tablesOf: Record<EngineName, string> = {
  sqlite: `select name as name from sqlite_master where type = 'table' order by name`,
  postgres: `select tablename as name from pg_tables where schemaname = current_schema() order by tablename`,
  mysql: `select table_name as name from information_schema.tables where table_schema = database() order by table_name`,
}

async function schemaOf(engine: EngineName, database: Database, tables: readonly string[]): Promise<readonly Row[]> {
  if (engine === 'sqlite') return database.query('select type, name, sql from sqlite_master order by type, name')
  if (engine === 'postgres') return database.query(postgresSchema)
  const shown = await Promise.all(tables.map((table) => database.query(`show create table \`${table}\``)))
  return shown.flat().map((row) => ({ sql: String(row['Create Table']).replace(/ AUTO_INCREMENT=\d+/, '') }))
}

const postgresSchema = `
  select 'column' as kind, table_name || '.' || column_name as name,
         concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default) as what
    from information_schema.columns where table_schema = current_schema()
  union all
  select 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' INVALID' end
    from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = current_schema()::regnamespace
  union all
  select 'constraint', conname, pg_get_constraintdef(oid)
    from pg_constraint where connamespace = current_schema()::regnamespace and contype <> 'n'
  order by 1, 2`
