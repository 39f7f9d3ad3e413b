// Whatever a statement does to the transaction: a migration that stops tells the truth about what is in the database, and when
// it is fixed and goes on, each of its rows is there exactly once.

import { rmSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { type EngineName, forEachEngine, type TestEngine } from '../support/engines.js'
import { type Bench, createBench, errorOf } from '../runner/workbench.js'

/** A migration that fails at its end, and is then fixed. */
interface Case {
  readonly name: string
  readonly engines: readonly EngineName[]
  /** Where its statement is of MariaDB only. */
  readonly server?: 'MariaDB'
  readonly transaction?: false
  /** Done before. There is a table `w (x int)`. */
  readonly setup?: readonly string[]
  /** The body of `up`. */
  readonly up: readonly string[]
  /** How the first run ends. */
  readonly code: 1 | 3 | 6
  readonly says: RegExp
  /** The rows of `w` after the first run. */
  readonly left: readonly number[]
  /** How the fixed migration goes on, and the rows of `w` then; a code when it cannot be resumed by itself. */
  readonly then: readonly number[] | string
}

const raw = (sql: string): string => `  await knex.raw(${JSON.stringify(sql)})`
const insert = (x: number): string => raw(`insert into w values (${x})`)
const letPass = (sql: string): string => `${raw(sql)}.catch(() => undefined)`
const behindSavepoint = (...lines: readonly string[]): readonly string[] => [
  raw('savepoint refused'),
  ...lines,
  raw('rollback to savepoint refused'),
]
/** Past mig: over the driver's own connection. */
const pastMig = (...statements: readonly string[]): string =>
  [
    '  const connection = await knex.client.acquireConnection()',
    '  try {',
    `    for (const sql of ${JSON.stringify(statements)})`,
    '      await (connection.promise?.() ?? connection)[connection.exec ? "exec" : "query"](sql)',
    '  } finally {',
    '    await knex.client.releaseConnection(connection)',
    '  }',
  ].join('\n')

/** Statements that MySQL does not have. */
const ofMariadb = new Set(['reset query cache'])
const serverOf = (sql: string) =>
  ofMariadb.has(sql) || /^(set statement|execute immediate|begin not atomic) /.test(sql)
    ? { server: 'MariaDB' as const }
    : {}

const inside = /on purpose.*Nothing of it is in the database/s
const stopped = /committed the transaction that mig runs it in. One statement that changes something is in the database/
const refused = /ends or begins the transaction that mig runs it in/
const resumable = /on purpose.*cannot be rolled back/s

const cases: readonly Case[] = [
  // --- In the transaction of mig.
  ...['commit', 'rollback', 'commit and chain', 'start transaction', 'begin; insert into w values (7); commit'].map(
    (sql): Case => ({
      name: `the text “${sql}” is refused, and nothing is there`,
      engines: sql.includes(';') || sql.includes('chain') ? ['postgres'] : ['postgres', 'mysql'],
      up: [insert(1), raw(sql), insert(2)],
      ...{ code: 1, says: refused, left: [], then: [] },
    }),
  ),
  {
    name: 'a transaction cannot be prepared for later',
    engines: ['postgres'],
    up: [insert(1), raw(`prepare transaction 'mine'`)],
    ...{ code: 1, says: refused, left: [], then: [] },
  },
  ...['commit', 'rollback'].map((method): Case => ({
    name: `mig’s transaction is not ended by its method ${method}`,
    engines: ['sqlite', 'postgres', 'mysql'],
    up: [
      insert(1),
      `  await knex.${method}().catch(() => undefined)`,
      '  await knex.raw("select 1").catch(() => undefined)',
    ],
    ...{ code: 1, says: /ends or begins the transaction|on purpose/, left: [], then: [] },
  })),
  // When it goes on there is nothing to commit, which SQLite calls an error.
  ...(['sqlite', 'postgres', 'mysql'] as const).flatMap((engine): readonly Case[] => [
    {
      name: 'a commit over the raw connection is noticed with the next statement',
      engines: [engine],
      up: [insert(1), pastMig('commit'), raw('select 1'), insert(2)],
      ...{ code: 6, says: stopped, left: [1], then: engine === 'sqlite' ? 'skip' : [1, 2] },
    },
    {
      name: 'a commit over the raw connection is noticed at the end',
      engines: [engine],
      up: [insert(1), pastMig('commit'), '  return'],
      ...{
        code: 6,
        says: /did not pass mig.*committed the transaction/s,
        left: [1],
        then: engine === 'sqlite' ? 'skip' : [1],
      },
    },
    {
      name: 'a commit over the raw connection is noticed when the migration fails right after it',
      engines: [engine],
      up: [insert(1), pastMig('commit')],
      ...{
        code: 6,
        says: /on purpose.*did not pass mig.*committed the transaction.*one statement/s,
        left: [1],
        then: engine === 'sqlite' ? 'skip' : [1],
      },
    },
    {
      name: 'a commit over the raw connection is noticed when the migration fails in another transaction',
      engines: [engine],
      up: [insert(1), pastMig('commit', 'begin'), insert(2)],
      ...{ code: 6, says: /on purpose.*a part of it may be/s, left: [1], then: 'partial.unknown-statement' },
    },
    {
      name: 'a rollback over the raw connection is noticed when the migration fails right after it',
      engines: [engine],
      up: [insert(1), pastMig('rollback')],
      ...{ code: 1, says: inside, left: [], then: 'skip' },
    },
  ]),
  {
    name: 'DDL over the raw connection is noticed when the migration fails right after it',
    engines: ['mysql'],
    up: [insert(1), pastMig('alter table w add column y int')],
    ...{ code: 6, says: /on purpose.*did not pass mig.*committed the transaction/s, left: [1], then: 'skip' },
  },
  {
    name: 'a rollback over the raw connection is noticed, and nothing is there',
    engines: ['sqlite', 'postgres', 'mysql'],
    up: [insert(1), pastMig('rollback'), insert(2)],
    ...{ code: 1, says: /rolled back the transaction.*Nothing of it is in the database/s, left: [2], then: 'skip' },
  },
  {
    name: 'another transaction that was begun in the same breath is not taken for mig’s',
    engines: ['sqlite', 'postgres', 'mysql'],
    up: [insert(1), pastMig('commit', 'begin'), insert(2), '  return'],
    ...{ code: 6, says: /committed the transaction/, left: [1], then: 'partial.unknown-statement' },
  },
  {
    name: 'a nested transaction that is rolled back is no part of what was done',
    engines: ['sqlite', 'postgres', 'mysql'],
    up: [
      insert(1),
      `  await knex.transaction(async (trx) => { await trx.raw('insert into w values (8)'); throw new Error('not this') }).catch(() => undefined)`,
      insert(2),
    ],
    ...{ code: 1, says: inside, left: [], then: [1, 2] },
  },
  {
    name: 'a conflict that rolls back everything leaves nothing',
    engines: ['sqlite'],
    setup: ['create unique index w_x on w (x)'],
    up: [insert(1), `  await knex.raw('insert or rollback into w values (1)').catch(() => undefined)`, insert(2)],
    ...{ code: 1, says: /UNIQUE constraint failed.*Nothing of it is in the database/s, left: [], then: 'skip' },
  },
  // --- Implicit commits of MySQL and MariaDB.
  ...[
    'create table other (x int)',
    'analyze table w',
    'flush tables',
    'set @@session.autocommit = 1, @mine = 2; -- nothing',
    'set statement lock_wait_timeout = 2 for alter table w add column y int default 0',
    `/*M! set default role none for 'mig'@'%' */ /*!50720 set default role none to 'mig'@'%' */`,
    'create user if not exists passer',
    'reset query cache',
    'create or replace view seen as select 1 as one',
    'call through()',
    `execute immediate 'create table other (x int)'`,
    'begin not atomic create table other (x int); end',
  ].map((sql): Case => ({
    name: `what is before and after “${sql}” is known`,
    engines: ['mysql'],
    ...serverOf(sql),
    setup: [
      'drop procedure if exists through',
      'create procedure through() begin insert into w values (50); commit; end',
    ],
    up: [`  await knex('w').insert({ x: 1 })`, raw(sql), `  await knex('w').insert({ x: 2 })`],
    ...{
      code: sql.startsWith('set @@session') ? 1 : 6,
      says: /on purpose/,
      left: sql.startsWith('set @@session') ? [] : sql.startsWith('call') ? [1, 2, 50] : [1, 2],
      then: sql.startsWith('call') ? [1, 2, 50] : [1, 2],
    },
  })),
  {
    name: 'tables that are locked are journalled all the same',
    engines: ['mysql'],
    up: [
      `  await knex('w').insert({ x: 1 })`,
      raw('lock tables w write'),
      `  await knex('w').insert({ x: 2 })`,
      raw('unlock tables'),
    ],
    ...{ code: 6, says: resumable, left: [1, 2], then: [1, 2] },
  },
  {
    name: 'tables that are still locked at the end are freed',
    engines: ['mysql'],
    up: [raw('lock tables w write'), insert(1), insert(2)],
    ...{ code: 6, says: resumable, left: [1, 2], then: [1, 2] },
  },
  {
    name: 'a table without transactions keeps its rows, and that is said',
    engines: ['mysql'],
    setup: ['alter table w engine = MyISAM'],
    up: [insert(1)],
    ...{
      code: 6,
      says: /did not take back all of it: tables without transactions/,
      left: [1],
      then: 'partial.unknown-statement',
    },
  },
  {
    name: 'a transaction that the migration begins after DDL is rolled back when it says so',
    engines: ['mysql'],
    up: [raw('create table other (x int)'), raw('start transaction'), insert(1), raw('rollback'), insert(2)],
    ...{ code: 6, says: resumable, left: [2], then: [2] },
  },
  {
    name: 'a nested transaction after DDL is rolled back when it fails',
    engines: ['mysql'],
    up: [
      raw('create table other (x int)'),
      `  await knex.transaction(async (trx) => { await trx('w').insert({ x: 1 }); throw new Error('not this') }).catch(() => undefined)`,
      insert(2),
    ],
    ...{ code: 6, says: resumable, left: [2], then: [2] },
  },
  {
    name: 'a refusal that the migration lets pass is known when DDL makes what is around it durable',
    engines: ['mysql'],
    setup: ['create table only_one (x int primary key)', 'insert into only_one values (1)'],
    up: [
      insert(1),
      letPass('insert into only_one values (1)'),
      letPass('alter table nowhere add y int'),
      letPass('insrt into w values (9)'),
      raw('create table other (x int)'),
      insert(2),
    ],
    ...{ code: 6, says: resumable, left: [1, 2], then: [1, 2] },
  },
  {
    name: 'DDL that is refused before it commits leaves the transaction as it was',
    engines: ['mysql'],
    up: [insert(1), `  await knex.raw('alter tabel w add y int').catch(() => undefined)`, insert(2)],
    ...{ code: 1, says: inside, left: [], then: 'skip' },
  },
  ...[[], [insert(2)]].map((rest): Case => ({
    name: `what mig refuses is not let pass${rest.length === 0 ? '' : ', whatever comes after it'}`,
    engines: ['postgres'],
    up: [insert(1), letPass('vacuum'), ...rest, '  return'],
    ...{ code: 1, says: /cannot run inside a transaction. It was not sent/, left: [], then: 'skip' },
  })),
  // --- Without a transaction of mig.
  ...[
    'begin; insert into w values (1); commit',
    'insert into w values (1); commit',
    'do $$ begin insert into w values (1); commit; end $$',
    'explain analyze insert into w values (1)',
    'with added as (insert into w values (1) returning x) select * from added',
    'select seen(1)',
    'call put(1)',
  ].map((sql): Case => ({
    name: `“${sql}” is run once`,
    engines: ['postgres'],
    transaction: false,
    setup: [
      'create or replace function seen(y int) returns int language sql as $$ insert into w values (y) returning x $$',
      'create or replace procedure put(y int) language plpgsql as $$ begin insert into w values (y); commit; end $$',
    ],
    up: [raw(sql), insert(2)],
    ...{ code: 6, says: resumable, left: [1, 2], then: [1, 2] },
  })),
  ...['begin not atomic insert into w values (1); end', 'call put(1)'].map((sql): Case => ({
    name: `“${sql}” is run once`,
    engines: ['mysql'],
    ...serverOf(sql),
    transaction: false,
    setup: ['drop procedure if exists put', 'create procedure put(y int) begin insert into w values (y); commit; end'],
    up: [raw(sql), insert(2)],
    ...{ code: 6, says: resumable, left: [1, 2], then: [1, 2] },
  })),
  ...['select 1 as x into t2', 'create table t2 as select 1 as x'].map((sql): Case => ({
    name: `“${sql}” alone is something`,
    engines: ['postgres'],
    transaction: false,
    up: [raw(sql)],
    ...{ code: 6, says: resumable, left: [], then: [] },
  })),
  ...['reindex schema public', 'cluster', 'vacuum w', 'create index concurrently w_i on w (x)'].map((sql): Case => ({
    name: `“${sql}” is possible`,
    engines: ['postgres'],
    transaction: false,
    up: [insert(1), raw(sql), insert(2)],
    ...{ code: 6, says: resumable, left: [1, 2], then: [1, 2] },
  })),
  {
    name: 'a transaction of the migration’s own that it rolls back is done again when it is resumed',
    engines: ['sqlite', 'postgres', 'mysql'],
    transaction: false,
    up: [
      raw('begin'),
      insert(1),
      raw('savepoint s'),
      insert(2),
      raw('rollback to savepoint s'),
      raw('release savepoint s'),
      raw('rollback'),
      insert(4),
    ],
    ...{ code: 6, says: resumable, left: [4], then: [4] },
  },
  {
    name: 'a transaction of the migration’s own keeps what it did not roll back to its savepoint',
    engines: ['sqlite', 'postgres', 'mysql'],
    transaction: false,
    up: [
      raw('begin'),
      insert(1),
      raw('savepoint s'),
      insert(2),
      raw('rollback to savepoint s'),
      raw('commit'),
      insert(4),
    ],
    ...{ code: 6, says: resumable, left: [1, 4], then: [1, 4] },
  },
  {
    name: 'a transaction of Knex that fails is rolled back, and done again when it is resumed',
    engines: ['sqlite', 'postgres', 'mysql'],
    transaction: false,
    up: [
      `  await knex.transaction(async (trx) => { await trx('w').insert({ x: 1 }); throw new Error('not this') }).catch(() => undefined)`,
      insert(2),
    ],
    ...{ code: 6, says: resumable, left: [2], then: [2] },
  },
  {
    name: 'a refusal that the migration lets pass in a transaction of its own is known when it is resumed',
    engines: ['sqlite', 'postgres', 'mysql'],
    transaction: false,
    setup: ['create table only_one (x int primary key)', 'insert into only_one values (1)'],
    up: [
      raw('begin'),
      insert(1),
      ...behindSavepoint(letPass('insert into only_one values (1)')),
      ...behindSavepoint(letPass('insrt into w values (9)')),
      ...behindSavepoint(letPass('insert into nowhere values (9)'), letPass('insert into w values (9)')),
      insert(2),
      raw('commit'),
      insert(3),
    ],
    ...{ code: 6, says: resumable },
    ...{ left: [1, 2, 3], then: [1, 2, 3] },
  },
  {
    name: 'what is refused beside a transaction of its own is no matter to that',
    engines: ['postgres', 'mysql'],
    transaction: false,
    up: [
      `  await knex.transaction(async (trx) => {`,
      `  await trx('w').insert({ x: 1 })`,
      letPass('insert into nowhere values (1)'),
      letPass('alter table nowhere add y int'),
      raw('create table other (x int)'),
      `  await trx('w').insert({ x: 2 })`,
      `  })`,
      insert(3),
    ],
    ...{ code: 6, says: resumable },
    ...{ left: [1, 2, 3], then: [1, 2, 3] },
  },
  {
    name: 'a transaction that had failed is rolled back by its commit',
    engines: ['postgres'],
    transaction: false,
    up: [raw('begin'), insert(1), letPass('insrt into w values (9)'), raw('commit'), insert(2)],
    ...{ code: 6, says: resumable, left: [2], then: [2] },
  },
  ...(['rollback and chain', 'rollback to savepoint s'] as const).map((sql): Case => ({
    name: `what “${sql}” rolled back twice is done again when it is resumed`,
    engines: ['postgres', 'mysql'],
    transaction: false,
    up: [
      raw('begin'),
      raw('savepoint s'),
      insert(1),
      raw(sql),
      ...(sql.endsWith('chain') ? [raw('savepoint s')] : []),
      insert(2),
      raw(sql),
      insert(3),
      raw('commit'),
      insert(4),
    ],
    ...{ code: 6, says: resumable, left: [3, 4], then: [3, 4] },
  })),
  {
    name: 'a table without transactions keeps what the migration rolls back: that is asked for',
    engines: ['mysql'],
    transaction: false,
    setup: ['create table kept (x int) engine = MyISAM'],
    up: [raw('begin'), raw('insert into kept values (1)'), raw('rollback'), insert(2)],
    ...{ code: 6, says: resumable, left: [2], then: 'partial.unknown-statement' },
  },
  {
    name: 'autocommit that is switched off: what is rolled back twice is done again',
    engines: ['mysql'],
    transaction: false,
    up: [
      raw('set autocommit = 0'),
      letPass('insrt into w values (9)'),
      raw('rollback'),
      insert(1),
      raw('rollback'),
      insert(2),
      raw('rollback'),
      insert(3),
      raw('commit'),
    ],
    ...{ code: 6, says: resumable, left: [3], then: [3] },
  },
  {
    name: 'autocommit that is switched off: a refusal ends no transaction that is to come',
    engines: ['mysql'],
    transaction: false,
    up: [
      raw('set autocommit = 0'),
      raw('savepoint s'),
      letPass('insert into nowhere values (9)'),
      raw('release savepoint s'),
      insert(1),
      raw('commit'),
      insert(2),
      raw('commit'),
    ],
    ...{ code: 6, says: resumable, left: [1, 2], then: [1, 2] },
  },
  {
    name: 'autocommit that is switched off makes transactions of the migration’s own',
    engines: ['mysql'],
    transaction: false,
    up: [raw('set autocommit = 0'), insert(1), raw('commit'), insert(2), raw('rollback'), insert(3), raw('commit')],
    ...{ code: 6, says: resumable, left: [1, 3], then: [1, 3] },
  },
  {
    name: 'a transaction that is left open is rolled back, and that is an error',
    engines: ['sqlite', 'postgres', 'mysql'],
    transaction: false,
    up: [insert(1), raw('begin'), insert(2), '  return'],
    ...{ code: 6, says: /returned while a transaction was open/, left: [1], then: 'skip' },
  },
  ...['select pg_advisory_unlock_all()', 'discard all', 'do $$ begin perform pg_advisory_unlock_all(); end $$'].map(
    (sql): Case => ({
      name: `“${sql}” frees the lock of mig: the next statement is not sent`,
      engines: ['postgres'],
      transaction: false,
      up: [insert(1), raw(sql), insert(2)],
      ...{ code: 6, says: /lock of .* is not held any more/, left: [1], then: 'skip' },
    }),
  ),
  {
    name: 'a freed lock of mig is noticed: the next statement is not sent',
    engines: ['mysql'],
    transaction: false,
    up: [insert(1), raw('do release_all_locks()'), insert(2)],
    ...{ code: 6, says: /lock of .* is not held any more/, left: [1], then: 'skip' },
  },
]

forEachEngine((engine) => {
  const own = cases.filter(({ engines }) => engines.includes(engine.name))
  test.each(own.map((each) => [each.name, each] as const))('%s', (_name, each) => meet(engine, each))
})

/** On MySQL, what only MariaDB has is a mistake of syntax. */
const refusedByMysql = { code: 1, says: /error in your SQL syntax/, left: [], then: 'skip' } as const

async function meet(engine: TestEngine, each: Case): Promise<void> {
  const bench = await createBench(engine)
  const isKnown = each.server === undefined || (await serverVersion(bench)).includes(each.server)
  const { setup = [], up, code, says, left, then, transaction } = { ...each, ...(!isKnown && refusedByMysql) }
  for (const sql of ['create table w (x int)', ...setup]) await bench.query(sql)
  const migration = { revision: 'aaaa', ...(transaction === false && { transaction }) }
  const failing = up.at(-1) === '  return' ? up : [...up, `  throw new Error('on purpose')`]
  bench.write({ ...migration, up: failing.join('\n') })
  const error = await errorOf(bench.upgrade())
  expect({ code: error.exitCode, message: error.message, rows: await rowsOf(bench) }).toEqual({
    code,
    message: expect.stringMatching(says),
    rows: left,
  })
  expect(await bench.rows()).toStrictEqual(code === 6 ? ['aaaa running'] : [])
  if (then === 'skip') return
  bench.write({ ...migration, up: up.filter((line) => line !== '  return').join('\n'), down: null })
  const again = bench.upgrade(code === 6 ? { resume: true } : {})
  if (typeof then === 'string') {
    expect((await errorOf(again)).code).toBe(then)
    return
  }
  if (code === 1 && then.length === 0) return void (await again.catch(() => undefined))
  await again
  expect(await rowsOf(bench)).toStrictEqual(then)
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
}

async function serverVersion(bench: Bench): Promise<string> {
  const [row] = await bench.query('select version() as version')
  return String(row?.['version'])
}

async function rowsOf(bench: Bench): Promise<readonly number[]> {
  return (await bench.query('select x from w order by x')).map(({ x }) => Number(x))
}

forEachEngine((engine) => {
  test('more statements than a batch of entries: none is forgotten, and none is run twice', async () => {
    const bench = await createBench(engine)
    await bench.query('create table w (x int)')
    const many = `  for (let x = 1; x <= 1200; x++) await knex('w').insert({ x })`
    bench.write({ revision: 'aaaa', up: [many, raw('create table other (x int)'), '  throw new Error()'].join('\n') })
    const { exitCode } = await errorOf(bench.upgrade())
    const isLeft = engine.name === 'mysql'
    expect({ exitCode, left: (await rowsOf(bench)).length }).toStrictEqual(
      isLeft ? { exitCode: 6, left: 1200 } : { exitCode: 1, left: 0 },
    )
    bench.write({ revision: 'aaaa', up: [many, raw('create table other (x int)')].join('\n'), down: null })
    await bench.upgrade({ resume: isLeft })
    expect(await rowsOf(bench)).toStrictEqual(Array.from({ length: 1200 }, (_, at) => at + 1))
    const [row] = await bench.query(`select count(*) as n from mig_journal where what = 'done'`)
    expect(Number(row?.n)).toBe(1201)
  })

  test('values that differ each time are no edit of a migration that is the same', async () => {
    const bench = await createBench(engine)
    await bench.query('create table w (x int)')
    bench.project.write('fail', '')
    const up = [
      `  const { existsSync } = await import('node:fs')`,
      `  await knex('w').insert({ x: Math.floor(Math.random() * 1e9) + 1 })`,
      `  if (existsSync(${JSON.stringify(bench.project.path('fail'))})) throw new Error('on purpose')`,
      `  await knex('w').insert({ x: 0 })`,
    ]
    bench.write({ revision: 'aaaa', transaction: false, up: up.join('\n') })
    await errorOf(bench.upgrade())
    rmSync(bench.project.path('fail'))
    await bench.upgrade({ resume: true })
    expect((await rowsOf(bench)).map((x) => x > 0)).toStrictEqual([false, true])
  })

  test('other values in an edited migration are an edit', async () => {
    const bench = await createBench(engine)
    await bench.query('create table w (x int)')
    const up = (x: number) => `  await knex('w').insert({ x: ${x} })`
    bench.write({ revision: 'aaaa', transaction: false, up: `${up(1)}\n  throw new Error('on purpose')` })
    await errorOf(bench.upgrade())
    bench.write({ revision: 'aaaa', transaction: false, up: up(2), down: null })
    const error = await errorOf(bench.upgrade({ resume: true }))
    expect(error).toMatchObject({
      code: 'partial.cannot-resume',
      message: expect.stringContaining('values bound to it'),
    })
    expect(error.detail).not.toMatch(/\([12]\)/)
    expect(await rowsOf(bench)).toStrictEqual([1])
  })
})

forEachEngine(
  (engine) => {
    test('one transaction for all that a migration commits past mig: those before it are done, and said to be', async () => {
      const bench = await createBench(engine)
      await bench.query('create table w (x int)')
      bench.write({ revision: 'aaaa', up: insert(1) })
      bench.write({ revision: 'bbbb', up: [insert(2), pastMig('commit'), raw('select 1')].join('\n') })
      const result = await bench.run('upgrade', '--transaction', 'all')
      expect(result).toMatchObject({ code: 6, stderr: expect.stringMatching(stopped) })
      expect(result.stdout).toMatch(/^(✓|ok) aaaa[^]*^(✗|x) bbbb/m)
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb running'])
      expect(await rowsOf(bench)).toStrictEqual([1, 2])
    })
  },
  { only: ['sqlite', 'postgres'] },
)

forEachEngine(
  (engine) => {
    test('of a text of several statements a part may be there: it is made whole, or taken away, before it is answered', async () => {
      const bench = await createBench(engine)
      await bench.query('create table w (x int)')
      const up = (x: string) => raw(`insert into w values (1); commit; insert into w values (${x})`)
      bench.write({ revision: 'aaaa', transaction: false, up: up('1 / 0') })
      expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'partial.unfinished', exitCode: 6 })
      bench.write({ revision: 'aaaa', transaction: false, up: up('2'), down: null })
      expect(await errorOf(bench.upgrade({ resume: true }))).toMatchObject({
        code: 'partial.unknown-statement',
        hint: expect.stringMatching(
          /^Of several statements in one text a part may be there: complete it by hand, or take it away\. Then answer with done or not-done: mig upgrade --resume --interrupted done$/,
        ),
      })
      await bench.query('delete from w')
      await bench.upgrade({ resume: true, interrupted: ['not-done'] })
      expect(await rowsOf(bench)).toStrictEqual([1, 2])
    })
  },
  { only: ['postgres'] },
)

forEachEngine(
  (engine) => {
    test('of several statements that are in doubt each is asked for by itself', async () => {
      const bench = await createBench(engine)
      await bench.query('create table w (x int) engine = InnoDB')
      await bench.query('create table kept (x int) engine = MyISAM')
      const up = [insert(1), raw('insert into kept values (1)')]
      bench.write({ revision: 'aaaa', up: [...up, `  throw new Error('on purpose')`].join('\n') })
      expect(await errorOf(bench.upgrade())).toMatchObject({ exitCode: 6 })
      bench.write({ revision: 'aaaa', up: up.join('\n'), down: null })
      const asked = {
        code: 'partial.unknown-statement',
        message: expect.stringContaining('Whether 2 statements of aaaa'),
        hint: expect.stringMatching(/mig upgrade --resume --interrupted done --interrupted done$/),
        detail: expect.stringMatching(/^1: insert into w .*\n2: insert into kept/),
      }
      expect(await errorOf(bench.upgrade({ resume: true }))).toMatchObject(asked)
      const one = await errorOf(bench.upgrade({ resume: true, interrupted: ['done'] }))
      expect(one).toMatchObject({ ...asked, message: expect.stringContaining('Of 2 answers 1 was given.') })
      expect(await rowsOf(bench)).toStrictEqual([])
      await bench.upgrade({ resume: true, interrupted: ['not-done', 'done'] })
      expect(await rowsOf(bench)).toStrictEqual([1])
      expect(await bench.query('select x from kept')).toStrictEqual([{ x: 1 }])
    })

    test('a statement that was refused and rolled back whole is in no doubt', async () => {
      const bench = await createBench(engine)
      await bench.query('create table w (x int) engine = InnoDB')
      const up = (x: string) => [insert(1), raw(`insert into w values (${x})`), insert(3)].join('\n')
      bench.write({ revision: 'aaaa', transaction: false, up: up('1, 2') })
      expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'partial.unfinished' })
      bench.write({ revision: 'aaaa', transaction: false, up: up('2'), down: null })
      await bench.upgrade({ resume: true })
      expect(await rowsOf(bench)).toStrictEqual([1, 2, 3])
    })

    test.each(['session', 'lease'] as const)(
      'a deadlock that the migration swallows rolls all of it back (%s)',
      async (lock) => {
        const bench = await createBench(engine)
        await bench.query('create table w (x int)')
        await bench.query('create table pair (id int primary key, n int) engine = InnoDB')
        await bench.query('create table heavy (x int) engine = InnoDB')
        await bench.query('insert into pair values (1, 0), (2, 0)')
        const other = await bench.database.connect()
        await other.query('begin')
        for (let x = 0; x < 30; x++) await other.query('insert into heavy values (1), (2), (3)')
        await other.query('update pair set n = 5 where id = 2')
        bench.write({
          revision: 'aaaa',
          up: [
            insert(1),
            `  await knex('pair').where({ id: 1 }).update({ n: 10 })`,
            `  context.log('has the first')`,
            `  for (let tries = 0; tries < 3; tries++)`,
            `    try { await knex('pair').where({ id: 2 }).update({ n: 10 }); break } catch (error) { context.log(error.message) }`,
            insert(2),
          ].join('\n'),
        })
        const running = bench.start('upgrade', '--lock', lock)
        await running.waitForOutput(/has the first/)
        await new Promise((resolve) => setTimeout(resolve, 300)) // it waits for the second
        await other.query('update pair set n = 6 where id = 1')
        await other.query('commit')
        expect(await running.exit).toMatchObject({ code: 0, stdout: expect.stringContaining('trying again') })
        await other.close()
        expect(await rowsOf(bench)).toStrictEqual([1, 2])
        expect(await bench.query('select id, n from pair order by id')).toStrictEqual([
          { id: 1, n: 10 },
          { id: 2, n: 10 },
        ])
        expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      },
    )
  },
  { only: ['mysql'] },
)
