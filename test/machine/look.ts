// The database of a program: what is there before it runs, and what of its effects is there now.

import type { Database, EngineName, Row } from '../support/engines.js'
import { flatten, marksOf, type Operation, type Program } from './program.js'
import type { Effects } from './expected.js'

/** Makes what the program works with. */
export async function prepare(program: Program, database: Database): Promise<void> {
  const operations = program.migrations.flatMap(({ operations }) => flatten(operations))
  const columns = marksWhere(operations, isBuilt).map((mark) => `, e${mark} int`)
  const sqls = [
    'create table w (x int)',
    'create table apart (x int)',
    `create table wide (x int${columns.join('')})`,
    'create table base (x int)',
    'create table only_one (x int unique)',
    'insert into only_one values (1)',
    'create table pair (id int primary key, n int)',
    'create table heavy (x int)',
    ...marksWhere(operations, ({ kind }) => kind === 'deadlock').map((mark) => `insert into pair values (${mark}, 0)`),
    ...marksWhere(operations, isDrop).map((mark) => `create table e${mark} (x int)`),
  ]
  const session = await database.connect()
  for (const sql of sqls) await session.query(sql)
  await session.close()
}

/** How often each effect is there. */
export async function readEffects(program: Program, database: Database): Promise<Effects> {
  const session = await database.connect()
  try {
    const query = (sql: string) => session.query(sql)
    const operations = program.migrations.flatMap(({ operations }) => flatten(operations))
    const counts = new Map<number, number>()
    const add = (mark: number, count: number) => counts.set(mark, (counts.get(mark) ?? 0) + count)
    for (const table of ['w', 'apart'])
      for (const { x, n } of await query(`select x, count(*) as n from ${table} group by x`)) add(Number(x), Number(n))
    for (const { id, n } of await query('select id, n from pair')) add(Number(id), Number(n))
    const built = marksWhere(operations, isBuilt)
    if (built.length > 0) {
      const [row = {}] = await query(
        `select ${built.map((mark) => `count(e${mark}) as e${mark}`).join(', ')} from wide`,
      )
      for (const mark of built) add(mark, Number(row[`e${mark}`]))
    }
    const names = new Set<string>()
    for (const sql of catalog[program.engine]) for (const row of await query(sql)) names.add(nameOf(row))
    for (const operation of operations)
      if (operation.kind === 'ddl')
        add(operation.mark, names.has(`e${operation.mark}`) === (operation.what !== 'drop') ? 1 : 0)
    return new Map([...counts].filter(([, count]) => count > 0))
  } finally {
    await session.close()
  }
}

function marksWhere(operations: readonly Operation[], isIt: (operation: Operation) => boolean): readonly number[] {
  return operations.filter(isIt).flatMap(marksOf)
}

function isBuilt(operation: Operation): boolean {
  return operation.kind === 'insert' && operation.how === 'builder'
}

function isDrop(operation: Operation): boolean {
  return operation.kind === 'ddl' && operation.what === 'drop'
}

function nameOf({ name }: Row): string {
  return String(name)
}

/** Names of tables, of the columns of `base`, and of valid indexes. */
const catalog: Record<EngineName, readonly string[]> = {
  sqlite: [`select name as name from sqlite_master`, `select name as name from pragma_table_info('base')`],
  postgres: [
    `select tablename as name from pg_tables where schemaname = current_schema()
     union all
     select column_name from information_schema.columns where table_schema = current_schema() and table_name = 'base'
     union all
     select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indisvalid and c.relnamespace = current_schema()::regnamespace`,
  ],
  mysql: [
    `select table_name as name from information_schema.tables where table_schema = database()
     union all
     select column_name from information_schema.columns where table_schema = database() and table_name = 'base'
     union all
     select index_name from information_schema.statistics where table_schema = database()`,
  ],
}
