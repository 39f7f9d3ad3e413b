// SQLite: Knex rebuilds a table by dropping it, and its children must survive that.

import { expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'

import type { MigEvent } from '../../src/core/event.js'
import { engineNamed } from '../support/engines.js'
import { type Bench, createBench, errorOf } from './workbench.js'

const sqlite = engineNamed('sqlite')
const testSqlite = sqlite.skipped === undefined ? test : test.skip

/** Parents with children that are deleted with them. */
async function family(): Promise<Bench> {
  const bench = await createBench(sqlite)
  bench.write({
    revision: 'aaaa',
    up: `  await knex.schema.createTable('parent', (t) => {
    t.increments('id')
    t.string('name').notNullable().defaultTo('x')
    t.string('other')
    t.integer('boss')
  })
  await knex.schema.createTable('child', (t) => {
    t.integer('parent_id').notNullable().references('parent.id').onDelete('CASCADE')
  })
  await knex('parent').insert([{ id: 1, other: 'a' }, { id: 2, other: 'b' }])
  await knex('child').insert([{ parent_id: 1 }, { parent_id: 2 }])`,
  })
  await bench.upgrade()
  return bench
}

testSqlite.each([
  ['dropColumn', `t.dropColumn('other')`],
  ['alter', `t.text('other').notNullable().defaultTo('').alter()`],
  ['setNullable', `t.setNullable('name')`],
  ['dropNullable', `t.dropNullable('other')`],
  ['foreign', `t.foreign('boss').references('parent.id')`],
])('child rows survive %s', async (_method, change) => {
  const bench = await family()
  const up = `  await knex.schema.alterTable('parent', (t) => { ${change} })`
  bench.write({ revision: 'bbbb', up, undo: up })
  await bench.upgrade()
  expect(await bench.query('select count(*) as n from child')).toStrictEqual([{ n: 2 }])
  expect(await bench.query('select count(*) as n from parent')).toStrictEqual([{ n: 2 }])
})

testSqlite('rows that a migration leaves without their parents are refused', async () => {
  const bench = await family()
  bench.write({ revision: 'bbbb', up: `  await knex('parent').where({ id: 1 }).delete()` })
  const error = await errorOf(bench.upgrade())
  expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
  expect(error.message).toContain('child refers to parent')
  expect(await bench.query('select count(*) as n from parent')).toStrictEqual([{ n: 2 }])
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
})

testSqlite('what was wrong before is blamed on nobody', async () => {
  const bench = await family()
  await bench.query('pragma foreign_keys = off; delete from parent where id = 2')
  bench.write({ revision: 'bbbb', up: `  await knex('parent').insert({ id: 7 })` })
  await bench.upgrade()
  bench.write({ revision: 'cccc', up: `  await knex('parent').where({ id: 1 }).delete()` })
  expect((await errorOf(bench.upgrade())).message).toContain('leaves a row without')
})

testSqlite('after a migration foreign keys are enforced again, as they were', async () => {
  const bench = await family()
  const tell = `  context.log(JSON.stringify(await knex.raw('pragma foreign_keys')))`
  bench.write(
    { revision: 'bbbb', up: tell },
    { revision: 'cccc', up: tell },
    { revision: 'dddd', transaction: false, up: tell },
    { revision: 'eeee', up: tell },
    { revision: 'ffff', transaction: false, up: tell },
  )
  await bench.upgrade()
  const logs = bench.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
  expect(logs).toStrictEqual([0, 0, 1, 0, 1].map((value) => `[{"foreign_keys":${value}}]`))
})

testSqlite('after a migration that failed, too: the next try finds them as they were', async () => {
  const bench = await family()
  const tell = `  context.log(JSON.stringify(await knex.raw('pragma foreign_keys')))`
  bench.write({ revision: 'bbbb', up: tell }, { revision: 'cccc', up: `${tell}\n  throw new Error('no')` })
  await errorOf(bench.upgrade())
  bench.write({ revision: 'cccc', down: 'bbbb', transaction: false, up: tell })
  await bench.upgrade()
  const logs = bench.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
  expect(logs).toStrictEqual([0, 0, 1].map((value) => `[{"foreign_keys":${value}}]`))
})

testSqlite(
  'of two migrations of one run the second is blamed for what it does itself, and for nothing else',
  async () => {
    const orphan = 'insert into child values (99)'
    const bench = await family()
    bench.write(
      { revision: 'bbbb', up: `  await knex('parent').insert({ id: 3 })` },
      { revision: 'cccc', up: `  await knex('parent').insert({ id: 4 })` },
    )
    // Another program, which enforces nothing, writes between the two.
    const direct = new Sqlite(bench.database.url.slice('sqlite:'.length))
    direct.pragma('foreign_keys = off')
    const onEvent = (event: MigEvent) => {
      if (event.kind === 'step-finished' && event.step.revision.revision === 'bbbb') direct.exec(orphan)
    }
    await bench.upgrade({ onEvent })
    direct.close()
    expect(await bench.query('select count(*) as n from child where parent_id = 99')).toStrictEqual([{ n: 1 }])
    // One that repairs it, and one that breaks it again.
    bench.write(
      { revision: 'dddd', up: `  await knex('child').where({ parent_id: 99 }).del()` },
      { revision: 'eeee', up: `  await knex.raw('${orphan}')` },
    )
    expect((await errorOf(bench.upgrade())).message).toContain('it leaves a row without the row')
    expect(await bench.rows()).toStrictEqual(['aaaa', 'bbbb', 'cccc', 'dddd'].map((id) => `${id} applied`))
  },
)

testSqlite('a row that loses its parent is no better because another one is gone', async () => {
  const bench = await createBench(sqlite)
  await bench.query('create table p (id integer primary key)')
  await bench.query('create table c (id integer primary key, p integer references p (id))')
  const direct = await bench.database.connect()
  await direct.query('pragma foreign_keys = off')
  await direct.query('insert into p values (1)')
  await direct.query('insert into c values (10, 99), (11, 1)')
  await direct.close()
  bench.write({
    revision: 'aaaa',
    up: `  await knex('c').where({ id: 10 }).del()\n  await knex('p').where({ id: 1 }).del()`,
  })
  const error = await errorOf(bench.upgrade())
  expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
  expect(error.message).toContain('it leaves a row without the row that a foreign key requires: c refers to p')
  expect(await bench.query('select id from c order by id')).toStrictEqual([{ id: 10 }, { id: 11 }])
  bench.write({ revision: 'aaaa', down: null, up: `  await knex('c').where({ id: 10 }).del()` })
  await bench.upgrade()
  expect(await bench.query('select id from c')).toStrictEqual([{ id: 11 }])
})

testSqlite('a key that refers to what is no key stops no migration, the one that repairs it least of all', async () => {
  const bench = await createBench(sqlite)
  await bench.query('create table parent (id integer)')
  await bench.query('create table child (id integer references parent (id))')
  bench.write(
    { revision: 'aaaa', up: `  await knex.schema.createTable('other', (t) => t.integer('id'))` },
    { revision: 'bbbb', up: `  await knex.raw('create unique index parent_id on parent (id)')` },
  )
  await bench.upgrade()
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
})
