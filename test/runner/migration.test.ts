// What a migration may do with Knex, what it is given, and what is reported of it when it fails.

import { expect, test } from '@jest/globals'

import { engineNamed, forEachEngine } from '../support/engines.js'
import { createBench, errorOf, table } from './workbench.js'

forEachEngine((engine) => {
  test('a transaction inside, queries at once, streams and raw statements work', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: `  await Promise.all([1, 2, 3].map((id) => knex('aaaa').insert({ id })))
  await knex.transaction(async (trx) => { await trx('aaaa').insert({ id: 4 }) })
  await knex.transaction(async (trx) => { await trx('aaaa').insert({ id: 99 }); throw new Error('inner') }).catch(() => undefined)
  let sum = 0
  if (${engine.name !== 'postgres'}) for await (const { id } of knex('aaaa').select('id').stream()) sum += id
  else for (const { id } of await knex('aaaa').select('id')) sum += id
  await knex.raw('insert into aaaa (id) values (?)', [sum])
  if (!(await knex.schema.hasTable('aaaa')) || !(await knex.schema.hasColumn('aaaa', 'id'))) throw new Error('not seen')`,
    })
    await bench.upgrade()
    const ids = (await bench.query('select id from aaaa order by id')).map(({ id }) => id)
    expect(ids).toStrictEqual([1, 2, 3, 4, 10])
  })

  test('without a transaction the same works, on one connection', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      transaction: false,
      up: `  await Promise.all([1, 2].map((id) => knex('aaaa').insert({ id })))
  await knex.transaction(async (trx) => { await trx('aaaa').insert({ id: 3 }) })
  await knex.transaction(async (trx) => { await trx('aaaa').insert({ id: 99 }); throw new Error('inner') }).catch(() => undefined)`,
    })
    await bench.upgrade()
    expect((await bench.query('select id from aaaa order by id')).map(({ id }) => id)).toStrictEqual([1, 2, 3])
  })

  test('what was built and never run is reported with its line: an error where it would have changed something', async () => {
    const bench = await createBench(engine)
    const builds = (query: string) => `  await knex('aaaa').insert({ id: 1 })\n  ${query}`
    bench.write(table('aaaa'), { revision: 'bbbb', up: builds(`knex('aaaa').select('id')`) })
    const { diagnostics } = await bench.upgrade()
    expect(diagnostics).toMatchObject([
      { code: 'migration.unused-query', severity: 'warning', revision: 'bbbb', line: 6 },
    ])
    bench.write({ revision: 'cccc', up: `  if (knex.client.config.client === 'oracledb') await knex.raw('select 1')` })
    const other = await bench.upgrade()
    expect(other.diagnostics).toMatchObject([{ code: 'migration.nothing-done', severity: 'warning', revision: 'cccc' }])
    for (const query of [
      `knex('aaaa').update({ id: 2 })`,
      `knex.schema.dropTable('aaaa')`,
      `knex.raw('drop table aaaa')`,
    ]) {
      bench.write({ revision: 'dddd', down: 'cccc', up: builds(query) })
      const error = await errorOf(bench.upgrade())
      expect(error).toMatchObject({ code: 'migration.no-statement', exitCode: 1, diagnostics: [{ line: 6 }] })
    }
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 1 }])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
  })

  test('pieces of SQL and queries that are part of others are used', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: `  const ids = knex('aaaa').select('id')
  const inserted = knex('aaaa').insert({ id: 7 })
  await inserted.clone()
  await knex('aaaa').whereIn('id', knex.from(ids.as('ids')).select('id')).andWhere(knex.raw('1 = ?', [1])).update({ id: knex.raw('id + 1') })
  const text = knex.schema.dropTableIfExists('nothing').toString()
  await knex.schema.raw(text)
  await knex.schema.createTable('bbbb', (t) => { t.integer('id').defaultTo(knex.raw('1')) })`,
    })
    expect((await bench.upgrade()).diagnostics).toStrictEqual([])
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 8 }])
  })

  test('neither a bound value nor a password is in what is said, or in the journal', async () => {
    const bench = await createBench(engine)
    const make = `await knex.schema.createTable('bbbb', (t) => { t.string('token', 200).unique() })`
    const insert = `await knex('bbbb').insert({ token: 'sk_live' + '_abcdefgh'.repeat(12) })`
    const user = {
      sqlite: null,
      postgres: [`create role nobody_here password E'hunter2' in role nowhere`],
      mysql: [`create user nobody_here identified by "hunter2" require nonsense`],
    }[engine.name]
    bench.write(table('aaaa'), { revision: 'bbbb', up: `  ${make}` })
    await bench.upgrade()
    bench.write({ revision: 'cccc', transaction: false, up: `  ${insert}\n  ${insert}` })
    const twice = await errorOf(bench.upgrade())
    expect(`${twice.message} ${twice.detail}`).not.toContain('sk_live_')
    await bench.resolve({ revision: 'cccc', notApplied: true, yes: true })
    if (user !== null) {
      bench.write({
        revision: 'cccc',
        down: 'bbbb',
        transaction: false,
        up: `  await knex.raw(${JSON.stringify(user[0])})`,
      })
      const refused = await bench.run('upgrade')
      expect(refused).toMatchObject({ code: expect.any(Number) })
      expect(`${refused.stdout}${refused.stderr}`).toContain('***')
      expect(`${refused.stdout}${refused.stderr}`).not.toContain('hunter2')
    }
    const journal = await bench.query('select sql_text, error from mig_journal')
    expect(JSON.stringify(journal)).toContain('insert into')
    expect(JSON.stringify(journal)).not.toMatch(/sk_live_|hunter2/)
  })

  test('the context names engine, revision and direction, and takes lines for the log', async () => {
    const bench = await createBench(engine)
    const tell = `  context.log(JSON.stringify([context.engine, context.revision, context.direction, context.signal.aborted]))`
    bench.write({ revision: 'aaaa', up: tell, undo: tell })
    await bench.upgrade()
    await bench.downgrade({ target: '-1' })
    const logs = bench.events.flatMap((event) => (event.kind === 'log' ? [[event.revision, event.message]] : []))
    expect(logs).toStrictEqual([
      ['aaaa', JSON.stringify([engine.name, 'aaaa', 'up', false])],
      ['aaaa', JSON.stringify([engine.name, 'aaaa', 'down', false])],
    ])
  })

  test('events tell plan, steps and statements, in order and without values', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), { revision: 'bbbb', up: `  await knex('aaaa').insert({ id: 987654321 })` })
    await bench.upgrade()
    const kinds = bench.events.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind !== 'statement')).toStrictEqual([
      'database',
      'plan',
      'step-started',
      'step-finished',
      'step-started',
      'step-finished',
    ])
    const statements = bench.events.flatMap((event) => (event.kind === 'statement' ? [event] : []))
    expect(statements.map(({ revision, failed }) => [revision, failed])).toStrictEqual([
      ['aaaa', false],
      ['bbbb', false],
    ])
    expect(JSON.stringify(bench.events)).not.toContain('987654321')
  })

  if (engine.name !== 'mysql')
    test('in one transaction each step is reported with its own time', async () => {
      const bench = await createBench(engine)
      const slow = table('aaaa', { up: `  await new Promise((resolve) => setTimeout(resolve, 700))`, undo: '' })
      bench.write({ ...slow, up: `${slow.up ?? ''}\n  await knex.schema.createTable('aaaa', (t) => t.integer('id'))` })
      bench.write(table('bbbb'))
      await bench.upgrade({ transaction: 'all' })
      const times = bench.events.flatMap((event) => (event.kind === 'step-finished' ? [event.durationMs] : []))
      expect(times).toHaveLength(2)
      expect(times[0]).toBeGreaterThanOrEqual(690)
      expect(times[1]).toBeLessThan(690)
    })

  test('a transaction that nobody waits for is in time or not, and never takes the commit along', async () => {
    const late = `setImmediate(() => void knex.transaction(() => new Promise((resolve) => setTimeout(resolve, 30))).catch(() => undefined))`
    for (const mode of ['each', 'all'] as const) {
      if (mode === 'all' && engine.name === 'mysql') continue
      const bench = await createBench(engine)
      bench.write(table('aaaa', { up: `  await knex.schema.createTable('aaaa', (t) => t.integer('id'))\n  ${late}` }))
      const error = await bench.upgrade({ transaction: mode }).then(
        () => null,
        (thrown: unknown) => thrown,
      )
      const isThere = (await bench.tables()).includes('aaaa')
      expect({ mode, isThere, rows: await bench.rows() }).toEqual(
        error === null || isThere
          ? { mode, isThere: true, rows: [expect.stringMatching(/^aaaa /)] }
          : { mode, isThere: false, rows: [] },
      )
    }
  })

  test('the caller stops it: the migration at hand is rolled back, those before it stay', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: `  await knex('aaaa').insert({ id: 1 })\n  context.log('now')\n  await new Promise((resolve) => setTimeout(resolve, 10_000).unref())`,
    })
    const stop = new AbortController()
    const onEvent = ({ kind }: { kind: string }) => void (kind === 'log' && setTimeout(() => stop.abort(), 20))
    const error = await errorOf(bench.upgrade({ signal: stop.signal, onEvent }))
    expect(error).toMatchObject({ code: 'interrupted.signal', exitCode: 130 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await bench.query('select * from aaaa')).toStrictEqual([])
    expect(await errorOf(bench.upgrade({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'interrupted.signal' })
  })

  test('a failure shows the place in the file and the statement, and no value', async () => {
    const bench = await createBench(engine)
    bench.project.write(
      'migrations/001_aaaa.ts',
      [
        `import type { Knex } from 'knex'`,
        `export const revision = 'aaaa'`,
        `export const downRevision = null`,
        `type Unused = { readonly a: number }`,
        `export async function up(knex: Knex): Promise<void> {`,
        `  await knex.schema.createTable('person', (t) => t.string('name').unique())`,
        `  await knex('person').insert({ name: 'confidential' })`,
        `  await knex('person').insert({ name: 'confidential' })`,
        `}`,
        `export async function down(): Promise<void> {}`,
      ].join('\n'),
    )
    const { code, stderr, stdout } = await bench.run('upgrade', '--verbose')
    expect(code).toBe(engine.name === 'mysql' ? 6 : 1)
    expect(stderr).toContain('migrations/001_aaaa.ts:8:')
    expect(stderr).toMatch(/8 \| {3}await knex\('person'\)/)
    expect(stderr).toMatch(/insert into .person. \(.name.\) values \((\?|\$1)\)/)
    expect(stderr).toMatch({ sqlite: /SQLITE_CONSTRAINT/, postgres: /23505/, mysql: /ER_DUP_ENTRY/ }[engine.name])
    expect(stdout + stderr.replace(/^.*\d+ \|.*$/gm, '')).not.toContain('confidential')
  })

  test('a failure of the way back says that nothing was taken down', async () => {
    const bench = await createBench(engine)
    bench.write({ ...table('aaaa'), undo: `  await knex('nowhere').delete()` })
    await bench.upgrade()
    const error = await errorOf(bench.downgrade({ target: 'base' }))
    expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  })

  test.each(['undefined', 'null', `'text'`, '{ a: 1 }', 'Object.create(null)'])(
    'what throws %s fails',
    async (thrown) => {
      const bench = await createBench(engine)
      bench.write({ revision: 'aaaa', up: `  throw ${thrown}` })
      expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'migration.failed', exitCode: 1 })
      expect(await bench.rows()).toStrictEqual([])
    },
  )

  if (engine.name !== 'sqlite')
    test('a connection that breaks in the middle is reported, and the next run completes', async () => {
      const bench = await createBench(engine)
      const id = engine.name === 'postgres' ? 'select pg_terminate_backend(pg_backend_pid())' : 'kill connection_id()'
      bench.write(table('aaaa'), {
        revision: 'bbbb',
        up: `  await knex('aaaa').insert({ id: 1 })\n  await knex.raw(${JSON.stringify(id)})\n  await knex('aaaa').insert({ id: 2 })`,
      })
      expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'engine.unreachable', exitCode: 8 })
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      bench.write({ revision: 'bbbb', down: 'aaaa' })
      await bench.upgrade()
      expect(await bench.query('select * from aaaa')).toStrictEqual([])
    })
})

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test : test.skip

testPostgres('PostgreSQL: an error that was swallowed inside the transaction is reported', async () => {
  const bench = await createBench(postgres)
  bench.write(table('aaaa'), {
    revision: 'bbbb',
    up: `  await knex('aaaa').insert({ id: 1 })\n  await knex('nowhere').insert({ id: 1 }).catch(() => undefined)`,
  })
  const error = await errorOf(bench.upgrade())
  expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1 })
  expect(error.message).toContain('an error was swallowed in it')
  expect(error.message).toContain('relation "nowhere" does not exist (42P01)')
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
})

testPostgres('PostgreSQL: a caret stands below the place in the statement', async () => {
  const bench = await createBench(postgres)
  bench.write({ revision: 'aaaa', up: `  await knex.raw('select 1,\\n  nowhere')` })
  const { detail } = await errorOf(bench.upgrade())
  expect(detail).toContain('  select 1,\n    nowhere\n    ^')
})

testPostgres('PostgreSQL: without a transaction an index is built concurrently', async () => {
  const bench = await createBench(postgres)
  bench.write(table('aaaa'), {
    revision: 'bbbb',
    transaction: false,
    up: `  await knex.raw('create index concurrently aaaa_id on aaaa (id)')`,
  })
  await bench.upgrade()
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
})

testPostgres('PostgreSQL: what cannot run in a transaction says so', async () => {
  const bench = await createBench(postgres)
  bench.write(table('aaaa'), {
    revision: 'bbbb',
    up: `  await knex.raw('create index concurrently aaaa_id on aaaa (id)')`,
  })
  const error = await errorOf(bench.upgrade())
  expect(error).toMatchObject({ code: 'migration.needs-no-transaction', exitCode: 1 })
  expect(error.hint).toContain('export const transaction = false')
  expect(error.detail).toContain('create index concurrently')
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
})

const onSqlite = engineNamed('sqlite').skipped === undefined ? test : test.skip

const trigger = `  await knex.raw("create trigger users_ai after insert on users begin insert into log values ('new'); end")`
const withTrigger = `  await knex.schema.createTable('users', (t) => { t.increments('id'); t.string('email') })
  await knex.raw('create table log (what text)')
${trigger}`

onSqlite.each([
  ['dropNullable', `  await knex.schema.alterTable('users', (t) => { t.dropNullable('email') })`],
  ['dropColumn', `  await knex.schema.alterTable('users', (t) => { t.dropColumn('email') })`],
  [
    'a rebuild by hand',
    `  await knex.raw('create table other (id integer primary key)'); await knex.raw('drop table users'); await knex.raw('alter table other rename to users')`,
  ],
])('SQLite: a trigger that goes with a table that is rebuilt is an error: %s', async (_how, up) => {
  const bench = await createBench(engineNamed('sqlite'))
  const triggers = () => bench.query(`select name from sqlite_master where type = 'trigger'`)
  bench.write({ revision: 'aaaa', up: withTrigger }, { revision: 'bbbb', up })
  const error = await errorOf(bench.upgrade())
  expect(error).toMatchObject({ code: 'migration.lost', exitCode: 1 })
  expect(error.message).toContain('the trigger users_ai of users would be lost')
  expect(error.detail).toMatch(/create trigger users_ai/i)
  expect(await triggers()).toStrictEqual([{ name: 'users_ai' }])
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
  bench.write({ revision: 'bbbb', down: 'aaaa', up: `${up}\n${trigger}` })
  await bench.upgrade()
  expect(await triggers()).toStrictEqual([{ name: 'users_ai' }])
})

onSqlite('SQLite: a trigger that is dropped, with its table or without, is none', async () => {
  const bench = await createBench(engineNamed('sqlite'))
  bench.write(
    { revision: 'aaaa', up: withTrigger },
    { revision: 'bbbb', up: `  await knex.raw('drop trigger users_ai')` },
    { revision: 'cccc', up: trigger },
    { revision: 'dddd', up: `  await knex.schema.dropTable('users')` },
  )
  expect((await bench.upgrade()).diagnostics).toStrictEqual([])
})

onSqlite('SQLite: without a transaction the loss is said, with the text of the trigger', async () => {
  const bench = await createBench(engineNamed('sqlite'))
  const up = `  await knex.schema.alterTable('users', (t) => { t.dropNullable('email') })`
  bench.write({ revision: 'aaaa', up: withTrigger }, { revision: 'bbbb', transaction: false, up })
  const { diagnostics } = await bench.upgrade()
  expect(diagnostics).toMatchObject([{ code: 'migration.lost', severity: 'warning', revision: 'bbbb' }])
  expect(diagnostics[0]?.detail).toMatch(/create trigger users_ai/i)
})

forEachEngine(
  (engine) => {
    test('a question mark that Knex would store as a number is refused with its line, and may be escaped', async () => {
      const bench = await createBench(engine)
      const make = (comment: string) =>
        `  await knex.schema.createTable('aaaa', (t) => { t.text('a').comment(${comment}); t.json('b') })`
      const put = (text: string) => `  await knex.raw(${JSON.stringify(`insert into aaaa (a) values ('${text}')`)})`
      bench.write({ revision: 'aaaa', up: make(`'Is it?'`), down: null })
      const first = await bench.run('upgrade')
      expect(first.stderr).toMatch(
        /would write \$1 and so on into a literal or a name\. It was not sent\. \[migration\.failed\]/,
      )
      expect(first.stderr).toMatch(/migrations\/001_aaaa\.mjs:5:\d+\n[^]*→ Write \\\\\? for a question mark/)
      expect(first.code).toBe(1)
      expect(await bench.tables()).toStrictEqual([])
      bench.write({ revision: 'aaaa', up: `${make(String.raw`'Is it\\?'`)}\n${put('why?')}`, down: null })
      expect((await bench.run('upgrade')).stderr).toMatch(/_aaaa\.mjs:6:\d+[^]*values \('why\?'\)/)
      const up = `${make(String.raw`'Is it\\?'`)}\n${put('why\\?')}
  await knex.raw('insert into aaaa (a) values (?)', ['what?'])
  await knex.raw('update aaaa set b = null -- why?')
  await knex('aaaa').where('a', 'like', 'w%?').update({ a: knex.raw("a || ?", ['?']) })`
      bench.write({ revision: 'aaaa', up, down: null })
      await bench.upgrade()
      expect(await bench.query('select a from aaaa order by a')).toStrictEqual([{ a: 'what??' }, { a: 'why??' }])
      const comment = `select col_description('aaaa'::regclass, 1) as it`
      expect(await bench.query(comment)).toStrictEqual([{ it: 'Is it?' }])
    })
  },
  { only: ['postgres'] },
)
