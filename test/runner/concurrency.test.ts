// Several runners at once: each migration exactly once, whoever runs it, and nobody fails.

import { existsSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { type Bench, benchOn, createBench, errorOf, eventually, table } from './workbench.js'

/** Each writes a line for each time that it is run. */
function witnessed(revision: string) {
  return {
    revision,
    up: `  await knex('witness').insert({ revision: '${revision}' })
  await knex.schema.createTable('${revision}', (t) => t.integer('id'))`,
  }
}

async function witnesses(bench: Bench): Promise<readonly string[]> {
  const rows = await bench.query('select revision from witness order by revision')
  return rows.map(({ revision }) => String(revision))
}

forEachEngine((engine) => {
  test('8 processes on a fresh database apply each migration once, and all succeed', async () => {
    const bench = await createBench(engine)
    if (engine.name === 'sqlite') await bench.database.drop() // as on a first deploy: no file
    bench.write({ revision: 'aaaa', up: `  await knex.raw('create table witness (revision varchar(10))')` })
    bench.write(witnessed('bbbb'))
    const results = await Promise.all(Array.from({ length: 8 }, () => bench.run('upgrade', '--quiet')))
    expect(results.filter(({ code }) => code !== 0)).toStrictEqual([])
    expect(await witnesses(bench)).toStrictEqual(['bbbb'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    for (let count = 0; count < 5; count++) bench.write(witnessed(`c${count}cc`))
    const more = await Promise.all(Array.from({ length: 8 }, () => bench.run('upgrade', '--quiet')))
    expect(more.filter(({ code }) => code !== 0)).toStrictEqual([])
    expect(await witnesses(bench)).toStrictEqual(['bbbb', 'c0cc', 'c1cc', 'c2cc', 'c3cc', 'c4cc'])
    expect((await bench.rows()).length).toBe(7)
    expect((await bench.check()).diagnostics).toStrictEqual([])
    if (engine.name === 'sqlite') expect(existsSync(`${bench.database.url.slice(7)}-mig-lock`)).toBe(false)
  }, 60_000)

  test('the second runner waits, says for whom, and finds nothing left to do', async () => {
    const bench = await createBench(engine)
    const go = bench.project.path('go')
    bench.write({
      ...table('aaaa'),
      up: `  const { existsSync } = await import('node:fs')
  context.log('at work')
  while (!existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 20))
  await knex.schema.createTable('aaaa', (t) => t.integer('id'))`,
    })
    const first = bench.start('upgrade')
    await first.waitForOutput(/at work/)
    const denied = await errorOf(bench.upgrade({ lockTimeout: 0 }))
    expect(denied).toMatchObject({ code: 'lock.held', exitCode: 3 })
    const name = engine.name === 'mysql' ? /connection \d+/ : new RegExp(`mig upgrade .+@.+ pid ${first.child.pid}`)
    expect(denied.message).toMatch(name)
    const started = performance.now()
    expect(await errorOf(bench.upgrade({ lockTimeout: 0.5 }))).toMatchObject({ code: 'lock.held' })
    expect(performance.now() - started).toBeGreaterThan(450)
    const second = bench.start('upgrade')
    await second.waitForOutput(name)
    bench.project.write('go', '')
    expect((await first.exit).code).toBe(0)
    expect(await second.exit).toMatchObject({ code: 0, stdout: expect.stringContaining('Already at head aaaa') })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  test('two runs in one process wait for each other, and one abort leaves alone', async () => {
    const bench = await createBench(engine)
    bench.write({
      ...table('aaaa'),
      up: `  await new Promise((resolve) => setTimeout(resolve, 300))
  await knex.schema.createTable('aaaa', (t) => t.integer('id'))`,
    })
    const stop = new AbortController()
    const runs = [bench.upgrade(), bench.upgrade()]
    await eventually(() => Promise.resolve(bench.events.some(({ kind }) => kind === 'waiting')), 'one waits')
    const third = errorOf(bench.upgrade({ signal: stop.signal }))
    setTimeout(() => stop.abort(), 100)
    expect(await third).toMatchObject({ code: 'interrupted.signal', exitCode: 130 })
    const counts = (await Promise.all(runs)).map(({ steps }) => steps.length).sort()
    expect(counts).toStrictEqual([0, 1])
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  if (engine.name === 'sqlite')
    test('on a SQLite file that is not there yet, the run that waited sees what the first one did', async () => {
      const bench = await createBench(engine)
      await bench.database.drop()
      bench.write(table('aaaa'))
      const outcomes = await Promise.all([bench.upgrade(), bench.upgrade(), bench.upgrade()])
      expect(outcomes.map(({ steps }) => steps.length).sort()).toStrictEqual([0, 0, 1])
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    })

  test('an upgrade that waited for a downgrade plans anew', async () => {
    const bench = await createBench(engine)
    bench.write({
      ...table('aaaa'),
      undo: `  await new Promise((resolve) => setTimeout(resolve, 400))\n  await knex.schema.dropTable('aaaa')`,
    })
    bench.write(table('bbbb'), table('cccc'))
    await bench.upgrade({ target: 'bbbb' })
    bench.events.length = 0
    const down = bench.downgrade({ target: 'base' })
    await eventually(() => Promise.resolve(bench.events.some(({ kind }) => kind === 'step-finished')), 'it began', 2000)
    const up = await bench.upgrade()
    await down
    expect(up.steps.length).toBeGreaterThan(0)
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
    expect(await bench.tables()).toStrictEqual(['aaaa', 'bbbb', 'cccc'])
  })

  test('projects with other history tables do not know each other', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    const config = { database: bench.database.url, historyTable: 'other_history' }
    const other = benchOn(engine, bench.database, config)
    other.write(table('xxxx'))
    await Promise.all([bench.upgrade(), other.upgrade()])
    expect(await bench.tables()).toStrictEqual(['aaaa', 'other_history', 'other_journal', 'other_state', 'xxxx'])
    expect((await other.current()).heads.map(({ revision }) => revision)).toStrictEqual(['xxxx'])
  })
})
