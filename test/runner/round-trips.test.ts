// What a migration costs on the way to the server and back: counted, because over a network that is what it takes.

import { expect, test } from '@jest/globals'

import { openProxy } from '../faults/support/proxy.js'
import { forEachEngine } from '../support/engines.js'
import { type Bench, createBench, table } from './workbench.js'

/** What an upgrade sends. */
async function sentBy(bench: Bench, options: { transaction?: 'all' } = {}): Promise<readonly string[]> {
  const proxy = await openProxy(bench.database.url)
  try {
    await bench.upgrade({ databaseUrl: proxy.url, ...options })
    return proxy.statements.map(({ sql }) => sql)
  } finally {
    await proxy.close()
  }
}

forEachEngine(
  (engine) => {
    test('a migration of one statement is four messages: begin with the fence, itself, the record, and commit', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), table('bbbb'), table('cccc'))
      const sent = await sentBy(bench)
      const second = sent.findIndex((sql) => sql.startsWith('create table "bbbb"')) - 1
      expect(sent.slice(second, second + 5)).toStrictEqual([
        expect.stringMatching(/^BEGIN; update .*mig_state" set seq = seq \+ 1/),
        expect.stringMatching(/^create table "bbbb"/),
        expect.stringMatching(/^with fence as .*pg_locks/s),
        'COMMIT;',
        expect.stringMatching(/^BEGIN;/),
      ])
    })

    test('in one transaction the fence is entered once, and the lock looked for once', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), table('bbbb'), table('cccc'))
      const sent = await sentBy(bench, { transaction: 'all' })
      const first = sent.findIndex((sql) => sql.startsWith('BEGIN;'))
      expect(sent.slice(first, first + 8)).toStrictEqual([
        expect.stringMatching(/^BEGIN; update .*mig_state" set seq = seq \+ 1/),
        expect.stringMatching(/^create table "aaaa"/),
        expect.stringMatching(/^with fence as (?!.*pg_locks)/s),
        expect.stringMatching(/^create table "bbbb"/),
        expect.stringMatching(/^with fence as (?!.*pg_locks)/s),
        expect.stringMatching(/^create table "cccc"/),
        expect.stringMatching(/^with fence as .*pg_locks/s),
        'COMMIT;',
      ])
      expect(await bench.query('select seq::int as seq from mig_state')).toStrictEqual([{ seq: 1 }])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
    })

    test('a limit of lock waits that one migration sets is not that of the next in the transaction', async () => {
      const bench = await createBench(engine)
      const keep = (name: string) =>
        `  await knex.raw("create table ${name} as select current_setting('lock_timeout') as is")`
      bench.write({
        revision: 'aaaa',
        up: `  await knex.raw("select set_config(?, '77s', true)", ['lock_timeout'])\n${keep('aaaa')}`,
      })
      bench.write({ revision: 'bbbb', up: keep('bbbb') })
      await bench.upgrade({ transaction: 'all' })
      expect(await bench.query('select aaaa.is as a, bbbb.is as b from aaaa, bbbb')).toStrictEqual([
        { a: '77s', b: '5s' },
      ])
    })

    test('what can be used only after a commit divides the transaction: each part has its fence', async () => {
      const bench = await createBench(engine)
      await bench.query(`create type mood as enum ('ok')`)
      bench.write(table('aaaa'), { revision: 'bbbb', up: `  await knex.raw("alter type mood add value 'sad'")` })
      bench.write(
        { revision: 'cccc', up: `  await knex.raw("create table cccc as select 'sad'::mood as is")` },
        table('dddd'),
      )
      const sent = await sentBy(bench, { transaction: 'all' })
      expect(sent.filter((sql) => sql.startsWith('BEGIN;'))).toHaveLength(2)
      expect(sent.filter((sql) => sql.includes('pg_locks') && sql.includes('fence'))).toHaveLength(2)
      expect(await bench.rows()).toStrictEqual(['aaaa', 'bbbb', 'cccc', 'dddd'].map((id) => `${id} applied`))
      expect(await bench.query('select seq::int as seq from mig_state')).toStrictEqual([{ seq: 2 }])
    })
  },
  { only: ['postgres'] },
)
