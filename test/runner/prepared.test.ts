// What mig sends with each migration is prepared in its session; a migration can take that away, and nothing is lost.

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { type Bench, createBench, table } from './workbench.js'

/** So often was a migration rolled back and tried again. */
function retries({ events }: Bench): number {
  return events.filter(({ kind }) => kind === 'retrying').length
}

forEachEngine(
  (engine) => {
    test('for a whole run one statement is prepared', async () => {
      const bench = await createBench(engine)
      const count = `  const { rows } = await knex.raw('select count(*)::int as count from pg_prepared_statements')\n`
      bench.write(table('aaaa'), table('bbbb'), table('cccc'))
      bench.write({
        revision: 'dddd',
        up: `${count}  await knex.schema.createTable('prepared', (t) => t.integer('count'))\n  await knex('prepared').insert(rows)`,
      })
      await bench.upgrade()
      expect(await bench.query('select count from prepared')).toStrictEqual([{ count: 1 }])
    })

    test('a migration that takes it away in plain words is followed as if nothing were', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), table('bbbb', { up: `  await knex.raw('deallocate all')` }), table('cccc'))
      bench.write(
        { revision: 'dddd', transaction: false, up: `  await knex.raw('deallocate prepare all')` },
        table('eeee'),
      )
      await bench.upgrade()
      expect(await bench.rows()).toStrictEqual(['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee'].map((id) => `${id} applied`))
      expect(retries(bench)).toBe(0)
    })

    test('one that does so unseen, in a function, is rolled back, tried again, and recorded once', async () => {
      const bench = await createBench(engine)
      await bench.query(
        `create function forget() returns void language plpgsql as $$ begin execute 'deallocate all'; end $$`,
      )
      const both = `  await knex.schema.createTable('bbbb', (t) => t.integer('id'))\n  await knex.raw('select forget()')`
      bench.write(table('aaaa'), table('bbbb', { up: both }), table('cccc'))
      await bench.upgrade()
      expect(await bench.tables()).toStrictEqual(['aaaa', 'bbbb', 'cccc'])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
      expect(retries(bench)).toBe(1)
    })
  },
  { only: ['postgres'] },
)
