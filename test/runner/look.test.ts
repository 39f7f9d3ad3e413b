// Commands that look create nothing, and need no more than the right to read.

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { forEachEngine } from '../support/engines.js'
import { withMysqlUser } from '../engines/provocations.js'
import { allTables, type Bench, benchOn, createBench, errorOf, table } from './workbench.js'

const looks: readonly ((bench: Bench) => Promise<unknown>)[] = [
  (bench) => bench.current(),
  (bench) => bench.history(),
  (bench) => bench.check(),
  (bench) => bench.show({ revision: 'head' }),
  (bench) => bench.upgrade({ dryRun: true }),
  (bench) => bench.downgrade({ target: 'base', dryRun: true }),
  (bench) => bench.stamp({ targets: ['head'], dryRun: true }),
]

forEachEngine((engine) => {
  test('on an empty database they create nothing', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    for (const look of looks) await look(bench)
    expect(await allTables(engine.name, bench.database)).toStrictEqual([])
    expect((await bench.current()).pending).toBe(1)
    expect((await bench.upgrade({ dryRun: true })).steps.map(({ revision }) => revision)).toStrictEqual(['aaaa'])
    expect((await bench.upgrade({ target: 'base' }).catch(() => null)) ?? []).toBeDefined()
    expect(await allTables(engine.name, bench.database)).toStrictEqual([])
  })

  test('a run with nothing to do creates nothing either', async () => {
    const bench = await createBench(engine)
    expect((await bench.upgrade()).steps).toStrictEqual([])
    expect(await allTables(engine.name, bench.database)).toStrictEqual([])
  })

  test('a dry run of something pending changes nothing', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.upgrade()
    const seq = await bench.query('select seq from mig_state')
    bench.write(table('bbbb'))
    expect(await bench.upgrade({ dryRun: true })).toMatchObject({ dryRun: true, from: ['aaaa'], to: ['bbbb'] })
    expect(await bench.downgrade({ target: 'base', dryRun: true })).toMatchObject({ from: ['aaaa'], to: [] })
    await bench.stamp({ targets: ['bbbb'], dryRun: true })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await bench.tables()).toStrictEqual(['aaaa'])
    expect(await bench.query('select seq from mig_state')).toStrictEqual(seq)
  })

  test('a database that does not exist', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.database.drop()
    if (engine.name === 'sqlite') {
      for (const look of looks) await look(bench)
      const file = bench.database.url.slice('sqlite:'.length)
      expect([existsSync(file), existsSync(`${file}-mig-lock`)]).toStrictEqual([false, false])
      await bench.upgrade()
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      return
    }
    for (const run of [() => bench.current(), () => bench.upgrade({ dryRun: true }), () => bench.upgrade()])
      expect(await errorOf(run())).toMatchObject({ code: 'engine.missing-database', exitCode: 8 })
    expect((await bench.check()).diagnostics).toContainEqual(
      expect.objectContaining({ code: 'engine.missing-database', severity: 'error' }),
    )
    const { revisions, diagnostics } = await bench.history()
    expect(revisions.map(({ status }) => status)).toStrictEqual([null])
    expect(diagnostics).toContainEqual(expect.objectContaining({ severity: 'warning' }))
  })

  if (engine.name !== 'sqlite')
    test('a role that may only read is enough, and an upgrade says what is missing', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), table('bbbb'))
      await bench.upgrade({ target: 'aaaa' })
      await asReader(bench, async (reader) => {
        reader.write(table('aaaa'), table('bbbb'))
        for (const look of looks) await look(reader)
        expect((await reader.current()).heads.map(({ revision }) => revision)).toStrictEqual(['aaaa'])
        const error = await errorOf(reader.upgrade())
        expect([error.code, error.exitCode]).toStrictEqual(['engine.permission', 8])
        expect(error.message).not.toContain('geheim')
        expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      })
    })

  async function asReader(bench: Bench, work: (reader: Bench) => Promise<void>): Promise<void> {
    const { database } = bench
    if (engine.name === 'mysql')
      return withMysqlUser(database, `select on \`${database.name}\`.*`, (url) =>
        work(benchOn(engine, { ...database, url }, { database: url })),
      )
    const role = `mig_test_${randomUUID().slice(-12)}`
    await database.query(
      `create role ${role} login password 'geheim'; grant select on all tables in schema public to ${role}`,
    )
    const url = new URL(database.url)
    url.username = role
    url.password = 'geheim'
    try {
      await work(benchOn(engine, { ...database, url: url.href }, { database: url.href }))
    } finally {
      await database.query(`drop owned by ${role}; drop role ${role}`)
    }
  }
})
