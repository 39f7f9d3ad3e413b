// SQLite: Knex rebuilds a table by dropping it. With foreign keys on, ON DELETE CASCADE would empty its children: every
// method of alterTable, by itself, leaves them as they are.

import { expect, test } from '@jest/globals'

import { type Bench, createBench } from '../runner/workbench.js'
import { engineNamed } from '../support/engines.js'

const sqlite = engineNamed('sqlite')
const testSqlite = sqlite.skipped === undefined ? test : test.skip

/** Parents with children and grandchildren that are deleted with them. */
const family = `  await knex.schema.createTable('town', (t) => t.increments('id'))
  await knex.schema.createTable('parent', (t) => {
    t.integer('id').notNullable().primary()
    t.string('name').notNullable().defaultTo('x')
    t.string('other')
    t.string('code').unique({ indexName: 'parent_code' })
    t.integer('boss').references('town.id')
    t.index(['other'], 'parent_other')
  })
  await knex.schema.createTable('child', (t) => {
    t.increments('id')
    t.integer('parent_id').notNullable().references('parent.id').onDelete('CASCADE')
  })
  await knex.schema.createTable('grandchild', (t) => {
    t.integer('child_id').notNullable().references('child.id').onDelete('CASCADE')
  })
  await knex('town').insert([{ id: 1 }])
  await knex('parent').insert([{ id: 1, other: 'a', code: 'p', boss: 1 }, { id: 2, other: 'b', code: 'q' }])
  await knex('child').insert([{ id: 1, parent_id: 1 }, { id: 2, parent_id: 2 }])
  await knex('grandchild').insert([{ child_id: 1 }, { child_id: 2 }])`

/** In the order of Knex's own page about the schema builder. */
const changes: readonly (readonly [string, string])[] = [
  ['dropColumn', `t.dropColumn('name')`],
  ['dropColumns', `t.dropColumns('name', 'code')`],
  ['renameColumn', `t.renameColumn('other', 'another')`],
  ['a new column', `t.integer('age')`],
  ['a new column with a default', `t.integer('age').notNullable().defaultTo(1)`],
  ['a new column with a foreign key', `t.integer('home').references('town.id')`],
  ['timestamps', `t.timestamps(false, false)`],
  ['alter to another type', `t.text('name').notNullable().defaultTo('y').alter()`],
  ['alter to nullable', `t.string('name').nullable().alter()`],
  ['alter without its nullability', `t.text('other').alter({ alterNullable: false })`],
  ['alter of a referring column', `t.bigInteger('boss').alter()`],
  ['setNullable', `t.setNullable('name')`],
  ['dropNullable', `t.dropNullable('other')`],
  ['index', `t.index(['name'], 'parent_name')`],
  ['dropIndex', `t.dropIndex(['other'], 'parent_other')`],
  ['unique', `t.unique(['other'])`],
  ['dropUnique', `t.dropUnique(['code'], 'parent_code')`],
  ['foreign', `t.foreign('id').references('town.id')`],
  ['foreign of another column', `t.foreign('other').references('parent.code')`],
  ['dropForeign', `t.dropForeign('boss')`],
  ['dropPrimary', `t.dropPrimary()`],
  ['primary', `t.dropPrimary() })\n  await knex.schema.alterTable('parent', (t) => { t.primary(['id'])`],
  ['several at once', `t.dropColumn('other'); t.setNullable('name'); t.integer('age')`],
]

/** These leave a foreign key without its row, or without the key that it refers to: they fail, and change nothing. */
const impossible = new Set(['foreign', 'foreign of another column', 'dropPrimary'])

testSqlite.each(changes)('F25 with ON DELETE CASCADE below, %s keeps every row', async (name, change) => {
  const bench = await createBench(sqlite)
  const up = `  await knex.schema.alterTable('parent', (t) => { ${change} })`
  bench.write({ revision: 'aaaa', up: family }, { revision: 'bbbb', up })
  expect(await bench.run('upgrade', 'aaaa')).toMatchObject({ code: 0 })
  const result = await bench.run('upgrade')
  expect({ name, code: result.code, said: result.stderr }).toStrictEqual({
    name,
    code: impossible.has(name) ? 1 : 0,
    said: expect.anything(),
  })
  expect(await counts(bench)).toStrictEqual({ town: 1, parent: 2, child: 2, grandchild: 2 })
  expect(await bench.query('pragma foreign_key_list(child)')).toMatchObject([{ table: 'parent', on_delete: 'CASCADE' }])
  expect(await bench.rows()).toStrictEqual(impossible.has(name) ? ['aaaa applied'] : ['aaaa applied', 'bbbb applied'])
})

testSqlite.each([
  [
    'dropTable and its like',
    `  await knex.schema.createTable('new_parent', (t) => { t.increments('id') })
  await knex.raw('insert into new_parent select id from parent')
  await knex.schema.dropTable('parent')
  await knex.schema.renameTable('new_parent', 'parent')`,
  ],
  [
    'renameTable',
    `  await knex.schema.renameTable('parent', 'elder')\n  await knex.schema.renameTable('elder', 'parent')`,
  ],
])('F25 with ON DELETE CASCADE below, a rebuild by hand (%s) keeps every row', async (_, up) => {
  const bench = await createBench(sqlite)
  bench.write({ revision: 'aaaa', up: family }, { revision: 'bbbb', up })
  expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
  expect(await counts(bench)).toStrictEqual({ town: 1, parent: 2, child: 2, grandchild: 2 })
})

async function counts(bench: Bench): Promise<Record<string, number>> {
  const tables = ['town', 'parent', 'child', 'grandchild']
  const rows = await Promise.all(tables.map((table) => bench.query(`select count(*) as n from ${table}`)))
  return Object.fromEntries(tables.map((table, index) => [table, Number(rows[index]?.[0]?.['n'])]))
}
