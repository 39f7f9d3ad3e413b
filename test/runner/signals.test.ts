// Stopped by a signal, or killed: what was begun is rolled back or reported, the lock is free, and the next run completes.

import { expect, test } from '@jest/globals'

import type { TestEngine } from '../support/engines.js'
import { forEachEngine } from '../support/engines.js'
import { type Bench, createBench, table } from './workbench.js'

/** A statement that outlives the test, where the server is known to stop it; else a pause. */
function long(engine: TestEngine): string {
  if (engine.name === 'sqlite') return `  await new Promise((resolve) => setTimeout(resolve, 300_000))`
  return `  await knex.raw('select ${engine.name === 'postgres' ? 'pg_sleep(300)' : 'sleep(300)'}')`
}

/** What the server executes for sessions of this database: the statement must be cancelled, not left behind. */
async function executedIn({ name }: TestEngine, bench: Bench): Promise<readonly unknown[]> {
  if (name === 'sqlite') return []
  return bench.query(
    name === 'postgres'
      ? `select query from pg_stat_activity where datname = current_database() and state = 'active' and query like 'select pg_sleep%'`
      : `select info from information_schema.processlist where db = database() and info like 'select sleep%'`,
  )
}

/** One migration is applied; the second has written a row and is in the midst of something long. */
async function inTheMiddle(engine: TestEngine, direction: 'up' | 'down' = 'up') {
  const bench = await createBench(engine)
  const work = `  await knex('aaaa').insert({ id: 7 })\n  context.log('at work')\n${long(engine)}`
  bench.write(table('aaaa'), { revision: 'bbbb', ...(direction === 'up' ? { up: work } : { undo: work }) })
  if (direction === 'down') await bench.upgrade()
  const runner = bench.start(...(direction === 'up' ? ['upgrade'] : ['downgrade', '-1']))
  await runner.waitForOutput(/at work/)
  await new Promise((resolve) => setTimeout(resolve, 100))
  return { bench, runner }
}

/** Nothing of it is left, and the migration, now fixed, is applied at once. */
async function completes(bench: Bench): Promise<void> {
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  expect(await bench.query('select * from aaaa')).toStrictEqual([])
  bench.write({ revision: 'bbbb', down: 'aaaa', up: `  await knex('aaaa').insert({ id: 8 })` })
  await bench.upgrade({ lockTimeout: 15 })
  expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 8 }])
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
}

forEachEngine((engine) => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('%s rolls back what is at hand and ends with %i', async (signal, code) => {
    const { bench, runner } = await inTheMiddle(engine)
    runner.kill(signal)
    const result = await runner.exit
    expect(result).toMatchObject({ code, signal: null })
    expect(result.stderr).toContain(`Stopped by ${signal}`)
    expect(result.stderr).toContain('[interrupted.signal]')
    expect(await executedIn(engine, bench)).toStrictEqual([])
    await completes(bench)
  })

  test('a way back that is stopped leaves the revision applied', async () => {
    const { bench, runner } = await inTheMiddle(engine, 'down')
    runner.kill('SIGTERM')
    expect(await runner.exit).toMatchObject({ code: 143 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    expect(await bench.query('select * from aaaa')).toStrictEqual([])
  })

  test('the second signal ends it at once', async () => {
    const bench = await createBench(engine)
    // The second comes before the server can have answered the rollback of the first, so nobody says how it was stopped.
    // On SQLite nothing has to be waited for: the first may have ended it.
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: `  const { existsSync } = await import('node:fs')
  await knex('aaaa').insert({ id: 7 })
  context.signal.addEventListener('abort', () => {
    context.log('first signal')
    while (!existsSync('go'));
  })
  context.log('at work')
  await new Promise((resolve) => setTimeout(resolve, 300_000))`,
    })
    const runner = bench.start('upgrade')
    await runner.waitForOutput(/at work/)
    runner.kill('SIGINT')
    await runner.waitForOutput(/first signal/)
    runner.kill('SIGINT')
    bench.project.write('go', '')
    const result = await runner.exit
    expect(result).toMatchObject({ code: 130, signal: null })
    if (engine.name !== 'sqlite') expect(result.stderr).toBe('')
    await completes(bench)
  })

  test('a signal while waiting for the lock leaves no trace', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: `  const { existsSync } = await import('node:fs')
  await knex('aaaa').insert({ id: 7 })
  context.log('at work')
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))`,
    })
    const holder = bench.start('upgrade')
    await holder.waitForOutput(/at work/)
    const waiting = bench.start('upgrade')
    await waiting.waitForOutput(/Waiting for another run/)
    waiting.kill('SIGTERM')
    const left = await waiting.exit
    expect(left).toMatchObject({ code: 143, stderr: expect.stringContaining('[interrupted.signal]') })
    expect(holder.output()).not.toContain('Now at head')
    expect(holder.child.exitCode).toBeNull()
    bench.project.write('go', '')
    expect(await holder.exit).toMatchObject({ code: 0, stderr: '' })
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 7 }])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('after kill -9 in the middle the next run completes', async () => {
    const { bench, runner } = await inTheMiddle(engine)
    runner.kill('SIGKILL')
    await runner.exit
    await completes(bench) // the server notices it within a second or two, and rolls back
  })

  test('a migration that stops to be stopped is believed: without a transaction it is reported as unfinished', async () => {
    const bench = await createBench(engine)
    bench.write({
      ...table('aaaa', { transaction: false }),
      up: `  await knex.schema.createTable('aaaa', (t) => t.integer('id'))\n  context.log('at work')\n${long(engine)}`,
    })
    const runner = bench.start('upgrade')
    await runner.waitForOutput(/at work/)
    runner.kill('SIGINT')
    expect(await runner.exit).toMatchObject({ code: 6, stderr: expect.stringContaining('mig resolve aaaa --applied') })
    expect(await bench.rows()).toStrictEqual(['aaaa running'])
  })
})
