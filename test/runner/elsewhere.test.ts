// Which history? One that lies where a connection does not look for it is found before everything would run again.

import { expect, test } from '@jest/globals'

import { engineNamed, forEachEngine } from '../support/engines.js'
import { type Bench, benchOn, createBench, errorOf, table } from './workbench.js'

/** Each migration leaves one row: two mean that it ran twice. */
const witnessed = (revision: string) => ({
  revision,
  up: `  await knex.raw("insert into witness values ('${revision}')")`,
})

async function witnesses(bench: Bench, from = 'witness'): Promise<readonly string[]> {
  return (await bench.query(`select revision from ${from} order by revision`)).map(({ revision }) => String(revision))
}

const elsewhere = (words: string) => ({
  code: 'history.elsewhere',
  exitCode: 5,
  message: expect.stringContaining(words),
})

forEachEngine((engine) => {
  test('another name for the history table: nothing runs again, unless that is asked for', async () => {
    const bench = await createBench(engine)
    await bench.query('create table witness (revision varchar(10))')
    bench.write(witnessed('aaaa'))
    await bench.upgrade()
    const renamed = benchOn(engine, bench.database, { historyTable: 'deploy_history' })
    renamed.write(witnessed('aaaa'))
    for (const ask of [
      () => renamed.upgrade(),
      () => renamed.upgrade({ dryRun: true }),
      () => renamed.stamp({ targets: ['head'] }),
      () => renamed.downgrade({ target: 'base' }),
      () => renamed.current(),
    ])
      expect(await errorOf(ask())).toMatchObject({
        ...elsewhere('.mig_history. Nothing was changed.'),
        hint: expect.stringMatching(/historyTable: 'mig_history'.*--new-history/),
      })
    expect((await renamed.check()).diagnostics).toContainEqual(expect.objectContaining({ code: 'history.elsewhere' }))
    expect((await renamed.history()).diagnostics).toContainEqual(expect.objectContaining({ code: 'history.elsewhere' }))
    expect(await witnesses(bench)).toStrictEqual(['aaaa'])
    await renamed.upgrade({ newHistory: true })
    expect(await witnesses(bench)).toStrictEqual(['aaaa', 'aaaa'])
    expect((await renamed.upgrade()).steps).toStrictEqual([])
    expect((await bench.upgrade()).steps).toStrictEqual([])
  })

  test('two projects with histories of their own in one database do not see each other', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'))
    await bench.upgrade()
    const other = benchOn(engine, bench.database, { historyTable: 'other_history', project: 'other' })
    other.write(table('xxxx'))
    await other.upgrade()
    expect((await other.current()).heads.map(({ revision }) => revision)).toStrictEqual(['xxxx'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  test('stamp and resolve leave the history of another project alone, though neither names one', async () => {
    const bench = await createBench(engine)
    const failing = `  await knex.schema.createTable('bbbb', (t) => t.integer('id'))\n  await knex.raw('no such statement')`
    bench.write(table('aaaa'), { revision: 'bbbb', up: failing, transaction: false })
    await errorOf(bench.upgrade())
    const other = benchOn(engine, bench.database)
    other.write(table('xxxx'))
    for (const ask of [
      () => other.stamp({ targets: ['head'] }),
      () => other.stamp({ targets: ['head'], purge: true }),
      () => other.resolve({ revision: 'bbbb', applied: true, yes: true }),
      () => other.resolve({ revision: 'bbbb', notApplied: true, yes: true }),
    ])
      expect(await errorOf(ask())).toMatchObject({ code: 'history.wrong-project', exitCode: 5 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
    await other.stamp({ targets: ['head'], purge: true, allowUnknown: true })
    expect(await bench.rows()).toStrictEqual(['xxxx applied'])
  })
})

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test : test.skip

/** A role of its own with the search path that every role has: "$user", public. */
async function withRole(work: (bench: Bench, role: string, url: string) => Promise<void>): Promise<void> {
  const bench = await createBench(postgres)
  const role = `mig_own_${bench.database.name.slice(-12)}`
  await bench.query(`create role ${role} login password 'own'`)
  try {
    await bench.query(`grant all on schema public to ${role}`)
    await bench.query(`do $$ begin execute format('grant all on database %I to ${role}', current_database()); end $$`)
    await bench.query(`create table witness (revision varchar(10)); grant all on witness to ${role}`)
    const url = new URL(bench.database.url)
    url.username = role
    url.password = 'own'
    await work(bench, role, url.href)
  } finally {
    await bench.query(`drop owned by ${role} cascade`)
    await bench.query(`drop role ${role}`)
  }
}

testPostgres('PostgreSQL: a migration makes a schema that is called like the role: nothing runs twice', () =>
  withRole(async (bench, role, databaseUrl) => {
    bench.write(witnessed('aaaa'), {
      revision: 'bbbb',
      up: `  await knex.raw('create schema if not exists ${role}')\n  await knex.raw("insert into public.witness values ('bbbb')")`,
    })
    expect((await bench.upgrade({ databaseUrl })).steps).toHaveLength(2)
    expect((await bench.upgrade({ databaseUrl })).steps).toStrictEqual([])
    expect((await bench.current({ databaseUrl })).heads.map(({ revision }) => revision)).toStrictEqual(['bbbb'])
    bench.write({ revision: 'cccc', up: `  await knex.raw("insert into public.witness values ('cccc')")` })
    expect((await bench.upgrade({ databaseUrl })).steps.map(({ revision }) => revision)).toStrictEqual(['cccc'])
    expect(await witnesses(bench)).toStrictEqual(['aaaa', 'bbbb', 'cccc'])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
    await bench.downgrade({ target: 'bbbb', databaseUrl })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  }),
)

testPostgres('PostgreSQL: a search path that the configuration names is a choice: mig asks', () =>
  withRole(async (bench, role, databaseUrl) => {
    bench.write(witnessed('aaaa'))
    await bench.upgrade({ databaseUrl })
    await bench.query(`create schema tenant authorization ${role}`)
    bench.project.write(
      'mig.config.mjs',
      `export default { database: { client: 'pg', connection: ${JSON.stringify(databaseUrl)}, searchPath: ['tenant', 'public'] } }`,
    )
    const { code, stderr } = await bench.project.run(['upgrade'])
    expect({ code, stderr }).toStrictEqual({
      code: 5,
      stderr: expect.stringMatching(
        /There is no tenant\.mig_history in .* is in public\.mig_history[^]*historySchema: 'public'/,
      ),
    })
    expect((await bench.project.run(['current'])).stderr).toMatch(/history\.elsewhere/)
    expect(await witnesses(bench)).toStrictEqual(['aaaa'])
    expect((await bench.project.run(['upgrade', '--new-history'])).code).toBe(0)
    expect((await bench.project.run(['upgrade'])).stdout).toMatch(/Already at head aaaa/)
    expect(await bench.query('select revision from tenant.mig_history')).toStrictEqual([{ revision: 'aaaa' }])
  }),
)

testPostgres('PostgreSQL: a schema for each tenant, by historySchema, is as ordinary as ever', async () => {
  const bench = await createBench(postgres)
  for (const tenant of ['red', 'blue']) {
    await bench.query(`create schema ${tenant}`)
    const own = benchOn(postgres, bench.database, { historySchema: tenant, project: 'shop' })
    own.write({ revision: 'aaaa', up: `  await knex.raw('create table ${tenant}.goods (id integer)')` })
    expect((await own.upgrade()).steps).toHaveLength(1)
    expect((await own.upgrade()).steps).toStrictEqual([])
  }
})

testPostgres('PostgreSQL: a dump without comments: the table is known by its name', async () => {
  const bench = await createBench(postgres)
  await bench.query('create table witness (revision varchar(10))')
  bench.write(witnessed('aaaa'))
  await bench.upgrade()
  await bench.query('comment on table mig_state is null')
  await bench.query(
    'create schema moved; alter table mig_state set schema moved; alter table mig_history set schema moved',
  )
  expect(await errorOf(bench.upgrade())).toMatchObject(elsewhere('is in moved.mig_history'))
  expect(await witnesses(bench)).toStrictEqual(['aaaa'])
})

const mysql = engineNamed('mysql')
const testMysql = mysql.skipped === undefined ? test : test.skip

testMysql('MySQL: a session that is sent to another database finds its history in the one before', async () => {
  const [bench, other] = [await createBench(mysql), await createBench(mysql)]
  await bench.query('create table witness (revision varchar(10))')
  bench.write(witnessed('aaaa'))
  await bench.upgrade()
  const afterCreate = (name: string) =>
    `export default { database: { client: 'mysql2', connection: ${JSON.stringify(bench.database.url)},
  pool: { afterCreate: (raw, done) => raw.query('use \`${name}\`', (error) => done(error, raw)) } } }`
  bench.project.write('mig.config.mjs', afterCreate(other.database.name))
  const { code, stderr } = await bench.project.run(['upgrade'])
  expect({ code, stderr }).toStrictEqual({
    code: 5,
    stderr: expect.stringContaining(`is in ${bench.database.name}.mig_history`),
  })
  expect(await other.tables()).toStrictEqual([])
  // Each database that a URL names is its own, as tenants have them.
  const tenant = benchOn(mysql, other.database)
  await other.query('create table witness (revision varchar(10))')
  tenant.write(witnessed('aaaa'))
  expect((await tenant.upgrade()).steps).toHaveLength(1)
  expect(await witnesses(bench)).toStrictEqual(['aaaa'])
})

const sqlite = engineNamed('sqlite')
const testSqlite = sqlite.skipped === undefined ? test : test.skip

testSqlite('SQLite: a history in a database that is attached is not that of the main one', async () => {
  const [bench, other] = [await createBench(sqlite), await createBench(sqlite)]
  other.write(table('xxxx'))
  await other.upgrade()
  bench.write(table('aaaa'))
  bench.project.write(
    'mig.config.mjs',
    `export default { database: { client: 'better-sqlite3', connection: { filename: ${JSON.stringify(bench.database.url.slice('sqlite:'.length))} },
  pool: { afterCreate: (raw, done) => { raw.prepare('attach ? as other').run(${JSON.stringify(other.database.url.slice('sqlite:'.length))}); done(null, raw) } } } }`,
  )
  expect((await bench.project.run(['upgrade'])).code).toBe(0)
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  expect(await other.rows()).toStrictEqual(['xxxx applied'])
})
