// Stopped by a signal, or killed: what was begun is rolled back or told, the lock is free, and the next run completes.

import { expect, test } from '@jest/globals'

import type { TestEngine } from '../support/engines.js'
import { forEachEngine } from '../support/engines.js'
import { type Bench, createBench, table } from './workbench.js'

/** A statement that takes long, where the server can be told to stop it; else a pause. */
function long(engine: TestEngine): string {
  if (engine.name === 'sqlite') return `  await new Promise((resolve) => setTimeout(resolve, 60_000))`
  return `  await knex.raw('select ${engine.name === 'postgres' ? 'pg_sleep(5)' : 'sleep(5)'}')`
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

/** Nothing of it is left, and the migration, now mended, is applied at once. */
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
    const sent = performance.now()
    runner.kill(signal)
    const result = await runner.exit
    expect(result).toMatchObject({ code, signal: null })
    expect(performance.now() - sent).toBeLessThan(5000)
    expect(result.stderr).toContain(`Stopped by ${signal}`)
    expect(result.stderr).toContain('[interrupted.signal]')
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
    bench.write({
      revision: 'aaaa',
      up: `  context.log('at work')
  context.signal.addEventListener('abort', () => {
    context.log('first signal')
    const end = Date.now() + 400
    while (Date.now() < end);
  })
  await new Promise((resolve) => setTimeout(resolve, 60_000))`,
    })
    const runner = bench.start('upgrade')
    await runner.waitForOutput(/at work/)
    runner.kill('SIGINT')
    await runner.waitForOutput(/first signal/)
    runner.kill('SIGINT')
    expect(await runner.exit).toMatchObject({ code: 130 })
    expect(await bench.rows()).toStrictEqual([])
  })

  test('a signal while waiting for the lock leaves no trace', async () => {
    const { bench, runner } = await inTheMiddle(engine)
    const waiting = bench.start('upgrade')
    await waiting.waitForOutput(/Waiting for another run/)
    waiting.kill('SIGTERM')
    expect(await waiting.exit).toMatchObject({ code: 143 })
    expect(runner.child.exitCode).toBeNull()
    runner.kill('SIGKILL')
    await runner.exit
  })

  test('after kill -9 in the middle the next run completes', async () => {
    const { bench, runner } = await inTheMiddle(engine)
    runner.kill('SIGKILL')
    await runner.exit
    await completes(bench) // the server notices it within a second or two, and rolls back
  })

  test('a migration that stops to be stopped is believed: without a transaction it is told as unfinished', async () => {
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
