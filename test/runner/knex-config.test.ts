// Connections as a Knex project has them, and names that need quotes.

import type { Knex } from 'knex'

import { expect, test } from '@jest/globals'

import { engineNamed, forEachEngine } from '../support/engines.js'
import { allTables, benchOn, connectionOf, createBench, errorOf, table } from './workbench.js'

forEachEngine((engine) => {
  const client = { sqlite: 'better-sqlite3', postgres: 'pg', mysql: 'mysql2' }[engine.name]

  test.each(['settings', 'function', 'async function', 'text', 'setting as a function'] as const)(
    'the connection is given as: %s',
    async (form) => {
      const database = await engine.createDatabase()
      const connection = connectionOf(engine, database)
      const config: Knex.Config = { client, connection, useNullAsDefault: true, pool: { min: 2, max: 10 } }
      const bench = benchOn(engine, database, {
        database: {
          settings: config,
          function: { ...config, connection: () => connection },
          'async function': { ...config, connection: () => Promise.resolve(connection) },
          text: { ...config, connection: database.url },
          'setting as a function': () => Promise.resolve(config),
        }[form],
      })
      bench.write(table('aaaa'))
      await bench.upgrade()
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    },
  )

  if (engine.name !== 'sqlite')
    test('a text among the options of the driver is followed, and shown', async () => {
      const database = await engine.createDatabase()
      const { hostname, port, pathname } = new URL(database.url)
      const connection = engine.name === 'postgres' ? { connectionString: database.url } : { uri: database.url }
      const bench = benchOn(engine, database, {
        database: { client, connection: connection as Knex.StaticConnectionConfig },
      })
      bench.write(table('aaaa'))
      const { place } = await bench.upgrade()
      expect(place).toMatchObject({
        host: hostname,
        port: Number(port),
        database: decodeURIComponent(pathname.slice(1)),
      })
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    })

  test('a knexfile with environments is read, and its hooks run on the connection', async () => {
    const bench = await createBench(engine)
    const connection = JSON.stringify(connectionOf(engine, bench.database))
    const hook = {
      sqlite: `connection.exec('create temp table hooked (a integer)'); done()`,
      postgres: `connection.query('create temp table hooked (a integer)', (error) => done(error, connection))`,
      mysql: `connection.query('create temporary table hooked (a integer)', (error) => done(error, connection))`,
    }[engine.name]
    bench.project.write(
      'knexfile.mjs',
      `export default { production: { client: '${client}', connection: ${connection}, useNullAsDefault: true,
        pool: { afterCreate(connection, done) { ${hook} } } } }`,
    )
    bench.write({ revision: 'aaaa', up: `  await knex('hooked').insert({ a: 1 })` })
    const config = { database: './knexfile.mjs' }
    await benchUpgrade(config)
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])

    async function benchUpgrade(given: { database: string }): Promise<void> {
      const { upgrade } = await import('../../src/index.js')
      await upgrade({ cwd: bench.project.folder, config: given, env: 'production' })
    }
  })

  test('wrapIdentifier and postProcessResponse are for migrations, not for the history', async () => {
    const database = await engine.createDatabase()
    const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const bench = benchOn(engine, database, {
      database: {
        client,
        connection: connectionOf(engine, database),
        useNullAsDefault: true,
        wrapIdentifier: (value, original) => original(snake(value)),
        postProcessResponse: (result: unknown) => (Array.isArray(result) ? [] : result),
      },
    })
    bench.write({ revision: 'aaaa', up: `  await knex.schema.createTable('someThing', (t) => t.integer('anId'))` })
    await bench.upgrade()
    expect(await bench.tables()).toStrictEqual(['some_thing'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  const names = ['select', 'Order By', `quote"s 'and' \`ticks\``, 'MixedCase', 'a.b', '100% ?', 'naïve_漢字', '🦊 fox']
  test.each(names)('the history table may be called %s', async (historyTable) => {
    const database = await engine.createDatabase()
    const bench = benchOn(engine, database, { database: database.url, historyTable })
    bench.write(table('aaaa', { transaction: false }), table('bbbb'))
    if (engine.name === 'mysql' && /🦊/u.test(historyTable)) {
      expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'config.invalid', exitCode: 2 })
      return
    }
    await bench.upgrade()
    await bench.upgrade()
    expect(await allTables(engine.name, database)).toEqual(
      expect.arrayContaining([historyTable, `${historyTable}_state`, 'aaaa', 'bbbb']),
    )
    await bench.downgrade({ target: 'base' })
    expect((await bench.current()).heads).toStrictEqual([])
    expect((await bench.check()).diagnostics).toStrictEqual([])
  })

  const schemas = engine.name === 'sqlite' ? [] : names.slice(0, 5)
  for (const name of schemas)
    test(`the history may live in a schema called ${name}`, async () => {
      const schema = engine.name === 'mysql' ? `${name} ${Math.random().toString(36).slice(2)}` : name
      const database = await engine.createDatabase()
      if (engine.name === 'mysql') await engine.createDatabase({ name: schema })
      else await database.query(`create schema "${schema.replaceAll('"', '""')}"`)
      const bench = benchOn(engine, database, { database: database.url, historySchema: schema })
      bench.write(table('aaaa'))
      await bench.upgrade()
      expect(await bench.tables()).toStrictEqual(['aaaa'])
      expect((await bench.current()).heads.length).toBe(1)
      await bench.downgrade({ target: '-1' })
    })
})

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test : test.skip

testPostgres('PostgreSQL: searchPath says where migrations and history go', async () => {
  const database = await postgres.createDatabase()
  await database.query('create schema "App Data"')
  const connection = connectionOf(postgres, database)
  const bench = benchOn(postgres, database, {
    database: { client: 'pg', connection, searchPath: ['App Data', 'public'] },
  })
  bench.write(table('aaaa'))
  await bench.upgrade()
  const rows = await database.query(`select table_name from information_schema.tables where table_schema = 'App Data'`)
  expect(rows.map((row) => row.table_name).sort()).toStrictEqual(['aaaa', 'mig_history', 'mig_journal', 'mig_state'])
})

testPostgres('PostgreSQL: a migration that changes the search path does not lead the history astray', async () => {
  const bench = await createBench(postgres)
  await bench.query('create schema other')
  bench.write({ revision: 'aaaa', up: `  await knex.raw('set search_path to other')` }, table('bbbb'))
  await bench.upgrade()
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
})

testPostgres('PostgreSQL: a server that may only be read is refused before anything is done', async () => {
  const bench = await createBench(postgres)
  bench.write(table('aaaa'))
  await bench.query(`alter database "${bench.database.name}" set default_transaction_read_only = on`)
  expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'engine.read-only', exitCode: 8 })
  expect((await bench.current()).pending).toBe(1)
})
