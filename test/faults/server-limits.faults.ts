// The server refuses, ends a connection, or has no room: each is told for what it is, and nothing half stays.

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import { type Bench, benchOn, createBench, table } from '../runner/workbench.js'
import { mysqlServer } from '../support/engines/mysql.js'
import { engineNamed, forEachEngine, type EngineName } from '../support/engines.js'
import { startMysql } from '../support/servers/mysql.js'
import { readRunReport } from '../support/servers/report.js'
import { runToTheEnd } from './support/to-the-end.js'

const postgres = engineNamed('postgres')
const mysql = engineNamed('mysql')
const sqlite = engineNamed('sqlite')
const testPostgres = postgres.skipped === undefined ? test : test.skip
const testMysql = mysql.skipped === undefined ? test : test.skip
const testSqlite = sqlite.skipped === undefined ? test : test.skip

const waits = `  const { existsSync } = await import('node:fs')
  context.log('at work')
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))`

/** Ends every session of mig in the database, as an administrator does. */
async function endSessions(engine: EngineName, bench: Bench): Promise<void> {
  if (engine === 'postgres') {
    await bench.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    return
  }
  const sessions = await bench.query(
    'select id as id from information_schema.processlist where db = database() and id <> connection_id()',
  )
  for (const { id } of sessions) await bench.query(`kill ${Number(id)}`)
}

forEachEngine(
  (engine) => {
    test('B1 an administrator ends the connection in the middle: nothing of the migration stays', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'))
      bench.write({
        revision: 'bbbb',
        up: `  await knex('aaaa').insert({ id: 1 })\n${waits}\n  await knex('aaaa').insert({ id: 2 })`,
      })
      const runner = bench.start('upgrade')
      await runner.waitForOutput(/at work/)
      await endSessions(engine.name, bench)
      bench.project.write('go', '')
      expect(await runner.exit).toMatchObject({ code: 8 })
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
      expect(await bench.query('select id from aaaa order by id')).toStrictEqual([{ id: 1 }, { id: 2 }])
    })

    test('B19 the connection ends between statements without a transaction: no new one goes on without the lock', async () => {
      const bench = await createBench(engine)
      bench.write({
        revision: 'aaaa',
        transaction: false,
        up: `  await knex.schema.createTable('one', (t) => t.integer('id'))
${waits}
  await knex.schema.createTable('two', (t) => t.integer('id'))`,
      })
      const runner = bench.start('upgrade')
      await runner.waitForOutput(/at work/)
      await endSessions(engine.name, bench)
      bench.project.write('go', '')
      const { code } = await runner.exit
      expect([6, 8]).toContain(code)
      expect((await bench.tables()).filter((name) => /^(one|two)$/.test(name))).toStrictEqual(['one'])
      expect(await bench.rows()).toStrictEqual(['aaaa running'])
      await runToTheEnd((args) => bench.run(...args))
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    })
  },
  { only: ['postgres', 'mysql'] },
)

testPostgres('B7 a read-only server is refused before anything', async () => {
  const bench = await createBench(postgres)
  bench.write(table('aaaa'))
  await bench.query(`alter database "${bench.database.name}" set default_transaction_read_only = on`)
  const result = await bench.run('upgrade')
  expect(result).toMatchObject({ code: 8, stderr: expect.stringContaining('[engine.read-only]') })
  expect(await bench.tables()).toStrictEqual([])
})

testSqlite('B9 a file that may only be read is refused, with its path', async () => {
  const bench = await createBench(sqlite)
  bench.write(table('aaaa'))
  const filename = decodeURIComponent(bench.database.url.slice('sqlite:'.length))
  const database = {
    client: 'better-sqlite3',
    connection: { filename, options: { readonly: true } },
    useNullAsDefault: true,
  }
  bench.project.write('mig.config.mjs', `export default { database: ${JSON.stringify(database)} }\n`)
  const result = await bench.project.run(['upgrade'])
  expect(result).toMatchObject({ code: 8, stderr: expect.stringContaining('[engine.read-only]') })
  expect(result.stderr).toContain(bench.database.name)
  expect(await bench.tables()).toStrictEqual([])
})

testSqlite('B11 the database is full: the migration is rolled back, and the next run completes', async () => {
  const bench = await createBench(sqlite)
  bench.write(table('aaaa'))
  const fill = `  for (let n = 0; n < 200; n++) await knex.raw("insert into aaaa (id) select value from json_each(?)", [JSON.stringify(Array.from({ length: 1000 }, (_, i) => i))])`
  bench.write({ revision: 'bbbb', up: `  await knex.raw('pragma max_page_count = 20')\n${fill}` })
  const result = await bench.run('upgrade')
  // SQLite rolls back by itself when it is full: the ROLLBACK that follows fails, and must not hide why.
  expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('SQLITE_FULL') })
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  expect(await bench.query('select count(*) as n from aaaa')).toStrictEqual([{ n: 0 }])
  bench.write({ revision: 'bbbb', down: 'aaaa', up: fill })
  expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
})

testPostgres('B16 no connection is left: told as unreachable; when one is free again, the run goes', async () => {
  const bench = await createBench(postgres)
  const role = `limited_${randomUUID().slice(-12)}`
  await bench.query(`create role ${role} login connection limit 1`)
  await bench.query(`alter database "${bench.database.name}" owner to ${role}`)
  const url = new URL(bench.database.url)
  url.username = role
  bench.write({ revision: 'aaaa', up: `${waits}\n  await knex.schema.createTable('aaaa', (t) => t.integer('id'))` })
  const env = { MIG_DATABASE_URL: url.href }
  const holder = bench.project.start(['upgrade'], { env })
  await holder.waitForOutput(/at work/)
  const refused = await bench.project.run(['upgrade'], { env })
  expect(refused).toMatchObject({ code: 8, stderr: expect.stringContaining('[engine.unreachable]') })
  bench.project.write('go', '')
  expect(await holder.exit).toMatchObject({ code: 0 })
  expect(await bench.project.run(['upgrade'], { env })).toMatchObject({ code: 0 })
  await bench.database.drop()
})

testPostgres('B17 idle_in_transaction_session_timeout does not end a migration that computes', async () => {
  const bench = await createBench(postgres)
  await bench.query(`alter database "${bench.database.name}" set idle_in_transaction_session_timeout = '300ms'`)
  const computes = `  await new Promise((resolve) => setTimeout(resolve, 1500))`
  bench.write({ revision: 'aaaa', up: `  await knex.raw('select 1')\n${computes}\n  await knex.raw('select 1')` })
  expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
})

testMysql('B18 a short wait_timeout does not end a migration that computes', async () => {
  const server = await startMysql(join(readRunReport().folder, 'impatient-mysql'))
  try {
    const bench = benchOn(mysql, await mysqlServer(server.url).createDatabase('impatient'))
    await bench.query('set global wait_timeout = 1')
    const computes = `  await new Promise((resolve) => setTimeout(resolve, 3000))`
    bench.write({ revision: 'aaaa', up: `  await knex.raw('select 1')\n${computes}\n  await knex.raw('select 1')` })
    bench.write(
      table('bbbb', { transaction: false, up: `${computes}\n  await knex.raw('create table bbbb (id integer)')` }),
    )
    expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  } finally {
    await server.stop()
  }
})
