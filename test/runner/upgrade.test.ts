// Up, down and up again: each migration and its row together, on each engine.

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { createBench, errorOf, table } from './workbench.js'

forEachEngine((engine) => {
  test('applies what is pending, takes it down, and applies it again', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'), table('cccc'))
    const outcome = await bench.upgrade()
    expect(outcome.steps.map(({ revision }) => revision)).toStrictEqual(['aaaa', 'bbbb', 'cccc'])
    expect(outcome).toMatchObject({ from: [], to: ['cccc'], dryRun: false, diagnostics: [] })
    expect(await bench.tables()).toStrictEqual(['aaaa', 'bbbb', 'cccc'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
    expect((await bench.downgrade({ target: 'aaaa' })).to).toStrictEqual(['aaaa'])
    expect(await bench.tables()).toStrictEqual(['aaaa'])
    expect((await bench.upgrade({ target: '+1' })).to).toStrictEqual(['bbbb'])
    expect((await bench.downgrade({ target: 'base' })).to).toStrictEqual([])
    expect(await bench.tables()).toStrictEqual([])
    expect(await bench.rows()).toStrictEqual([])
    expect((await bench.upgrade()).to).toStrictEqual(['cccc'])
    expect((await bench.upgrade()).steps).toStrictEqual([])
  })

  test('a migration that fails leaves the earlier ones, and the second run continues', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: `  await knex('aaaa').insert({ id: 1 })\n  throw new Error('on purpose')`,
    })
    bench.write(table('cccc'))
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
    expect(error.message).toContain('on purpose')
    expect(error.message).toContain('the database is at aaaa')
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await bench.query('select * from aaaa')).toStrictEqual([])
    bench.write({ revision: 'bbbb', down: 'aaaa', up: `  await knex('aaaa').insert({ id: 2 })` })
    expect((await bench.upgrade()).steps.map(({ revision }) => revision)).toStrictEqual(['bbbb', 'cccc'])
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 2 }])
  })
})
