// How many rows mig has written is kept beside them: a history of which a session sees only a part is noticed.

import { expect, test } from '@jest/globals'

import { engineNamed, forEachEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf, table } from './workbench.js'

/** What is counted, and what is there. */
async function counts(bench: Bench): Promise<readonly number[]> {
  const [row] = await bench.query(
    'select (select revisions from mig_state) as counted, (select count(*) from mig_history) as found',
  )
  return [Number(row?.counted), Number(row?.found)]
}

forEachEngine((engine) => {
  test('each row is counted when it comes and when it goes, whichever way', async () => {
    const bench = await createBench(engine)
    await bench.query('create table witness (id integer)')
    bench.write(table('aaaa'), { revision: 'bbbb', up: `  await knex('witness').insert({ id: 1 })` }, table('cccc'))
    await bench.upgrade()
    expect(await counts(bench)).toStrictEqual([3, 3])
    await bench.downgrade({ target: 'base' })
    expect(await counts(bench)).toStrictEqual([0, 0])
    await bench.upgrade({ transaction: engine.name === 'mysql' ? 'none' : 'all' })
    expect(await counts(bench)).toStrictEqual([3, 3])
    await bench.downgrade({ target: 'aaaa', transaction: 'none' })
    expect(await counts(bench)).toStrictEqual([1, 1])
    await bench.stamp({ targets: ['head'] })
    expect(await counts(bench)).toStrictEqual([3, 3])
    await bench.stamp({ targets: ['bbbb'], purge: true })
    expect(await counts(bench)).toStrictEqual([2, 2])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('under a lease too', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade({ lock: 'lease' })
    expect(await counts(bench)).toStrictEqual([2, 2])
    await bench.downgrade({ target: '-1', lock: 'lease' })
    expect(await counts(bench)).toStrictEqual([1, 1])
  })

  test('what failed is not counted; what stopped in the middle is, until somebody says that it is not there', async () => {
    const bench = await createBench(engine)
    const failing = `  await knex.schema.createTable('bbbb', (t) => t.integer('id'))\n  await knex.raw('no such statement')`
    bench.write(table('aaaa'), { revision: 'bbbb', up: failing, transaction: false })
    expect(await errorOf(bench.upgrade())).toMatchObject({ exitCode: 6 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
    expect(await counts(bench)).toStrictEqual([2, 2])
    await bench.resolve({ revision: 'bbbb', notApplied: true, yes: true })
    expect(await counts(bench)).toStrictEqual([1, 1])
    bench.write({ revision: 'bbbb', down: 'aaaa', up: `  await knex.raw('no such statement')` })
    expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'migration.failed', exitCode: 1 })
    expect(await counts(bench)).toStrictEqual([1, 1])
  })

  test('a row that was deleted by hand is noticed, though no other depends on it; a stamp puts it right', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade()
    await bench.query(`delete from mig_history where revision = 'bbbb'`)
    for (const run of [() => bench.upgrade(), () => bench.downgrade({ target: 'base' })])
      expect(await errorOf(run())).toMatchObject({
        code: 'history.altered',
        exitCode: 5,
        message: expect.stringContaining('written 2 revisions into this history, and it has 1'),
        hint: expect.stringContaining('mig stamp aaaa'),
      })
    expect((await bench.check()).diagnostics).toContainEqual(expect.objectContaining({ code: 'history.altered' }))
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    await bench.stamp({ targets: ['aaaa'] })
    expect(await counts(bench)).toStrictEqual([1, 1])
    await bench.query('drop table bbbb')
    await bench.upgrade()
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    expect(await counts(bench)).toStrictEqual([2, 2])
  })

  test('a view in the place of the table', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade()
    await bench.query('alter table mig_history rename to kept')
    await bench.query(`create view mig_history as select * from kept where revision = 'aaaa'`)
    await expectHidden(bench, 'counts 2 revisions, and this session sees 1 in mig_history: it is a view')
    expect(await bench.query('select count(*) as n from kept').then(([row]) => Number(row?.n))).toBe(2)
    expect(await bench.tables()).toContain('bbbb')
  })
})

/** Whatever is asked: nothing is planned on a part of the history. */
async function expectHidden(bench: Bench, words: string, config: { databaseUrl?: string } = {}): Promise<void> {
  const asked: readonly (() => Promise<unknown>)[] = [
    () => bench.upgrade(config),
    () => bench.downgrade({ target: 'base', ...config }),
    () => bench.stamp({ targets: ['head'], ...config }),
    () => bench.stamp({ targets: ['head'], purge: true, ...config }),
    () => bench.current(config),
  ]
  for (const ask of asked)
    expect(await errorOf(ask())).toMatchObject({
      code: 'history.hidden',
      exitCode: 5,
      message: expect.stringContaining(words),
    })
  expect((await bench.check(config)).diagnostics).toContainEqual(expect.objectContaining({ code: 'history.hidden' }))
}

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test : test.skip
const mysql = engineNamed('mysql')
const testMysql = mysql.skipped === undefined ? test : test.skip

for (const visible of ['true', 'false', `revision = 'aaaa'`])
  testPostgres(`PostgreSQL: row-level security, with a policy using (${visible})`, async () => {
    const bench = await createBench(postgres)
    const role = `mig_seer_${bench.database.name.slice(-12)}`
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade()
    await bench.query(`create role ${role} login password 'seer'`)
    try {
      await bench.query(`grant usage, create on schema public to ${role}`)
      await bench.query(`grant all on mig_state, mig_history, mig_journal to ${role}`)
      await bench.query('alter table mig_history enable row level security')
      await bench.query(`create policy partly on mig_history to ${role} using (${visible})`)
      const url = new URL(bench.database.url)
      url.username = role
      url.password = 'seer'
      if (visible === 'true') expect((await bench.upgrade({ databaseUrl: url.href })).steps).toStrictEqual([])
      else
        await expectHidden(
          bench,
          `counts 2 revisions, and this session sees ${visible === 'false' ? 0 : 1} in mig_history: row-level security hides rows from the role ${role}`,
          { databaseUrl: url.href },
        )
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    } finally {
      await bench.query(`drop owned by ${role}`)
      await bench.query(`drop role ${role}`)
    }
  })

testMysql('MySQL: a limit for all answers of the session', async () => {
  const bench = await createBench(mysql)
  bench.write(table('aaaa'), table('bbbb'), table('cccc'))
  await bench.upgrade()
  bench.project.write(
    'mig.config.mjs',
    `export default {
  database: {
    client: 'mysql2',
    connection: ${JSON.stringify(bench.database.url)},
    pool: { afterCreate: (raw, done) => raw.query('set sql_select_limit = 2', (error) => done(error, raw)) },
  },
}`,
  )
  for (const command of [['upgrade'], ['stamp', 'head'], ['downgrade', 'base'], ['current']]) {
    const { code, stderr } = await bench.project.run(command)
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(
        'counts 3 revisions, and this session sees 2 in mig_history: the connection cuts',
      ),
    })
  }
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
})
