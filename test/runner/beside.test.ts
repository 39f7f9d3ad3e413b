// What a migration may send beside its own transaction and beside streams, and what is refused at once instead of waiting.

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf, table } from './workbench.js'

const lines = (...text: readonly string[]) => text.map((line) => `  ${line}`).join('\n')

async function ids(bench: Bench): Promise<readonly number[]> {
  return (await bench.query('select id from aaaa order by id')).map(({ id }) => Number(id))
}

const fill = `for (let n = 0; n < 10; n++) await knex('aaaa').insert(Array.from({ length: 100 }, (_, id) => ({ id: n * 100 + id })))`
/** Enough that the buffers of no driver take it. */
const fillMuch = `for (let n = 0; n < 20; n++) await knex('bbbb').insert(Array.from({ length: 100 }, (_, id) => ({ id: n * 100 + id, text: 'x'.repeat(200) })))`
const makeMuch = `await knex.schema.createTable('bbbb', (t) => { t.integer('id'); t.text('text') })`

forEachEngine((engine) => {
  const hasOneWriter = engine.name === 'sqlite'

  test('a column is made nullable without a transaction', async () => {
    const bench = await createBench(engine)
    bench.write({
      revision: 'aaaa',
      transaction: false,
      up: lines(
        `await knex.schema.createTable('aaaa', (t) => { t.string('name').notNullable() })`,
        `await knex.schema.alterTable('aaaa', (t) => { t.setNullable('name') })`,
        `await knex('aaaa').insert({ name: null })`,
      ),
    })
    await bench.upgrade()
    expect(await bench.query('select name from aaaa')).toStrictEqual([{ name: null }])
  })

  test('queries at once share the one connection', async () => {
    const bench = await createBench(engine)
    const each = `await Promise.all([1, 2, 3].map((id) => knex('aaaa').insert({ id }).then(() => knex('aaaa').select('id'))))`
    bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up: lines(each) })
    await bench.upgrade()
    expect(await ids(bench)).toStrictEqual([1, 2, 3])
  })

  if (hasOneWriter)
    test('a query beside an own transaction is refused at once, with its line', async () => {
      const bench = await createBench(engine)
      const up = lines(
        `const own = await knex.transaction()`,
        `await own('aaaa').insert({ id: 1 })`,
        `await knex('aaaa').insert({ id: 2 })`,
      )
      bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up })
      const error = await errorOf(bench.upgrade())
      expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1, diagnostics: [{ line: 8 }] })
      expect(error.message).toMatch(
        /a query came while a transaction of the migration was open, and this database has one/,
      )
      expect(await ids(bench)).toStrictEqual([])
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    })
  else {
    test('beside an own transaction others read and write, and are not rolled back with it', async () => {
      const bench = await createBench(engine)
      const up = lines(
        `const own = await knex.transaction()`,
        `await own('aaaa').insert({ id: 1 })`,
        `await knex('aaaa').insert({ id: 2 })`,
        `await own.rollback().catch(() => undefined)`,
        `await knex('aaaa').insert({ id: 3 })`,
        `if (!globalThis.isRepaired) throw new Error('on purpose')`,
      )
      bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up })
      const error = await errorOf(bench.upgrade())
      expect(error).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
      expect(error.message).toContain('on purpose')
      expect(error.message).toContain('2 statements that change something were done before')
      expect(await ids(bench)).toStrictEqual([2, 3])
      Object.assign(globalThis, { isRepaired: true })
      await bench.upgrade({ resume: true })
      Object.assign(globalThis, { isRepaired: false })
      expect(await ids(bench)).toStrictEqual([2, 3])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    })

    test('killed beside an own transaction: resumed, what was lost with that is done again, and nothing else', async () => {
      const bench = await createBench(engine)
      const up = lines(
        `const { existsSync, writeFileSync } = await import('node:fs')`,
        `const own = await knex.transaction()`,
        `await own('aaaa').insert({ id: 1 })`,
        `await knex('aaaa').insert({ id: 2 })`,
        `if (!existsSync('killed')) { writeFileSync('killed', ''); process.kill(process.pid, 'SIGKILL') }`,
        `await own.commit()`,
        `await knex('aaaa').insert({ id: 3 })`,
      )
      bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up })
      expect(await bench.run('upgrade')).toMatchObject({ code: null })
      expect(await ids(bench)).toStrictEqual([2])
      expect(await bench.run('upgrade', '--resume')).toMatchObject({ code: 0 })
      expect(await ids(bench)).toStrictEqual([1, 2, 3])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    })

    test('beside an own transaction others see what is committed', async () => {
      const bench = await createBench(engine)
      const up = lines(
        `const own = await knex.transaction()`,
        `await own('aaaa').insert({ id: 1 })`,
        `context.log('seen: ' + (await knex('aaaa').select('id')).length + (await own('aaaa').select('id')).length)`,
        `await own.commit()`,
      )
      bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up })
      await bench.upgrade()
      expect(bench.events).toContainEqual({ kind: 'log', revision: 'bbbb', message: 'seen: 01' })
      expect(await ids(bench)).toStrictEqual([1])
    })

    test('what waits beside an own transaction for that same transaction gives up', async () => {
      const bench = await createBench(engine)
      const up = lines(
        `const own = await knex.transaction()`,
        `await own('aaaa').update({ id: 2 })`,
        `await knex('aaaa').update({ id: 3 })`,
      )
      bench.write(table('aaaa', { up: lines(`await knex.schema.createTable('aaaa', (t) => t.integer('id'))`) }))
      bench.write({ revision: 'bbbb', up: lines(`await knex('aaaa').insert({ id: 1 })`) })
      bench.write({ revision: 'cccc', transaction: false, up })
      expect(await errorOf(bench.upgrade({ lockRetries: 0 }))).toMatchObject({ code: 'lock.timeout', exitCode: 3 })
      expect(await ids(bench)).toStrictEqual([1])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    }, 60_000)
  }

  test.each([
    ['commit', `await own.commit()`, [1, 2, 3]],
    ['rollback', `await own.rollback().catch(() => undefined)`, [2, 3]],
    ['what it settles with', `own.commit()`, [1, 2, 3], `await own.executionPromise`],
  ])('the end of an own transaction gives its connection back: %s', async (_how, end, left, then = '') => {
    const bench = await createBench(engine)
    const own = `const own = await knex.transaction()`
    const up = lines(
      own,
      `await own('aaaa').insert({ id: 1 })`,
      end,
      then,
      `await knex('aaaa').insert({ id: 2 })`,
      `await knex.transaction(async (trx) => { await trx('aaaa').insert({ id: 3 }) })`,
      `await (await knex.transaction()).commit()`,
    )
    bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up })
    await bench.upgrade()
    expect(await ids(bench)).toStrictEqual(left)
    const done = await bench.query(`select note from mig_journal where what = 'done' and note is not null`)
    expect(done).toStrictEqual([])
  })

  test('a second own transaction is refused at once', async () => {
    const bench = await createBench(engine)
    const up = lines(`const own = await knex.transaction()`, `await knex.transaction()`)
    bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up })
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
    expect(error.message).toMatch(/bbbb .* a second transaction was begun while one of the migration was open/)
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  const reads = (tableName: string, each: string) =>
    `for await (const { id } of knex('${tableName}').select('id').orderBy('id').stream()) { ${each} }`

  test.each([
    ['in a transaction of mig', true],
    ['without one', false],
  ] as const)('rows are changed while they are read by a stream: %s', async (_how, isInside) => {
    const bench = await createBench(engine)
    const up = lines(reads('aaaa', `if (id < 20) await knex('aaaa').where({ id }).update({ id: id + 5000 })`))
    const few = `await knex('aaaa').insert(Array.from({ length: 20 }, (_, id) => ({ id })))`
    bench.write(
      table('aaaa'),
      { revision: 'bbbb', up: lines(few) },
      { revision: 'cccc', ...(!isInside && { transaction: false as const }), up },
    )
    await bench.upgrade()
    expect(await ids(bench)).toStrictEqual(Array.from({ length: 20 }, (_, id) => id + 5000))
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
  })

  test.each([
    ['in a transaction of mig', true],
    ['without one', false],
  ] as const)('a stream that is left early is in nobody’s way: %s', async (_how, isInside) => {
    const bench = await createBench(engine)
    const up = lines(reads('aaaa', `if (id === 3) break`), `await knex('aaaa').where('id', '>', 3).del()`)
    bench.write(
      table('aaaa'),
      { revision: 'bbbb', up: lines(fill) },
      { revision: 'cccc', ...(!isInside && { transaction: false as const }), up },
    )
    await bench.upgrade()
    expect(await ids(bench)).toStrictEqual([0, 1, 2, 3])
  })

  test.each([
    [`select * from nowhere`, /nowhere/],
    [`commit`, /ends or begins the transaction/],
  ])('a stream that is refused tells its reader: %s', async (sql, says) => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: lines(`for await (const row of knex.raw('${sql}').stream()) context.log(row)`),
    })
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
    expect(error.message).toMatch(says)
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  test('a long stream beside queries has a connection for itself without a transaction', async () => {
    const bench = await createBench(engine)
    const up = lines(reads('bbbb', `if (id % 100 === 0) await knex('aaaa').insert({ id })`))
    bench.write(
      table('aaaa'),
      { revision: 'bbbb', up: lines(makeMuch, fillMuch) },
      { revision: 'cccc', transaction: false, up },
    )
    await bench.upgrade()
    expect(await ids(bench)).toStrictEqual(Array.from({ length: 20 }, (_, n) => n * 100))
  })

  test('in a transaction of mig one that is too long for it is reported, and does not wait for ever', async () => {
    const bench = await createBench(engine)
    const up = lines(reads('bbbb', `await knex('aaaa').insert({ id })`))
    bench.write(table('aaaa'), { revision: 'bbbb', up: lines(makeMuch, fillMuch) }, { revision: 'cccc', up })
    if (!hasOneWriter) {
      const error = await errorOf(bench.upgrade())
      expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
      expect(error.message).toMatch(/^cccc \(.*\) reads a stream and waits for another query before it reads on/)
      expect(await ids(bench)).toStrictEqual([])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    } else {
      await bench.upgrade()
      expect(await ids(bench)).toHaveLength(2000)
    }
  })
})
