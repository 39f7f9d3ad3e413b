// The journal is gone, and the history is there: a backup left it out. It is made again, and nothing is done twice.

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf, table } from './workbench.js'

const lines = (...text: readonly string[]) => text.map((line) => `  ${line}`).join('\n')

const remarks = ({ events }: Bench) =>
  events.flatMap((event) => (event.kind === 'remark' ? [event.diagnostic] : [])).map(({ code }) => code)

const kept = async (bench: Bench) =>
  (await bench.query('select what from mig_journal order by id')).map(({ what }) => what)

forEachEngine((engine) => {
  test('check says so, and the next run makes it again', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.upgrade()
    await bench.query('drop table mig_journal')
    expect((await bench.check()).diagnostics).toMatchObject([
      { code: 'history.journal-lost', severity: 'warning', message: expect.stringMatching(/mig_journal .* is gone/) },
    ])
    bench.write(table('bbbb'))
    await bench.upgrade()
    expect(remarks(bench)).toStrictEqual(['history.journal-lost'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    const [first, ...others] = await kept(bench)
    expect([first, others.at(-1)]).toStrictEqual(['run', 'ended'])
    expect((await bench.check()).diagnostics).toStrictEqual([])
  })

  test('what stopped in the middle is not resumed: nobody knows what of it is done', async () => {
    const bench = await createBench(engine)
    const up = lines(`await knex('aaaa').insert({ id: 1 })`, `throw new Error('on purpose')`)
    bench.write(table('aaaa', { up: lines(`await knex.schema.createTable('aaaa', (t) => t.integer('id'))`) }))
    bench.write({ revision: 'bbbb', transaction: false, up })
    await errorOf(bench.upgrade())
    await bench.query('drop table mig_journal')
    const error = await errorOf(bench.upgrade({ resume: true }))
    expect(error).toMatchObject({ code: 'partial.cannot-resume', exitCode: 6 })
    expect(error.message).toMatch(/the journal has nothing of it/)
    expect(error.hint).toMatch(/mig resolve bbbb --applied/)
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 1 }])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
    await bench.query('drop table mig_journal')
    await bench.resolve({ revision: 'bbbb', applied: true })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    expect(await kept(bench)).toStrictEqual(['run', 'resolved'])
  })
})
