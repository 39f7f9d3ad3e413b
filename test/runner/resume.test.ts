// Going on where a migration stopped: what was done is left out, what is not certain is never guessed.

import { expect, test } from '@jest/globals'

import { engineNamed, forEachEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf, table } from './workbench.js'

const witness = (name: string) => `  await knex('witness').insert({ name: '${name}' })`
const stop = `  throw new Error('on purpose')`

/** A database with a table in which migrations leave a line for each time that they run. */
async function witnessed(engine: Parameters<typeof createBench>[0]): Promise<Bench> {
  const bench = await createBench(engine)
  bench.write({ revision: 'aaaa', up: `  await knex.raw('create table witness (name varchar(20))')` })
  await bench.upgrade()
  return bench
}

async function witnesses(bench: Bench): Promise<readonly string[]> {
  return (await bench.query('select name from witness order by name')).map(({ name }) => String(name))
}

function outside(...lines: readonly string[]) {
  return { revision: 'bbbb', down: 'aaaa', transaction: false as const, up: lines.join('\n') }
}

forEachEngine((engine) => {
  test('what was done is left out, and the fixed rest is run', async () => {
    const bench = await witnessed(engine)
    bench.write(outside(witness('one'), `  await knex.schema.createTable('two', (t) => t.integer('id'))`, stop))
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
    expect(error.hint).toContain('mig upgrade --resume')
    bench.write(
      outside(witness('one'), `  await knex.schema.createTable('two', (t) => t.integer('id'))`, witness('three')),
    )
    bench.write(table('cccc'))
    const outcome = await bench.upgrade({ resume: true })
    expect(outcome.steps.map(({ revision }) => revision)).toStrictEqual(['bbbb', 'cccc'])
    expect(await witnesses(bench)).toStrictEqual(['one', 'three'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
    expect((await bench.check()).diagnostics).toStrictEqual([]) // the fixed file is what was stored
  })

  test('a run that stops names what it did, statement by statement', async () => {
    const bench = await witnessed(engine)
    bench.write(outside(witness('one'), `  await knex('nowhere').insert({ id: 1 })`))
    await errorOf(bench.upgrade())
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
    expect(error.detail).toMatch(/1 {2}done .*insert into .witness.[^\n]*\n.*2 {2}refused .*nowhere/)
    expect(error.detail).not.toContain(`'one'`)
  })

  test('a migration with nothing to do any more is only recorded', async () => {
    const bench = await witnessed(engine)
    bench.write(outside(witness('one'), stop))
    await errorOf(bench.upgrade())
    bench.write(outside(witness('one')))
    await bench.upgrade({ resume: true })
    expect(await witnesses(bench)).toStrictEqual(['one'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    expect((await bench.upgrade({ resume: true })).steps).toStrictEqual([])
  })

  test.each([
    ['another statement', [witness('one'), `  await knex('witness').where({ name: 'x' }).delete()`]],
    [
      'a statement in between',
      [`  await knex('witness').where({ name: 'x' }).delete()`, witness('one'), witness('two')],
    ],
    ['nothing of it any more', [`  await knex.raw('select 1')`]],
  ])('%s than what was done is not gone on with', async (_what, lines) => {
    const bench = await witnessed(engine)
    bench.write(outside(witness('one'), `  await knex.raw("insert into witness values ('two')")`, stop))
    await errorOf(bench.upgrade())
    bench.write(outside(...lines))
    const error = await errorOf(bench.upgrade({ resume: true }))
    expect(error).toMatchObject({ code: 'partial.cannot-resume', exitCode: 6 })
    expect(await witnesses(bench)).toStrictEqual(['one', 'two'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
  })

  test('a read between what was done is not gone on with; after it, it is', async () => {
    const bench = await witnessed(engine)
    const read = `  const rows = await knex('witness').select('name')`
    bench.write(outside(witness('one'), read, witness('two'), stop))
    await errorOf(bench.upgrade())
    const error = await errorOf(bench.upgrade({ resume: true }))
    expect(error).toMatchObject({ code: 'partial.cannot-resume' })
    expect(error.message).toContain('reads from the database')
    await bench.resolve({ revision: 'bbbb', notApplied: true })
    bench.write(outside(witness('three'), read, stop))
    await errorOf(bench.upgrade())
    bench.write(outside(witness('three'), read, `  context.log('rows ' + rows.length)`))
    await bench.upgrade({ resume: true })
    expect(await witnesses(bench)).toStrictEqual(['one', 'three', 'two'])
    expect(bench.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))).toContain('rows 3')
  })

  test('a result that nobody knows any more stops it', async () => {
    const bench = await witnessed(engine)
    const uses = `  const result = await knex('witness').insert({ name: 'one' })\n  for (const id of result) context.log(String(id))`
    const returning = engine.name === 'postgres' ? uses.replace(`{ name: 'one' })`, `{ name: 'one' }, ['name'])`) : uses
    bench.write(outside(returning, stop))
    await errorOf(bench.upgrade())
    const error = await errorOf(bench.upgrade({ resume: true }))
    expect(error).toMatchObject({ code: 'partial.cannot-resume', exitCode: 6 })
    expect(error.message).toContain('uses the result')
    expect(await witnesses(bench)).toStrictEqual(['one'])
  })

  test('named steps that are done are left out, whatever they read and return', async () => {
    const bench = await witnessed(engine)
    const step = (name: string, more = '') =>
      `  await context.step('${name}', async () => { const rows = await knex('witness').select('name'); await knex('witness').insert({ name: '${name}' + rows.length });${more} })`
    bench.write(outside(step('one'), step('two'), step('three', ` throw new Error('on purpose')`)))
    await errorOf(bench.upgrade())
    expect(await witnesses(bench)).toStrictEqual(['one0', 'three2', 'two1'])
    bench.write(
      outside(
        step('zero'),
        step('one'),
        step('two'),
        `  await context.step('four', () => knex('witness').insert({ name: 'four' }))`,
      ),
    )
    const error = await errorOf(bench.upgrade({ resume: true }))
    expect(error.code).toBe('partial.cannot-resume') // what "three" did before it stopped is no longer there
    bench.write(
      outside(
        step('one'),
        step('two'),
        `  await context.step('three', async () => { await knex('witness').insert({ name: 'three2' }) })`,
      ),
    )
    await bench.upgrade({ resume: true })
    expect((await witnesses(bench)).filter((name) => name !== 'four' && !name.startsWith('zero'))).toStrictEqual([
      'one0',
      'three2',
      'two1',
    ])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test.each([
    [`  await context.step('a', () => knex('witness').select('name')); await context.step('a', () => 1)`, 'two steps'],
    [`  await context.step('a', () => context.step('b', () => knex('witness').select('name')))`, 'inside of step'],
    [`  await context.step('', () => knex('witness').select('name'))`, 'requires a name'],
  ])('steps have names of their own, one after the other: %s', async (up, words) => {
    const bench = await witnessed(engine)
    bench.write({ revision: 'bbbb', up })
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
    expect(error.message).toContain(words)
  })

  test('a way back is gone on with, and no further unless a target says so', async () => {
    const bench = await witnessed(engine)
    bench.write({ ...outside(witness('up')), undo: `${witness('down')}\n${stop}` })
    await bench.upgrade()
    expect(await errorOf(bench.downgrade({ target: '-1' }))).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb reverting'])
    const wrong = await errorOf(bench.upgrade({ resume: true }))
    expect(wrong).toMatchObject({ code: 'partial.unfinished', hint: 'mig downgrade --resume' })
    bench.write({ ...outside(witness('up')), undo: witness('down') })
    const outcome = await bench.downgrade({ resume: true })
    expect(outcome.steps.map(({ revision }) => revision)).toStrictEqual(['bbbb'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await witnesses(bench)).toStrictEqual(['down', 'up'])
  })

  test('a target that leaves out what was begun is refused', async () => {
    const bench = await witnessed(engine)
    bench.write(outside(witness('one'), stop))
    bench.write({ ...table('cccc'), down: 'aaaa' })
    await errorOf(bench.upgrade({ target: 'bbbb' }))
    expect(await errorOf(bench.upgrade({ resume: true, target: 'cccc' }))).toMatchObject({
      code: 'target.not-in-branch',
      exitCode: 2,
    })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
  })

  test('its own transaction commits with what is written of it', async () => {
    const bench = await witnessed(engine)
    const own = `  await knex.transaction(async (trx) => { await trx('witness').insert({ name: 'kept' }) })
  await knex.transaction(async (trx) => { await trx('witness').insert({ name: 'gone' }); throw new Error('inner') }).catch(() => undefined)`
    bench.write(outside(own, stop))
    await errorOf(bench.upgrade())
    bench.write(outside(own, witness('more')))
    await bench.upgrade({ resume: true }).catch(() => undefined)
    expect((await witnesses(bench)).filter((name) => name === 'kept')).toStrictEqual(['kept'])
    expect(await witnesses(bench)).not.toContain('gone')
  })
})

const mysql = engineNamed('mysql')
const testMysql = mysql.skipped === undefined ? test : test.skip

testMysql('MySQL: DDL that commits by itself is gone on with, also from rows that were written before it', async () => {
  const bench = await witnessed(mysql)
  const begin = `${witness('one')}\n  await knex.schema.createTable('two', (t) => t.integer('id'))\n${witness('three')}`
  bench.write({ revision: 'bbbb', down: 'aaaa', up: `${begin}\n${stop}` })
  expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'partial.unfinished' })
  bench.write({ revision: 'bbbb', down: 'aaaa', up: `${begin}\n${witness('four')}` })
  await bench.upgrade({ resume: true })
  expect(await witnesses(bench)).toStrictEqual(['four', 'one', 'three'])
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
})

testMysql('MySQL: a transaction inside of a migration works after DDL, too', async () => {
  const bench = await witnessed(mysql)
  bench.write({
    revision: 'bbbb',
    up: `  await knex.schema.createTable('two', (t) => t.integer('id'))
  await knex.transaction(async (trx) => { await trx('two').insert({ id: 1 }); await trx.transaction((inner) => inner('two').insert({ id: 2 })) })
  await knex.transaction(async (trx) => { await trx('two').insert({ id: 3 }); throw new Error('inner') }).catch(() => undefined)
  await knex.batchInsert('two', [{ id: 4 }, { id: 5 }])`,
  })
  await bench.upgrade()
  expect((await bench.query('select id from two order by id')).map(({ id }) => id)).toStrictEqual([1, 2, 4, 5])
})
