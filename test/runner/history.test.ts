// The rows of the history: complete, in the database's time, and never believed when they contradict themselves.

import { expect, test } from '@jest/globals'

import { checksum } from '../../src/core/checksum.js'
import { migVersion } from '../../src/package.js'
import { engineNamed, forEachEngine } from '../support/engines.js'
import { allTables, benchOn, createBench, errorOf, migrationText, table } from './workbench.js'

forEachEngine((engine) => {
  test('a row says everything about its migration', async () => {
    const bench = await createBench(engine)
    const message = `first line: Ünïcödé 漢字 🦊 'it"s \`so\` \\ %\n\nand a second paragraph`
    const source = `  const fox = '🦊 漢字 \\\\ \\u0000'\n  await new Promise((resolve) => setTimeout(resolve, 30))`
    const base = { revision: 'aaaa', down: null, branchLabels: ['core'], up: source, message }
    bench.write(
      base,
      { ...table('bbbb'), down: null, dependsOn: ['core'] },
      { revision: 'cccc', down: ['aaaa', 'bbbb'] },
    )
    const earlier = Date.now()
    await bench.upgrade()
    const { revisions } = await bench.history()
    const [merge, second, first] = revisions.map(({ applied }) => applied)
    expect(first).toMatchObject({
      serial: 1,
      revision: 'aaaa',
      downRevisions: [],
      dependsOn: [],
      message,
      checksum: checksum(migrationText(base)),
      origin: 'upgrade',
      state: 'applied',
      migVersion: migVersion(),
      appliedBy: expect.stringMatching(/^.+@.+$/),
    })
    expect(first?.durationMs).toBeGreaterThanOrEqual(25)
    expect(first?.appliedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Math.abs(Date.parse(first?.appliedAt ?? '') - earlier)).toBeLessThan(5000)
    expect(second).toMatchObject({ serial: 2, revision: 'bbbb', dependsOn: ['aaaa'] })
    expect(merge).toMatchObject({ serial: 3, downRevisions: ['aaaa', 'bbbb'] })
    expect(await bench.query(`select source from mig_history where revision = 'aaaa'`)).toStrictEqual([
      { source: migrationText(base) },
    ])
  })

  test('a stamp writes rows without running, with their sources', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    expect((await bench.stamp({ targets: ['head'] })).steps.length).toBe(2)
    expect(await bench.tables()).toStrictEqual([])
    const { revisions } = await bench.history()
    expect(revisions[0]?.applied).toMatchObject({ origin: 'stamp', state: 'applied', durationMs: null, serial: 2 })
    expect((await bench.show({ revision: 'aaaa', stored: true })).stored).toContain(`createTable('aaaa'`)
    expect((await bench.upgrade()).steps).toStrictEqual([])
    await bench.stamp({ targets: ['aaaa'] })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    await bench.upgrade()
    expect(await bench.tables()).toStrictEqual(['bbbb'])
  })

  if (engine.name !== 'sqlite')
    test('times are UTC, by the clock of the database, whatever the session or the process thinks', async () => {
      const bench = await createBench(engine)
      const zone = engine.name === 'postgres' ? `set time zone 'Pacific/Kiritimati'` : `set time_zone = '+13:00'`
      bench.write({ revision: 'aaaa', up: `  await knex.raw(${JSON.stringify(zone)})` }, { revision: 'bbbb' })
      await bench.upgrade()
      bench.write({ revision: 'cccc' })
      const { code } = await bench.project.run(['upgrade'], {
        env: { MIG_DATABASE_URL: bench.database.url, TZ: 'Asia/Kathmandu', PGTZ: 'Asia/Kathmandu' },
      })
      expect(code).toBe(0)
      for (const { applied } of (await bench.history()).revisions)
        expect(Math.abs(Date.parse(applied?.appliedAt ?? '') - Date.now())).toBeLessThan(20_000)
    })

  test('an edited file is refused with its difference, until that is allowed', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa', { message: 'same' }))
    await bench.upgrade()
    bench.write(table('aaaa', { message: 'same', down: null, up: `  await knex.raw('select 1')` }))
    bench.write(table('bbbb'))
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'history.checksum-mismatch', exitCode: 5 })
    expect(error.detail).toMatch(/^-.*createTable/m)
    expect(error.detail).toMatch(/^\+.*select 1/m)
    expect(await errorOf(bench.downgrade({ target: 'base' }))).toMatchObject({ code: 'history.checksum-mismatch' })
    expect((await bench.check()).diagnostics).toContainEqual(
      expect.objectContaining({ code: 'history.checksum-mismatch', severity: 'error' }),
    )
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    await bench.upgrade({ allowChanged: true })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('a revision without a file is refused, until that is allowed', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade()
    bench.remove('bbbb')
    bench.write({ ...table('cccc'), down: 'aaaa' })
    const error = await errorOf(bench.upgrade())
    expect(error).toMatchObject({ code: 'history.unknown-revision', exitCode: 5 })
    expect(error.message).toContain('bbbb')
    expect(await errorOf(bench.downgrade({ target: 'base' }))).toMatchObject({ code: 'history.unknown-revision' })
    expect((await bench.history()).unknown.map(({ revision }) => revision)).toStrictEqual(['bbbb'])
    await bench.upgrade({ allowUnknown: true })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
  })

  test('a database of another project is refused, whatever is asked', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'))
    await bench.upgrade()
    const other = benchOn(engine, bench.database)
    other.write(table('xxxx'), table('yyyy'))
    for (const run of [() => other.upgrade(), () => other.downgrade({ target: 'base' })])
      expect(await errorOf(run())).toMatchObject({ code: 'history.wrong-project', exitCode: 5 })
    expect((await other.check()).diagnostics).toContainEqual(expect.objectContaining({ code: 'history.wrong-project' }))
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('a history that was altered by hand is refused', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), table('bbbb'), table('cccc'))
    await bench.upgrade()
    const refused = async () => {
      expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'history.altered', exitCode: 5 })
      expect(await errorOf(bench.downgrade({ target: 'base' }))).toMatchObject({ code: 'history.altered' })
      expect((await bench.check()).diagnostics).toContainEqual(expect.objectContaining({ code: 'history.altered' }))
    }
    await bench.query(`create table kept as select * from mig_history where revision = 'bbbb'`)
    await bench.query(`delete from mig_history where revision = 'bbbb'`)
    await refused()
    await bench.query(`insert into mig_history select * from kept`)
    await bench.query(`update mig_history set down_revisions = 'nonsense' where revision = 'cccc'`)
    await refused()
    await bench.query(`update mig_history set down_revisions = '["bbbb"]' where revision = 'cccc'`)
    expect((await bench.upgrade()).steps).toStrictEqual([])
    await bench.query('delete from mig_state')
    await refused()
    await bench.query('drop table mig_state')
    await refused()
    await bench.query(
      'create table mig_state (id integer, format integer, project varchar(9), seq integer, revisions integer)',
    )
    await bench.query('insert into mig_state values (1, 1, null, 3, 3)')
    expect((await bench.upgrade()).steps).toStrictEqual([])
    await bench.query('insert into mig_state values (1, 1, null, 3, 3)')
    await refused()
    await bench.query('delete from mig_state')
    await bench.query('insert into mig_state values (1, 1, null, 3, 3)')
    await bench.query('drop table mig_history')
    await refused()
    expect(await errorOf(bench.current())).toMatchObject({ code: 'history.altered', exitCode: 5 })
  })

  test('tables of the same name that belong to somebody else stay as they are', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.query('create table mig_history (id integer, name varchar(10))')
    await bench.query(`insert into mig_history values (1, 'x')`)
    expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'history.altered', exitCode: 5 })
    expect(await errorOf(bench.stamp({ targets: ['head'] }))).toMatchObject({ code: 'history.altered' })
    expect(await bench.query('select name from mig_history')).toStrictEqual([{ name: 'x' }])
    expect(await allTables(engine.name, bench.database)).toStrictEqual(['mig_history'])
  })

  test('a newer format is left alone, even when its columns have changed', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.upgrade()
    await bench.query('update mig_state set format = 99')
    bench.write(table('bbbb'))
    const refused = async () => {
      for (const run of [() => bench.upgrade(), () => bench.current(), () => bench.downgrade({ target: 'base' })])
        expect(await errorOf(run())).toMatchObject({ code: 'history.newer-format', exitCode: 5 })
    }
    await refused()
    await bench.query('alter table mig_history rename column message to title')
    await refused()
  })

  test('a state that was changed under a run stops it, and nothing is recorded', async () => {
    const bench = await createBench(engine)
    bench.write(
      { revision: 'aaaa', up: `  await knex.raw('update mig_state set seq = seq + 5')` },
      table('bbbb', { up: `  await knex('witness').insert({ id: 1 })` }),
    )
    await bench.query('create table witness (id integer)')
    expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'lock.lost', exitCode: 3 })
    expect(await bench.rows()).toStrictEqual([])
    expect(await bench.query('select * from witness')).toStrictEqual([])
  })

  test('what a run leaves that was killed while it made the tables is completed by the next', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.upgrade()
    for (const left of [
      ['delete from mig_history', 'delete from mig_state', 'drop table aaaa'],
      ['drop table mig_history', 'delete from mig_state', 'drop table aaaa'],
      ['delete from mig_history', 'drop table mig_state', 'drop table aaaa'],
    ]) {
      for (const statement of left) await bench.query(statement)
      expect((await bench.current()).heads).toStrictEqual([])
      await bench.upgrade()
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    }
  })
})

const mysql = engineNamed('mysql')
const testMysql = mysql.skipped === undefined ? test : test.skip

testMysql('MySQL: a history that changes under a migration with DDL is reported, and the mark stays', async () => {
  const bench = await createBench(mysql)
  bench.write({
    ...table('aaaa'),
    up: `  await knex.schema.createTable('aaaa', (t) => t.integer('id'))
  await knex.raw('update mig_state set seq = seq + 5')`,
  })
  const error = await errorOf(bench.upgrade())
  expect(error.exitCode).toBe(6)
  expect(error.message).toContain('Another run has changed the history')
  expect(await bench.rows()).toStrictEqual(['aaaa running'])
})

forEachEngine(
  (engine) => {
    test('a migration that frees the lock of its session is not recorded', async () => {
      const bench = await createBench(engine)
      const free = { postgres: 'select pg_advisory_unlock_all()', mysql: 'select release_all_locks()', sqlite: '' }[
        engine.name
      ]
      bench.write({ revision: 'aaaa', up: `  await knex.raw('${free}')` })
      expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'lock.lost', exitCode: 3 })
      expect(await bench.rows()).toStrictEqual([])
    })
  },
  { only: ['postgres', 'mysql'] },
)
