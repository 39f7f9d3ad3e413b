// The server refuses, ends a connection, or has no room: each is reported for what it is, and nothing half stays.

import { randomUUID } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import { allTables, type Bench, benchOn, createBench, table } from '../runner/workbench.js'
import { mysqlServer } from '../support/engines/mysql.js'
import { sqliteServer } from '../support/engines/sqlite.js'
import { engineNamed, forEachEngine, type EngineName } from '../support/engines.js'
import { drawn, migration, snapshot } from '../support/migrations.js'
import { ordinaryRights, testWithModes } from '../support/ordinary-rights.js'
import { createProject } from '../support/project.js'
import { startMysql } from '../support/servers/mysql.js'
import { readRunReport } from '../support/servers/report.js'
import { testWithDisk, withSmallDisk } from '../support/small-disk.js'
import { expectSaid } from './support/table.js'
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
      expectSaid(await runner.exit, { name: 'B1', code: 8, says: /bbbb make bbbb[^]*\[engine\.unreachable\]/ })
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
      expectSaid(await runner.exit, { name: 'B19', code: 6, says: /aaaa make aaaa[^]*\[partial\./ })
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
  expectSaid(await bench.run('upgrade'), {
    name: 'B7',
    code: 8,
    says: /default_transaction_read_only[^]*\[engine\.read-only\]|\[engine\.read-only\][^]*default_transaction_read_only/,
  })
  expect(await allTables('postgres', bench.database)).toStrictEqual([])
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

const modes = [
  ['a file', 0o444, 0o755, /bench\.sqlite3 is not writable/],
  ['a folder', 0o644, 0o555, /bench\.sqlite3|folder/],
] as const
for (const [what, fileMode, folderMode, says] of modes)
  testWithModes(`B9 ${what} whose mode forbids to write is refused, and stays as it is`, async () => {
    const project = createProject({ files: { ...drawn('aaaa'), 'data/.keep': '' } })
    const args = ['upgrade', '--database-url', 'sqlite:./data/bench.sqlite3']
    expect(await project.run(args)).toMatchObject({ code: 0 })
    project.write('migrations/b.ts', migration('bbbb', 'aaaa'))
    chmodSync(project.path('data/bench.sqlite3'), fileMode)
    chmodSync(project.path('data'), folderMode)
    const before = snapshot(project)
    const result = await project.run(args, { prefix: ordinaryRights })
    expectSaid(result, { name: what, code: 8, says })
    expect(result.stderr).toContain('[engine.read-only]')
    expect(snapshot(project)).toEqual(before)
    chmodSync(project.path('data'), 0o755)
  })

testWithDisk('B12 the disk is full: the migration is rolled back, and the next run completes', async () => {
  await withSmallDisk('256k', async (disk) => {
    const bench = benchOn(sqlite, await sqliteServer(`sqlite:${disk}`).createDatabase('full'))
    bench.write(table('aaaa', { up: `  await knex.raw('create table aaaa (id integer, text varchar(2000))')` }))
    const insert = (rows: number) =>
      `  for (let id = 0; id < ${rows}; id++) await knex('aaaa').insert({ id, text: 'x'.repeat(2000) })`
    bench.write({ revision: 'bbbb', up: insert(200) })
    const result = await bench.run('upgrade')
    expectSaid(result, {
      name: 'B12',
      code: 1,
      says: /bbbb make bbbb failed: .*database or disk is full\. Nothing of it is in the database, and the database is at aaaa/,
    })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await bench.query('select count(*) as n from aaaa')).toStrictEqual([{ n: 0 }])
    bench.write({ revision: 'bbbb', down: 'aaaa', up: insert(2) })
    expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
    expect(await bench.query('select count(*) as n from aaaa')).toStrictEqual([{ n: 2 }])
    await bench.database.drop()
  })
})

/** A table that lies on the small disk. */
const onDisk = {
  postgres: (disk: string) => ({
    before: `create tablespace small_disk location '${disk}'`,
    up: `  await knex.raw('create table big (a text) tablespace small_disk')
  await knex.raw("insert into big select repeat(md5(n::text), 50) from generate_series(1, 20000) n")`,
    after: 'drop tablespace small_disk',
  }),
  mysql: (disk: string) => ({
    before: undefined,
    up: `  await knex.raw("create table big (a varchar(2000)) data directory = '${disk}'")
  const values = Array(500).fill("(repeat('x', 2000))").join()
  for (let n = 0; n < 60; n++) await knex.raw('insert into big values ' + values)`,
    after: undefined,
  }),
}
const diskIsFull = {
  postgres: /No space left on device/,
  mysql: /The table 'big' is full|ER_RECORD_FILE_FULL/,
}

forEachEngine(
  (engine) => {
    testWithDisk(
      'B10 the disk of a table is full: rolled back, or marked and reported, in the words of the server',
      async () => {
        const name = engine.name as 'postgres' | 'mysql'
        await withSmallDisk('16m', async (disk) => {
          const bench = await createBench(engine)
          const { before, up, after } = onDisk[name](disk)
          if (before !== undefined) await bench.query(before)
          bench.write(table('aaaa'), { revision: 'bbbb', up })
          const result = await bench.run('upgrade')
          expectSaid(result, { name: 'B10', code: name === 'postgres' ? 1 : 6, says: diskIsFull[name] })
          expect(await bench.rows()).toStrictEqual(
            name === 'postgres' ? ['aaaa applied'] : ['aaaa applied', 'bbbb running'],
          )
          expect(await bench.tables()).toStrictEqual(name === 'postgres' ? ['aaaa'] : ['aaaa', 'big'])
          await bench.query('drop table if exists big')
          if (after !== undefined) await bench.query(after)
          await bench.database.drop()
        })
      },
    )
  },
  { only: ['postgres', 'mysql'] },
)

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
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  expect(await bench.query('select count(*) as n from aaaa')).toStrictEqual([{ n: 200_000 }])
})

testPostgres('B16 no connection is left: reported as unreachable; when one is free again, the run goes', async () => {
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
  expectSaid(await bench.project.run(['upgrade', '--connect-timeout', '0'], { env }), {
    name: 'no time to wait',
    code: 8,
    says: /too many connections for role "limited_\w+"[^]*\[engine\.unreachable\]/,
  })
  const patient = bench.project.start(['upgrade', '--connect-timeout', '60'], { env })
  await patient.waitForOutput(/too many connections for role "limited_\w+".* Trying for \d+ s/)
  expect(holder.child.exitCode).toBeNull()
  bench.project.write('go', '')
  expect(await holder.exit).toMatchObject({ code: 0 })
  expectSaid(await patient.exit, { name: 'tried again', code: 0, says: /Already at head aaaa/ })
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  expect(await bench.tables()).toStrictEqual(['aaaa'])
  await bench.database.drop()
})

testPostgres('B17 idle_in_transaction_session_timeout does not end a migration that computes', async () => {
  const bench = await createBench(postgres)
  await bench.query(`alter database "${bench.database.name}" set idle_in_transaction_session_timeout = '300ms'`)
  const computes = `  await new Promise((resolve) => setTimeout(resolve, 1500))`
  bench.write({ revision: 'aaaa', up: `  await knex.raw('select 1')\n${computes}\n  await knex.raw('select 1')` })
  expect(await bench.run('upgrade')).toMatchObject({ code: 0, stderr: '' })
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
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
