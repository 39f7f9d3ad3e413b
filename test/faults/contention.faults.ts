// Others hold what a run needs: its own lock, or the tables.

import { readFileSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { allTables, type Bench, benchOn, createBench, table } from '../runner/workbench.js'
import { type EngineName, engineNamed, forEachEngine, type TestEngine } from '../support/engines.js'
import { openProxy } from './support/proxy.js'
import { expectSaid } from './support/table.js'

const postgres = engineNamed('postgres')
const mysql = engineNamed('mysql')
const sqlite = engineNamed('sqlite')
const testPostgres = postgres.skipped === undefined ? test.concurrent : test.concurrent.skip
const testMysql = mysql.skipped === undefined ? test.concurrent : test.concurrent.skip
const testSqlite = sqlite.skipped === undefined ? test.concurrent : test.concurrent.skip

const holdsLock = `  const { existsSync } = await import('node:fs')
  context.log('at work')
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))`

forEachEngine((engine) => {
  test.concurrent(
    'C3 C4 the lock is held: with no time to wait, and after it, the run ends and says by whom',
    async () => {
      const bench = await createBench(engine)
      bench.write(
        table('aaaa', { up: `${holdsLock}\n  await knex.schema.createTable('aaaa', (t) => t.integer('id'))` }),
      )
      const holder = bench.start('upgrade')
      await holder.waitForOutput(/at work/)
      const name = engine.name === 'mysql' ? /connection \d+/ : new RegExp(`pid ${holder.child.pid}`)
      for (const seconds of ['0', '1']) {
        const result = await bench.run('upgrade', '--lock-timeout', seconds)
        expect(result).toMatchObject({ code: 3, stderr: expect.stringMatching(/\[lock\.held\]/) })
        expect(result.stderr).toMatch(name)
        expect(result.stderr.includes('Waited 1 s.')).toBe(seconds === '1')
        expect(result.stdout.includes('Waiting for another run')).toBe(seconds === '1')
      }
      bench.project.write('go', '')
      expect(await holder.exit).toMatchObject({ code: 0 })
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    },
  )

  test.concurrent('C12 C16 a downgrade and an upgrade at once: one waits, and plans anew', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa', { undo: `${holdsLock}\n  await knex.schema.dropTable('aaaa')` }), table('bbbb'))
    expect(await bench.run('upgrade', 'aaaa')).toMatchObject({ code: 0 })
    const down = bench.start('downgrade', 'base')
    await down.waitForOutput(/at work/)
    const up = bench.start('upgrade')
    await up.waitForOutput(/Waiting for another run/)
    bench.project.write('go', '')
    expect(await down.exit).toMatchObject({ code: 0 })
    expect(await up.exit).toMatchObject({ code: 0 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    expect(await bench.tables()).toStrictEqual(['aaaa', 'bbbb'])
  })
})

testPostgres('C5 five runs wait while one builds an index concurrently: nobody deadlocks', async () => {
  const bench = await createBench(postgres)
  await bench.query('create table big as select n as id, md5(n::text) as name from generate_series(1, 50000) n')
  bench.write({
    revision: 'aaaa',
    transaction: false,
    up: `  await knex.raw('create index concurrently big_name on big (name)')`,
  })
  bench.write(table('bbbb'))
  const results = await Promise.all(Array.from({ length: 6 }, () => bench.run('upgrade')))
  expect(results.filter(({ code }) => code !== 0)).toStrictEqual([])
  expect(await bench.query(`select indisvalid from pg_index where indexrelid = 'big_name'::regclass`)).toStrictEqual([
    { indisvalid: true },
  ])
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
})

testMysql('C8 two projects in two databases of one server do not wait for each other', async () => {
  const [one, two] = await Promise.all([createBench(mysql), createBench(mysql)])
  one.write(table('aaaa', { up: `${holdsLock}\n  await knex.schema.createTable('aaaa', (t) => t.integer('id'))` }))
  two.write(table('aaaa'))
  const holder = one.start('upgrade')
  await holder.waitForOutput(/at work/)
  expect(await two.run('upgrade', '--lock-timeout', '0')).toMatchObject({ code: 0 })
  expect(await two.rows()).toStrictEqual(['aaaa applied'])
  expect(await one.rows()).toStrictEqual([])
  one.project.write('go', '')
  expect(await holder.exit).toMatchObject({ code: 0 })
})

for (const answer of ['null', '0'])
  testMysql(`C14 the server answers ${answer} to GET_LOCK: that is not the lock`, async () => {
    const bench = await createBench(mysql)
    bench.write(table('aaaa'))
    const proxy = await openProxy(bench.database.url, {
      onStatement: ({ sql }) => (/get_lock\(/.test(sql) ? { instead: `select ${answer} as \`taken\`` } : 'pass'),
    })
    const env = { MIG_DATABASE_URL: proxy.url }
    const result = await bench.project.run(['upgrade', '--lock-timeout', '1'], { env })
    await proxy.close()
    expect(proxy.statements.filter(({ sql }) => /get_lock\(/.test(sql)).length).toBeGreaterThan(1)
    expectSaid(result, { name: answer, code: 3, says: /Waited 1 s\. Nothing was changed\. \[lock\.held\]/ })
    expect(await allTables('mysql', bench.database)).toStrictEqual([])
    expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

const alter = `  await knex.schema.alterTable('busy', (t) => t.integer('b'))`

/** Other databases of the same server may have a table of that name. */
async function columnsOfBusy(engine: TestEngine, bench: Bench): Promise<readonly string[]> {
  const schema = engine.name === 'mysql' ? 'database()' : 'current_schema()'
  const rows = await bench.query(
    `select column_name as name from information_schema.columns
      where table_name = 'busy' and table_schema = ${schema} order by ordinal_position`,
  )
  return rows.map(({ name }) => String(name))
}

for (const [number, engine, run] of [
  ['C9', postgres, testPostgres],
  ['C10', mysql, testMysql],
] as const) {
  run(`${number} a reader holds the table for a while: the run gives way, tries again and ends well`, async () => {
    const bench = await createBench(engine)
    await bench.query('create table busy (a integer)')
    bench.write({ revision: 'aaaa', up: alter })
    const reader = await bench.database.connect()
    await reader.query('begin')
    await reader.query('select * from busy')
    const runner = bench.start('upgrade')
    await runner.waitForOutput(/rolled back, trying again \(\d of \d\)/, 20_000)
    await reader.query('rollback')
    expect(await runner.exit).toMatchObject({ code: 0 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await columnsOfBusy(engine, bench)).toStrictEqual(['a', 'b'])
  })

  run(`${number} a reader holds the table for ever: the run gives up, and nothing of it is there`, async () => {
    const bench = await createBench(engine)
    await bench.query('create table busy (a integer)')
    bench.write({ revision: 'aaaa', up: alter })
    const reader = await bench.database.connect()
    await reader.query('begin')
    await reader.query('select * from busy')
    const { code, stderr } = await bench.project.run(['upgrade'], {
      env: { MIG_DATABASE_URL: bench.database.url },
      timeoutMs: 120_000,
    })
    expect({ code, stderr }).toStrictEqual({ code: 3, stderr: expect.stringMatching(/aaaa make aaaa[^]*\[/) })
    await reader.query('rollback')
    expect(await bench.rows()).toStrictEqual([])
    expect(await columnsOfBusy(engine, bench)).toStrictEqual(['a'])
    expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
    expect(await columnsOfBusy(engine, bench)).toStrictEqual(['a', 'b'])
  })
}

testSqlite('C11 another process holds the write lock: the run waits for it; when it stays, it gives up', async () => {
  const bench = await createBench(sqlite)
  await bench.query('create table busy (a integer)')
  bench.write(table('aaaa'))
  const writer = await bench.database.connect()
  await writer.query('begin immediate')
  const runner = bench.start('upgrade')
  await runner.waitForOutput(/Applying 1 revision/)
  await writer.query('rollback')
  expect(await runner.exit).toMatchObject({ code: 0 })
  bench.write(table('bbbb'))
  await writer.query('begin immediate')
  const result = await bench.run('upgrade', '--lock-timeout', '2')
  await writer.query('rollback')
  expectSaid(result, {
    name: 'C11',
    code: 3,
    says: /is being written by somebody else: database is locked\. \[lock\.timeout\]/,
  })
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  expect(await bench.tables()).toStrictEqual(['aaaa', 'busy'])
})

forEachEngine((engine) => {
  test.concurrent('C15 the program runs while the library holds the lock in another process', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    const other = benchOn(engine, bench.database)
    other.write(table('aaaa'))
    const results = await Promise.all([bench.run('upgrade'), other.run('upgrade'), bench.run('upgrade')])
    expect(results.map(({ code }) => code)).toStrictEqual([0, 0, 0])
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })
})

/** A connection that a migration opens itself, and that needs what the migration's own transaction holds. */
const ownConnection: Readonly<Record<EngineName, string>> = {
  sqlite: `{ client: 'better-sqlite3', connection: context.url, useNullAsDefault: true,
    pool: { afterCreate: (raw, done) => { raw.pragma('busy_timeout = 200'); done(null, raw) } } }`,
  postgres: `{ client: 'pg', connection: context.url }`,
  mysql: `{ client: 'mysql2', connection: context.url }`,
}

forEachEngine((engine) => {
  test.concurrent('C17 a migration waits for its own transaction, by another connection', async () => {
    const bench = await createBench(engine)
    const url = engine.name === 'sqlite' ? bench.database.url.slice('sqlite:'.length) : bench.database.url
    const up = `  const own = (await import('knex')).default(${ownConnection[engine.name].replaceAll('context.url', JSON.stringify(url))})
  await knex('aaaa').insert([{ id: 1 }, { id: 2 }])
  ;(await import('node:fs')).appendFileSync('tries', 'x')
  await own('aaaa').insert({ id: 1 }).finally(() => own.destroy())`
    bench.write(table('aaaa', { up: `  await knex.schema.createTable('aaaa', (t) => t.integer('id').primary())` }))
    bench.write({ revision: 'bbbb', up })
    const result = await bench.run('upgrade', '--timeout', '12')
    expect(result.stderr).toContain('se the Knex that `up` is given')
    if (engine.name === 'sqlite') expect(result.stderr).toContain('database is locked')
    else {
      const waits = /between two statements, and waiting for it: .*If migrations\/002_bbbb\.mjs opened that connection/
      expect(result.stdout).toMatch(waits)
      expect(result.stderr).toMatch(/longer than 12 s .*Waiting for it: .*\[migration\.timeout\]/s)
    }
    expect(result.code).toBe(1)
    expect(readFileSync(bench.project.path('tries'), 'utf8')).toBe('x')
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    // What the other connection does is not mig's to roll back.
    expect(await bench.query('select id from aaaa where id = 2')).toStrictEqual([])
  })
})
