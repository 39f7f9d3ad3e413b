// E: what is in a migration. However it goes wrong, the run ends with words and a code, and nothing of it is left.

import { describe, expect, test } from '@jest/globals'

import { type EngineName, engineNamed, forEachEngine, type TestEngine } from '../support/engines.js'
import { migration } from '../support/migrations.js'
import { createBench, type MigrationText, table } from '../runner/workbench.js'
import { expectRun, expectSaid, type Fault, testFaults } from './support/table.js'

const header = (revision: string) => `export const revision = ${revision}\nexport const downRevision = null\n`
const functions = `export async function up() {}\nexport async function down() {}\n`
const body = (text: string) => ({ 'migrations/a.ts': `${header(`'aaaa'`)}${text}` })
const makes = `await knex.schema.createTable('t', (t) => { t.increments() })`

const faults: readonly Fault[] = [
  ...[`'a/b'`, `'a\\0'`, `'../evil'`].map((text): Fault => ({
    name: `E2 a revision may not be ${text}`,
    files: { 'migrations/a.ts': header(text) + functions },
    code: 4,
    says: /cannot be a revision id|only letters/,
  })),
  {
    name: 'E6 export = in a .cts file',
    files: {
      'migrations/a.cts': `export = {\n  revision: 'aaaa',\n  downRevision: null,\n  async up(knex: any) { ${makes} },\n  async down() {},\n}\n`,
    },
    code: 0,
    says: /Now at head aaaa/,
    applied: ['aaaa'],
  },
  {
    name: 'E8 a mistake that only the type checker sees',
    files: { 'migrations/a.ts': migration('aaaa', null, { up: `const n: number = 'text'; void n; ${makes}` }) },
    code: 0,
    says: /Now at head aaaa/,
    applied: ['aaaa'],
  },
  {
    name: 'E9 an enum, a namespace and parameter properties are loaded like any TypeScript',
    files: body(
      `enum Kind { A = 'a' }\nnamespace Names { export const table = 't' }\nclass Maker { constructor(readonly knex: any) {} make() { return this.knex.schema.createTable(Names.table, (t: any) => t.string(Kind.A)) } }\nexport async function up(knex: any) { await new Maker(knex).make() }\nexport async function down() {}\n`,
    ),
    code: 0,
    says: /Now at head aaaa/,
    applied: ['aaaa'],
  },
  {
    name: 'E12 a top-level await that never settles, with a timer that keeps the process alive',
    files: body(`setInterval(() => undefined, 1000)\nawait new Promise(() => undefined)\n${functions}`),
    code: 4,
    says: /aaaa[^]*not ready after 30 s/,
  },
]

testFaults(faults)

const sqlite = engineNamed('sqlite')
const testSqlite = sqlite.skipped === undefined ? test : test.skip

testSqlite('E14 a promise that never settles, where nothing can be taken back', async () => {
  const bench = await createBench(sqlite)
  bench.write({
    revision: 'aaaa',
    transaction: false,
    up: lines(`await knex.schema.createTable('part', (t) => t.integer('id'))`, 'await new Promise(() => undefined)'),
  })
  await expectRun(bench, 'E14', {
    code: 6,
    says: /waits for a promise that never settles.*one statement that changes something was done before.*mig upgrade --resume/s,
    rows: ['aaaa running'],
    tables: ['part'],
  })
})

testSqlite(
  'E12 a top-level await that never settles, and nothing is open, ends after 30 s',
  async () => {
    const bench = await createBench(sqlite)
    bench.project.write('migrations/a.mjs', `${header(`'aaaa'`)}await new Promise(() => undefined)\n${functions}`)
    await expectRun(bench, 'E12', { code: 4, says: /aaaa[^]*not ready after 30 s/, rows: [] })
  },
  60_000,
)

/** A migration above `aaaa`, and how its run must end. The table of `aaaa` stays, and nothing else. */
interface Body {
  readonly name: string
  readonly up: string
  readonly more?: Partial<MigrationText>
  readonly code: number
  readonly says: RegExp
  /** Where it is not as everywhere. */
  readonly but?: Partial<
    Record<EngineName, { readonly code?: number; readonly says?: RegExp; readonly rows?: readonly string[] }>
  >
  readonly only?: readonly EngineName[]
}

const insert = `await knex('aaaa').insert({ id: 1 })`
const manyValues = `await knex.raw('select 1 where 1 in (' + Array(70_000).fill('?').join() + ')', Array(70_000).fill(1))`
/** Sends a query as soon as `isLater`, and waits for nothing. */
const sendsLater = (then: string) =>
  `const tell = (error) => console.error('late: ' + error.message)
  const send = () => (globalThis.isLater ? void knex('aaaa').insert({ id: 2 })${then} : setTimeout(send, 1))
  send()`
const isLater = 'globalThis.isLater = true; await new Promise((resolve) => setTimeout(resolve, 1000))'
const lines = (...text: readonly string[]) => text.map((line) => `  ${line}`).join('\n')

const bodies: readonly Body[] = [
  {
    name: 'E14 a promise that never settles, and nothing keeps the process alive',
    up: lines(insert, 'await new Promise(() => undefined)'),
    only: ['sqlite'],
    code: 1,
    says: /up of bbbb \(migrations\/002_bbbb\.mjs\) waits for a promise that never settles.*bbbb was rolled back/s,
  },
  {
    name: 'E15 a builder without await never runs',
    up: lines(`knex('aaaa').insert({ id: 1 })`),
    code: 1,
    says: /up of bbbb built what it never ran: insert \(migrations\/002_bbbb\.mjs:5:3\)\.[^]*knex\('aaaa'\)\.insert[^]*put `await` before it/,
  },
  {
    name: 'E15 a builder without await beside others that ran',
    up: lines(insert, `knex.schema.createTable('never', (t) => t.integer('id'))`, `knex('aaaa').del()`),
    code: 1,
    says: /up of bbbb built what it never ran: createTable \(migrations\/002_bbbb\.mjs:6:\d+\); del \(migrations\/002_bbbb\.mjs:7:\d+\)\./,
  },
  {
    name: 'E15 a piece of SQL without await that would have changed something',
    up: lines(insert, `knex.raw('delete from aaaa')`),
    code: 1,
    says: /up of bbbb built what it never ran: delete from aaaa \(migrations\/002_bbbb\.mjs:6:\d+\)\./,
  },
  {
    name: 'E15 a builder without await, after a query of several that came later',
    up: lines(
      `for (const id of [1, 2]) Promise.resolve().then(() => Promise.resolve()).then(() => knex('aaaa').insert({ id }))`,
      insert,
    ),
    code: 1,
    says: /(2 queries were still running when up of bbbb)|(A query of bbbb \(.*\) came after its up had returned)/,
  },
  {
    name: 'E16 a query that is sent and not awaited',
    up: lines(insert, `knex('aaaa').insert({ id: 2 }).then(() => undefined)`),
    code: 1,
    says: /A query was still running when up of bbbb \(.*\) returned[^]*Put `await` before every query/,
  },
  {
    name: 'E18 a rejection that nobody handles',
    up: lines(
      insert,
      `Promise.reject(new Error('nobody listens'))`,
      'await new Promise((resolve) => setTimeout(resolve, 2000))',
    ),
    code: 1,
    says: /thrown in bbbb make bbbb and nobody handled it: nobody listens\. bbbb make bbbb was rolled back/,
  },
  {
    name: 'E19 an exception that a timer throws',
    up: lines(
      insert,
      `setTimeout(() => { throw new Error('out of a timer') }, 10)`,
      'await new Promise((resolve) => setTimeout(resolve, 2000))',
    ),
    code: 1,
    says: /nobody handled it: out of a timer\. bbbb make bbbb was rolled back/,
  },
  {
    name: 'E20 process.exit(0) does not look like success',
    up: lines(insert, 'process.exit(0)'),
    code: 70,
    says: /bbbb make bbbb ended the process.*rolled back by the database; see: mig current/,
  },
  {
    name: 'E21 an object whose toString throws is thrown',
    up: lines(insert, `throw { toString() { throw new Error('again') } }`),
    code: 1,
    says: /The upgrade of bbbb make bbbb failed: .*the database is at aaaa/,
  },
  ...[`trx.commit()`, `trx.rollback()`].map((ending): Body => ({
    name: `E22 ${ending} of the transaction that mig runs it in`,
    up: lines(insert, `await knex.${ending.slice(4)}`, insert),
    code: 1,
    says: /bbbb \(.*\) ends or begins the transaction that mig runs it in[^]*transaction = false/,
  })),
  ...['commit', 'rollback', 'begin', 'COMMIT; BEGIN'].map((sql): Body => ({
    name: `E22 a raw ${sql}`,
    up: lines(insert, `await knex.raw('${sql}')`),
    code: 1,
    says: new RegExp(
      `bbbb \\(.*\\) ends or begins the transaction that mig runs it in\\. bbbb make bbbb was rolled back\\.[^]*\\n  ${sql}\\n[^]*transaction = false`,
    ),
  })),
  {
    name: 'E22 a commit behind a comment is seen by what it does',
    up: lines(insert, `await knex.raw('/* sneaky */ commit')`, `await knex.raw('/* sneaky */ begin')`),
    only: ['postgres'],
    code: 1,
    says: /bbbb[^]*ends or begins the transaction/,
  },
  {
    name: 'E28 the history table is dropped by a migration',
    up: lines(`await knex.schema.dropTable('mig_history')`),
    code: 1,
    says: /mig_history/,
    but: { mysql: { code: 6, rows: [] } },
  },
  {
    name: 'E28 all tables of mig are dropped by a migration',
    up: lines(...['state', 'journal', 'history'].map((name) => `await knex.schema.dropTable('mig_${name}')`)),
    code: 1,
    says: /mig_(state|history|journal)/,
    but: { mysql: { code: 6, says: /cannot be rolled back/, rows: ['aaaa applied', 'bbbb running'] } },
  },
  {
    name: 'E28 the schema of the history is dropped by a migration',
    up: lines(`await knex.raw('drop schema public cascade')`),
    only: ['postgres'],
    code: 1,
    says: /mig_(state|history|journal)/,
  },
  {
    name: 'E32 more variables than SQLite takes',
    up: lines(insert, manyValues),
    only: ['sqlite'],
    code: 1,
    says: /too many SQL variables/,
  },
  {
    name: 'E32 more parameters than PostgreSQL takes',
    up: lines(insert, manyValues),
    only: ['postgres'],
    code: 1,
    says: /bind message has \d+ parameter formats/,
  },
]

forEachEngine((engine) => {
  for (const { name, up, more, only, but, ...expected } of bodies) {
    if (only !== undefined && !only.includes(engine.name)) continue
    test(name, async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), { revision: 'bbbb', up, ...more })
      await bench.upgrade({ target: 'aaaa' })
      const own = but?.[engine.name]
      await expectRun(bench, name, { ...expected, rows: ['aaaa applied'], tables: ['aaaa'], ...own })
      if ((own?.code ?? expected.code) === 1) expect(await bench.query('select * from aaaa')).toStrictEqual([])
    })
  }

  test('E17 a query that is sent after the commit', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), { revision: 'bbbb', up: lines(insert, sendsLater('.catch(tell)')) })
    bench.write({ revision: 'cccc', up: lines(isLater, insert) })
    expectSaid(await bench.run('upgrade'), { name: 'E17', code: 0, says: /late: .*already complete/ })
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 1 }, { id: 1 }])
  })

  test('E17 a query after the commit that nobody catches is reported as one of the migration that sent it', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), { revision: 'bbbb', up: lines(insert, sendsLater('.then(() => undefined)')) })
    bench.write({ revision: 'cccc', up: lines(isLater, insert) })
    expectSaid(await bench.run('upgrade'), {
      name: 'E17',
      code: 1,
      says: /bbbb.* after it had ended.*already complete.* cccc.* was rolled back/,
    })
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })

  test('E17 a query that an earlier migration without a transaction sends is not one of the next', async () => {
    const bench = await createBench(engine)
    const outside = { transaction: false } as const
    bench.write(table('aaaa'), { ...outside, revision: 'bbbb', up: lines(insert, sendsLater('.catch(tell)')) })
    bench.write({ ...outside, revision: 'cccc', up: lines(isLater, insert) })
    expectSaid(await bench.run('upgrade'), {
      name: 'E17',
      code: 0,
      says: /late: .*bbbb.* came after its up had returned/,
    })
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 1 }, { id: 1 }])
    const [row] = await bench.query(`select count(*) as n from mig_journal where revision = 'cccc' and what = 'done'`)
    expect(Number(row?.['n'])).toBe(1)
  })

  if (engine.name !== 'mysql')
    test('E17 nor in one transaction for all', async () => {
      const bench = await createBench(engine)
      bench.write(table('aaaa'), { revision: 'bbbb', up: lines(insert, sendsLater('.catch(tell)')) })
      bench.write({ revision: 'cccc', up: lines(isLater, insert) })
      const result = await bench.run('upgrade', '--transaction', 'all')
      expectSaid(result, { name: 'E17', code: 0, says: /late: .*bbbb.* came after its up had returned/ })
      expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 1 }, { id: 1 }])
    })

  test('E17 a named step is not done while a query of it is to come, and is done again when it is resumed', async () => {
    const bench = await createBench(engine)
    const later = (more: string) =>
      lines(
        `await context.step('one', async () => { await knex('aaaa').insert({ id: 1 }); ${more} })`,
        `await context.step('two', async () => { ${isLater}; await knex('aaaa').insert({ id: 3 }) })`,
      )
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      transaction: false,
      up: later(sendsLater('.then(() => undefined)')),
    })
    expectSaid(await bench.run('upgrade'), {
      name: 'E17',
      code: 6,
      says: /A query of bbbb \(.*\) came after its step “one” had returned, and was not sent/,
    })
    expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 1 }])
    bench.write({
      revision: 'bbbb',
      down: 'aaaa',
      transaction: false,
      up: later(`await knex('aaaa').insert({ id: 2 })`),
    })
    expectSaid(await bench.run('upgrade', '--resume'), { name: 'E17', code: 0, says: /Now at head bbbb/ })
    expect(await bench.query('select id from aaaa order by id')).toStrictEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  })

  test('E17 a named step does not return before its queries', async () => {
    const bench = await createBench(engine)
    const body = (each: string) => lines(`await context.step('one', async () => { ${each} })`)
    const forgets = `[1, 2].forEach(async (id) => { await knex('aaaa').insert({ id }) })`
    bench.write(table('aaaa'), { revision: 'bbbb', transaction: false, up: body(forgets) })
    const { code, stderr } = await bench.run('upgrade')
    expect(stderr).toMatch(/2 queries were still running when step “one” of bbbb/)
    // Whether the first of them was sent by then is a matter of chance; what is said of it is not.
    const { length } = await bench.query('select id from aaaa')
    if (code !== 6) expect({ code, length }).toStrictEqual({ code: 1, length: 0 })
    bench.write({
      revision: 'bbbb',
      down: 'aaaa',
      transaction: false,
      up: body(`for (const id of [1, 2]) await knex('aaaa').insert({ id })`),
    })
    const args = code === 6 ? ['--resume'] : []
    expectSaid(await bench.run('upgrade', ...args), { name: 'E17', code: 0, says: /Now at head bbbb/ })
    expect(await bench.query('select id from aaaa order by id')).toStrictEqual([{ id: 1 }, { id: 2 }])
  })

  test.each([true, false])(
    'E14 a connection that was acquired and is not given back (transaction: %s)',
    async (transaction) => {
      const bench = await createBench(engine)
      const up = lines('await knex.client.acquireConnection()')
      bench.write(table('aaaa'), {
        revision: 'bbbb',
        ...(!transaction && { transaction: false }),
        up: `${lines(insert)}\n${up}`,
      })
      expectSaid(await bench.run('upgrade'), { name: 'E14', code: 0, says: /Now at head bbbb/ })
      expect(await bench.query('select id from aaaa')).toStrictEqual([{ id: 1 }])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    },
  )

  test('E30 five statements of DDL without a transaction', async () => {
    const bench = await createBench(engine)
    const makes = [1, 2, 3, 4, 5].map((n) => `await knex.schema.createTable('t${n}', (t) => t.integer('id'))`)
    bench.write({ revision: 'aaaa', transaction: false, up: lines(...makes) })
    await expectRun(bench, 'E30', {
      code: 0,
      says: /Now at head aaaa/,
      rows: ['aaaa applied'],
      tables: ['t1', 't2', 't3', 't4', 't5'],
    })
  })

  test('E13 a promise that never settles is cancelled after --timeout', async () => {
    const bench = await createBench(engine)
    bench.write(table('aaaa'), {
      revision: 'bbbb',
      up: lines(insert, 'setInterval(() => undefined, 1000)', 'await new Promise(() => undefined)'),
    })
    expectSaid(await bench.run('upgrade', '--timeout', '1'), { name: 'E13', code: 1, says: /bbbb.*(1 s|timeout)/ })
    expect(await bench.rows()).toStrictEqual(['aaaa applied'])
    expect(await bench.query('select * from aaaa')).toStrictEqual([])
  })
})

/** Settings of a session that a migration may change and forget, with what shows them. */
const settings: Partial<Record<EngineName, readonly (readonly [set: string, show: string])[]>> = {
  postgres: [
    [`set search_path to pg_catalog`, 'show search_path'],
    [`set role pg_read_all_data`, 'select current_user'],
    [`set statement_timeout = 1234`, 'show statement_timeout'],
  ],
  mysql: [
    ['set foreign_key_checks = 0', 'select @@foreign_key_checks as v'],
    [`set sql_mode = ''`, 'select @@sql_mode as v'],
    ['set autocommit = 0', 'select @@autocommit as v'],
  ],
  sqlite: [['pragma recursive_triggers = on', 'pragma recursive_triggers']],
}

forEachEngine((engine) => {
  for (const [set, show] of settings[engine.name] ?? [])
    for (const [how, more] of [['without a transaction', { transaction: false }] as const, ...inside(set)])
      test(`E26 “${set}” is restored before the next migration, with a warning: ${how}`, () =>
        forgets(engine, { set, show, more }))
})

/** A role that may not write the history is refused by the server before its migration ends. */
function inside(set: string): readonly (readonly [string, Partial<MigrationText>])[] {
  return set.startsWith('set role') ? [] : [['inside a transaction', {}]]
}

interface Setting {
  readonly set: string
  readonly show: string
  readonly more: Partial<MigrationText>
}

/** The second migration sees what it would see if the first one had set nothing. */
async function forgets(engine: TestEngine, { set, show, more }: Setting): Promise<void> {
  const tell = `context.log('now ' + JSON.stringify(await knex.raw(${JSON.stringify(show)})).replace(/.*?("rows":|)(\\[.*?\\]).*/, '$2'))`
  const values: (string | undefined)[] = []
  for (const before of [`await knex.raw('select 1')`, `await knex.raw(${JSON.stringify(set)})`]) {
    const bench = await createBench(engine)
    bench.write({ revision: 'aaaa', up: lines(before), ...more }, { revision: 'bbbb', up: lines(tell) })
    const { code, stdout, stderr } = await bench.run('upgrade')
    expect({ code, said: stdout + stderr }).toEqual({
      code: 0,
      said: before.includes(set) ? expect.stringMatching(/aaaa[^]*set back/) : expect.not.stringContaining('set back'),
    })
    values.push(/now (.*)/.exec(stdout)?.[1])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  }
  expect(values[0]).toMatch(/./)
  expect(values[1]).toBe(values[0])
}

forEachEngine(
  (engine) => {
    test('E25 a migration that waits for its own transaction over another connection is ended by --timeout', async () => {
      const bench = await createBench(engine)
      const client = engine.name === 'postgres' ? 'pg' : 'mysql2'
      bench.write(table('aaaa'), {
        revision: 'bbbb',
        up: lines(
          insert,
          `const { default: createKnex } = await import('knex')`,
          `const own = createKnex({ client: '${client}', connection: '${bench.database.url}' })`,
          `await own.raw('alter table aaaa add column more integer')`,
        ),
      })
      expectSaid(await bench.run('upgrade', '--timeout', '2'), { name: 'E25', code: 1, says: /bbbb make bbbb .*2 s/ })
      expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      expect(await bench.query('select * from aaaa')).toStrictEqual([])
    })
  },
  { only: ['postgres', 'mysql'] },
)

describe('PostgreSQL and MySQL', () => {
  forEachEngine(
    (engine) => {
      test('E27 USE another database does not lead the history astray, and is reported', async () => {
        const bench = await createBench(engine)
        const other = await engine.createDatabase()
        bench.write({ revision: 'aaaa', up: lines(`await knex.raw('use ${other.name}')`) }, table('bbbb'))
        await expectRun(bench, 'E27', {
          code: 0,
          says: /aaaa.*(changed|other database|restored|set back)/,
          rows: ['aaaa applied', 'bbbb applied'],
          tables: ['bbbb'],
        })
      })
    },
    { only: ['mysql'] },
  )

  forEachEngine(
    (engine) => {
      const statements = [
        'create index concurrently aaaa_id on aaaa (id)',
        'vacuum aaaa',
        'alter system set work_mem = 4096',
        `create database mig_never`,
      ]
      for (const sql of statements) {
        test(`E29 “${sql}” in a transaction is recognised before it is sent`, async () => {
          const bench = await createBench(engine)
          bench.write(table('aaaa'), { revision: 'bbbb', up: lines(insert, `await knex.raw('${sql}')`) })
          await expectRun(bench, sql, {
            code: 1,
            says: new RegExp(`${sql.split(' ', 2).join(' ')}[^]*export const transaction = false`, 'i'),
            rows: ['aaaa applied'],
          })
          expect(await bench.query('select * from aaaa')).toStrictEqual([])
        })
      }
    },
    { only: ['postgres'] },
  )
})
