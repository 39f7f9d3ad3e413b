// What stops in the middle where nothing can be taken back: it is marked, reported, blocks other runs, and is ended by hand.

import { expect, test } from '@jest/globals'

import { engineNamed, forEachEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf, eventually, table } from './workbench.js'

const stops = `throw new Error('on purpose')`

/** A migration without a transaction that makes a table and then fails: in both directions. */
async function stopped(bench: Bench): Promise<void> {
  bench.write(table('aaaa'), {
    ...table('bbbb', { transaction: false }),
    up: `  await knex.schema.createTable('bbbb', (t) => t.integer('id'))\n  ${stops}`,
  })
  expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
}

forEachEngine((engine) => {
  test('without a transaction: `running` before, `applied` after, gone after the way back', async () => {
    const bench = await createBench(engine)
    const witness = `const [row] = await knex('mig_history').select('state').where({ revision: 'aaaa' })
      context.log('state ' + row.state)`
    bench.write({
      ...table('aaaa', { transaction: false }),
      up: `${witness}\n  await knex.schema.createTable('aaaa', (t) => t.integer('id'))`,
      undo: `${witness}\n  await knex.schema.dropTable('aaaa')`,
    })
    await bench.upgrade()
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    await bench.downgrade({ target: 'base' })
    expect(await bench.rows()).toStrictEqual([])
    const logs = bench.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
    expect(logs).toStrictEqual(['state running', 'state reverting'])
  })

  test('a failure in the middle leaves the mark, and the message says what to do', async () => {
    const bench = await createBench(engine)
    await stopped(bench)
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
    expect(await bench.tables()).toStrictEqual(['aaaa', 'bbbb'])
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
    expect(error.hint).toContain('mig resolve bbbb --applied')
  })

  test('a first statement that fails leaves nothing', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      transaction: false,
      up: `  await knex.schema.createTable('aaaa', (t) => t.integer('id'))`,
    })
    expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'migration.failed', exitCode: 1 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  test('it blocks every run, and every command that looks tells it', async () => {
    const bench = await createBench(engine)
    await stopped(bench)
    bench.write(table('cccc'))
    for (const run of [
      () => bench.upgrade(),
      () => bench.upgrade({ dryRun: true }),
      () => bench.upgrade({ target: 'aaaa', allowChanged: true, allowUnknown: true }),
      () => bench.downgrade({ target: 'base' }),
      () => bench.stamp({ targets: ['head'] }),
    ])
      expect(await errorOf(run())).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
    const told = expect.objectContaining({ code: 'partial.unfinished', severity: 'error', revision: 'bbbb' }) as unknown
    expect((await bench.current()).diagnostics).toContainEqual(told)
    expect((await bench.check()).diagnostics).toContainEqual(told)
    expect((await bench.show({ revision: 'bbbb' })).diagnostics).toContainEqual(told)
    const { diagnostics, revisions } = await bench.history()
    expect(diagnostics).toContainEqual(told)
    expect(revisions.map(({ status }) => status)).toStrictEqual(['pending', 'running', 'applied'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
  })

  test('resolve --applied records it, and the next upgrade goes on', async () => {
    const bench = await createBench(engine)
    await stopped(bench)
    bench.write(table('cccc'))
    expect(await bench.resolve({ revision: 'bb', applied: true })).toStrictEqual({
      revision: 'bbbb',
      outcome: 'applied',
    })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    await bench.upgrade()
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
    expect((await bench.history()).revisions[1]?.applied?.appliedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/)
  })

  test('resolve --not-applied forgets it, and it runs again', async () => {
    const bench = await createBench(engine)
    await stopped(bench)
    await bench.query('drop table bbbb')
    await bench.resolve({ revision: 'bbbb', notApplied: true })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    bench.write(table('bbbb', { down: 'aaaa', transaction: false }))
    await bench.upgrade()
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('a way back that stopped in the middle is ended either way', async () => {
    const bench = await createBench(engine)
    const undo = `  await knex.schema.dropTable('aaaa')\n  ${stops}`
    bench.write({ ...table('aaaa', { transaction: false }), undo })
    await bench.upgrade()
    expect(await errorOf(bench.downgrade({ target: 'base' }))).toMatchObject({ code: 'partial.unfinished' })
    expect(await bench.rows()).toStrictEqual(['aaaa reverting'])
    expect((await bench.history()).revisions[0]?.status).toBe('reverting')
    await bench.resolve({ revision: 'aaaa', applied: true })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    await bench.query('create table aaaa (id integer)').catch(() => undefined)
    expect(await errorOf(bench.downgrade({ target: 'base' }))).toMatchObject({ code: 'partial.unfinished' })
    await bench.resolve({ revision: 'aaaa', notApplied: true })
    expect(await bench.rows()).toStrictEqual([])
  })

  test('only what is unfinished can be resolved, and one answer is wanted', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    expect(await errorOf(bench.resolve({ revision: 'aaaa', applied: true }))).toMatchObject({
      code: 'usage.not-unfinished',
      exitCode: 2,
    })
    expect(await bench.rows()).toStrictEqual([])
    await bench.upgrade()
    await bench.query(`update mig_history set state = 'running' where revision = 'aaaa'`)
    const nameless = await errorOf(bench.resolve({ revision: '', applied: true }))
    expect(nameless).toMatchObject({ code: 'usage.not-unfinished', exitCode: 2 })
    expect(await bench.rows()).toStrictEqual(['aaaa running'])
    await bench.query(`update mig_history set state = 'applied' where revision = 'aaaa'`)
    expect(await errorOf(bench.resolve({ revision: 'aaaa', notApplied: true }))).toMatchObject({ exitCode: 2 })
    expect(await errorOf(bench.resolve({ revision: 'aaaa' }))).toMatchObject({ exitCode: 2 })
    expect(await errorOf(bench.resolve({ revision: 'aaaa', applied: true, notApplied: true }))).toMatchObject({
      exitCode: 2,
    })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  test('while the runner is alive, it is at work and not left behind', async () => {
    const bench = await createBench(engine)
    bench.write({
      revision: 'aaaa',
      transaction: false,
      up: `  context.log('at work')\n  await new Promise((resolve) => setTimeout(resolve, 60_000))`,
    })
    const runner = bench.start('upgrade')
    await runner.waitForOutput(/at work/)
    for (const look of [() => bench.current(), () => bench.history(), () => bench.check()]) {
      const told = (await look()).diagnostics.find(({ code }) => code === 'partial.unfinished')
      expect(told).toMatchObject({ severity: 'info', message: expect.stringContaining('aaaa is being run now') })
    }
    expect(await errorOf(bench.upgrade({ lockTimeout: 0 }))).toMatchObject({ code: 'lock.held', exitCode: 3 })
    runner.kill('SIGKILL')
    await runner.exit
    await eventually(
      async () => (await bench.current()).diagnostics.some(({ severity }) => severity === 'error'),
      'it is left behind',
    )
    expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
  })
})

const mysql = engineNamed('mysql')
const testMysql = mysql.skipped === undefined ? test : test.skip

testMysql('MySQL: rows alone are rolled back, with the history', async () => {
  const bench = await createBench(mysql)
  bench.write(table('aaaa'), {
    revision: 'bbbb',
    up: `  await knex('aaaa').insert([{ id: 1 }, { id: 2 }])\n  await knex.raw('update aaaa set id = 7')\n  ${stops}`,
  })
  expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'migration.failed', exitCode: 1 })
  expect(await bench.query('select * from aaaa')).toStrictEqual([])
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
})

testMysql('MySQL: a failure after DDL cannot be rolled back, and says so', async () => {
  const bench = await createBench(mysql)
  bench.write({
    revision: 'aaaa',
    up: `  await knex.schema.createTable('one', (t) => t.integer('id'))\n  await knex('one').insert({ nothing: 1 })`,
  })
  const error = await errorOf(bench.upgrade())
  expect(error).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
  expect(error.message).toContain('ER_BAD_FIELD_ERROR')
  expect(await bench.rows()).toStrictEqual(['aaaa running'])
  expect(await bench.tables()).toStrictEqual(['one'])
})

testMysql('MySQL: when the first DDL fails, nothing is left', async () => {
  const bench = await createBench(mysql)
  bench.write(table('aaaa'), {
    revision: 'bbbb',
    up: `  await knex.schema.alterTable('nowhere', (t) => t.integer('id'))`,
    undo: `  await knex.schema.dropTable('nowhere')`,
  })
  expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'migration.failed', exitCode: 1 })
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  await bench.stamp({ targets: ['bbbb'] })
  expect(await errorOf(bench.downgrade({ target: 'aaaa' }))).toMatchObject({ code: 'migration.failed', exitCode: 1 })
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  await bench.downgrade({ target: 'base', dryRun: true })
})

testMysql('MySQL: rows changed before the first DDL that fails are there, and it is reported', async () => {
  const bench = await createBench(mysql)
  bench.write(table('aaaa'), {
    revision: 'bbbb',
    up: `  await knex('aaaa').insert({ id: 1 })\n  await knex.schema.dropTable('nowhere')`,
  })
  const error = await errorOf(bench.upgrade())
  const kept = (await bench.query('select id from aaaa')).length
  // Either way, message and database agree.
  expect([error.code, kept, (await bench.rows()).at(-1)]).toStrictEqual(
    kept === 0 ? ['migration.failed', 0, 'aaaa applied'] : ['partial.unfinished', 1, 'bbbb running'],
  )
})

testMysql('MySQL: DDL in a prepared statement or a procedure is not taken for rolled back', async () => {
  const bench = await createBench(mysql)
  bench.write({
    revision: 'aaaa',
    up: `  await knex.raw("prepare ddl from 'create table one (id integer)'")
  await knex.raw('execute ddl')
  ${stops}`,
  })
  const error = await errorOf(bench.upgrade())
  expect([error.code, await bench.rows()]).toStrictEqual(['partial.unfinished', ['aaaa running']])
})

forEachEngine((engine) => {
  test('a transaction that is ended by hand is said to be rolled back only where it was', async () => {
    const bench = await createBench(engine)
    const up = `  await knex.schema.createTable('aaaa', (t) => t.integer('id'))\n  await knex.commit()`
    bench.write({ revision: 'aaaa', up })
    const error = await errorOf(bench.upgrade())
    const isKept = engine.name === 'mysql'
    expect(error).toMatchObject({ exitCode: isKept ? 6 : 1 })
    expect(error.message).toMatch(
      isKept
        ? /^(?!.*was rolled back).*ends or begins the transaction that mig runs it in\. It cannot be rolled back: one/
        : /ends or begins the transaction that mig runs it in\. aaaa make aaaa was rolled back\.$/,
    )
    expect(await bench.rows()).toStrictEqual(isKept ? ['aaaa running'] : [])
    expect(await bench.tables()).toStrictEqual(isKept ? ['aaaa'] : [])
  })
})
