// The process that runs migrations ends: killed in a long statement, asked to stop, out of memory, its terminal closed.

import { expect, test } from '@jest/globals'

import { type Bench, createBench, eventually, table } from '../runner/workbench.js'
import { engineNamed, forEachEngine, type TestEngine } from '../support/engines.js'
import { runToTheEnd } from './support/to-the-end.js'

const postgres = engineNamed('postgres')
const mysql = engineNamed('mysql')
const testPostgres = postgres.skipped === undefined ? test : test.skip
const testMysql = mysql.skipped === undefined ? test : test.skip

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** aaaa is applied, bbbb has written a row and does what `lines` say. */
async function inTheMiddle(engine: TestEngine, lines: string) {
  const bench = await createBench(engine)
  bench.write(table('aaaa'), { revision: 'bbbb', up: `  await knex('aaaa').insert({ id: 7 })\n${lines}` })
  const runner = bench.start('upgrade')
  await runner.waitForOutput(/at work/)
  await pause(300)
  return { bench, runner }
}

function longStatement(engine: TestEngine, seconds: number): string {
  if (engine.name === 'sqlite')
    return `  context.log('at work')\n  await new Promise((resolve) => setTimeout(resolve, ${seconds * 1000}))`
  const sleep = engine.name === 'postgres' ? 'pg_sleep' : 'sleep'
  return `  context.log('at work')\n  await knex.raw('select ${sleep}(${seconds})')`
}

/** Nothing of bbbb is there; without its long part it is applied. */
async function completes(bench: Bench): Promise<void> {
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  expect(await bench.query('select * from aaaa')).toStrictEqual([])
  bench.write({ revision: 'bbbb', down: 'aaaa', up: `  await knex('aaaa').insert({ id: 8 })` })
  expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
  expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 8 }])
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
}

testPostgres('A3 killed during a long statement: the server ends it, and the lock is free', async () => {
  const { bench, runner } = await inTheMiddle(postgres, longStatement(postgres, 300))
  runner.kill('SIGKILL')
  await runner.exit
  const isFree = async () => {
    const [row] = await bench.query(
      `select count(*)::int as held from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    )
    return row?.['held'] === 0
  }
  await eventually(isFree, 'the lock is free')
  await completes(bench)
})

testMysql('A7 killed in the midst of an ALTER: a run at once waits or says who, and it ends well', async () => {
  const bench = await createBench(mysql)
  await bench.query('create table big (id integer primary key auto_increment, a integer)')
  const [row] = await bench.query(`select @@version like '%MariaDB%' as is_mariadb`)
  bench.write(table('aaaa'), {
    revision: 'bbbb',
    up: `  context.log('at work')\n  await knex.raw('alter table big add column b integer')`,
  })
  // A reader in an open transaction: the ALTER waits for it, inside the server.
  const reader = await bench.database.connect()
  await reader.query('begin')
  await reader.query('select * from big')
  const runner = bench.start('upgrade')
  await runner.waitForOutput(/at work/)
  await eventually(async () => {
    const [waiting] = await bench.query(
      `select count(*) as n from information_schema.processlist where info like 'alter table big%'`,
    )
    return Number(waiting?.['n']) > 0
  }, 'the ALTER waits')
  runner.kill('SIGKILL')
  await runner.exit
  const meanwhile = await bench.run('upgrade', '--lock-timeout', '0')
  // The server may still be at the ALTER for the session that is gone, or have noticed.
  expect(`${meanwhile.code} ${meanwhile.stderr}`).toMatch(
    /^3 [^]*connection \d+[^]*\[lock\.held\]|^6 [^]*bbbb[^]*\[partial\./,
  )
  await reader.query('rollback')
  await pause(row?.['is_mariadb'] === 1 ? 1500 : 6000)
  await runToTheEnd((args) => bench.run(...args))
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  expect(await bench.query('select b from big')).toStrictEqual([])
})

testMysql(
  'A15 SIGTERM in an ALTER: it is cancelled, or reported as unfinished, and the next run ends well',
  async () => {
    const bench = await createBench(mysql)
    await bench.query('create table big (id integer primary key auto_increment, a integer)')
    bench.write({
      revision: 'aaaa',
      up: `  await knex.schema.createTable('aaaa', (t) => t.integer('id'))
  context.log('at work')
  await knex.raw('alter table big add column b integer')`,
    })
    const reader = await bench.database.connect()
    await reader.query('begin')
    await reader.query('select * from big')
    const runner = bench.start('upgrade')
    await runner.waitForOutput(/at work/)
    await pause(300)
    runner.kill('SIGTERM')
    expect(await runner.exit).toMatchObject({ code: 6, stderr: expect.stringContaining('[partial.unfinished]') })
    await reader.query('rollback')
    await runToTheEnd((args) => bench.run(...args))
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await bench.query('select b from big')).toStrictEqual([])
  },
)

forEachEngine((engine) => {
  test.each([
    ['A13', 'SIGINT', 130],
    ['A13 A18', 'SIGHUP', 143],
    ['A20', 'SIGTERM', 143],
  ] as const)('%s %s in mid-statement: cancelled, rolled back, the lock is free', async (_, signal, code) => {
    const { bench, runner } = await inTheMiddle(engine, longStatement(engine, 300))
    // A container gives ten seconds: what waits for the statement is killed then, and has no code.
    const container = setTimeout(() => runner.kill('SIGKILL'), 10_000)
    runner.kill(signal)
    const result = await runner.exit
    clearTimeout(container)
    expect(result).toMatchObject({ code, signal: null, stderr: expect.stringContaining(`Stopped by ${signal}`) })
    await completes(bench)
  })

  test('A14 SIGINT twice ends it at once; the server rolls back', async () => {
    const { bench, runner } = await inTheMiddle(engine, longStatement(engine, 300))
    runner.kill('SIGINT')
    await pause(50)
    runner.kill('SIGINT')
    expect(await runner.exit).toMatchObject({ code: 130, signal: null })
    await completes(bench)
  })

  test('A16 SIGTERM while it waits for the lock: it leaves at once, without a trace', async () => {
    const { bench, runner } = await inTheMiddle(engine, longStatement(engine, 300))
    const waiting = bench.start('upgrade')
    await waiting.waitForOutput(/Waiting for another run/)
    waiting.kill('SIGTERM')
    expect(await waiting.exit).toMatchObject({ code: 143, stderr: expect.stringContaining('Stopped by SIGTERM') })
    expect(runner.child.exitCode).toBeNull()
    runner.kill('SIGTERM')
    expect(await runner.exit).toMatchObject({ code: 143 })
    await completes(bench)
  })

  test('A18 a closed standard output (`mig upgrade | head -1`) does not stop a run', async () => {
    const bench = await createBench(engine)
    const lines = `for (let n = 0; n < 50; n++) { context.log('line ' + n); await new Promise((resolve) => setTimeout(resolve, 5)) }`
    bench.write({ revision: 'aaaa', up: `  ${lines}\n  await knex.schema.createTable('aaaa', (t) => t.integer('id'))` })
    bench.write(table('bbbb'))
    const runner = bench.start('upgrade')
    await runner.waitForOutput(/./)
    runner.child.stdout?.destroy()
    runner.child.stderr?.destroy()
    expect(await runner.exit).toMatchObject({ code: 0 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('A19 Node runs out of memory in the middle: as if it were killed', async () => {
    const bench = await createBench(engine)
    const hoard = `  const hoard = []\n  for (;;) hoard.push(new Array(100_000).fill(hoard.length))`
    bench.write(table('aaaa'), { revision: 'bbbb', up: `  await knex('aaaa').insert({ id: 7 })\n${hoard}` })
    const env = { MIG_DATABASE_URL: bench.database.url, NODE_OPTIONS: '--max-old-space-size=64' }
    const result = await bench.project.run(['upgrade'], { env })
    expect(result).toMatchObject({ code: null, signal: 'SIGABRT', stderr: expect.stringContaining('out of memory') })
    await completes(bench)
  })
})
