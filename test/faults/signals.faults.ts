// Wherever a run can wait, the first signal ends it within eight seconds, in order: what can be rolled back is, what cannot is
// said, and the next run completes.

import { rmSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { type Bench, createBench, type MigrationText, table } from '../runner/workbench.js'
import { type EngineName, forEachEngine, type TestEngine } from '../support/engines.js'
import type { ProgramResult } from '../support/project.js'

/** A place at which a run waits: in the migration bbbb, or before it. */
interface Point {
  readonly name: string
  readonly engines?: readonly EngineName[]
  readonly args?: readonly string[]
  /** Of bbbb, after its row is written. */
  readonly up?: (bench: Bench, engine: TestEngine) => string
  readonly more?: Partial<MigrationText>
  /** The whole file of bbbb instead. */
  readonly file?: string
  /** What others hold; answers how it is given back. */
  readonly before?: (bench: Bench) => Promise<() => Promise<unknown>>
  /** What the run has printed by then, and how long after that it surely waits. */
  readonly waits: RegExp
  /** With which it may end as well. */
  readonly orCode?: number
  readonly afterMs?: number
}

const atWork = `  context.log('at work')\n`
const forGood = `  setInterval(() => undefined, 1000)\n  await new Promise(() => undefined)\n`
const nothingComes = `${atWork}${forGood}`
const withoutTransaction = { transaction: false } as const

/** In a transaction of another session. */
const held =
  (...statements: readonly string[]) =>
  async ({ database }: Bench) => {
    const other = await database.connect()
    for (const sql of statements) await other.query(sql)
    return async () => {
      await other.query('rollback')
      await other.close()
    }
  }

/** Another run of bbbb, which waits itself. */
const anotherRun =
  (...args: readonly string[]) =>
  async (bench: Bench) => {
    const holder = bench.start('upgrade', ...args)
    await holder.waitForOutput(/at work/)
    return async () => {
      holder.kill('SIGTERM')
      return holder.exit
    }
  }

const driver = { sqlite: 'better-sqlite3', postgres: 'pg', mysql: 'mysql2' } as const
const ownPool = ({ database }: Bench, { name }: TestEngine) => `  const { default: createKnex } = await import('knex')
  const connection = ${JSON.stringify(name === 'sqlite' ? ':memory:' : database.url)}
  const own = createKnex({ client: '${driver[name]}', connection, useNullAsDefault: true, pool: { min: 0, max: 1 }, acquireConnectionTimeout: 1e8 })
  await own.transaction()
${atWork}  await own.raw('select 1')\n`

const sleep = (_: Bench, { name }: TestEngine) =>
  `${atWork}  await knex.raw('select ${name === 'postgres' ? 'pg_sleep' : 'sleep'}(300)')\n`

const unreadStream = () => `  const stream = knex('aaaa').stream()
${atWork}  setInterval(() => undefined, 1000)\n  await new Promise((resolve) => stream.once('end', resolve))\n`

const sleepsAtCommit = `  await knex.raw(\`create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(300); return null; end $$\`)
  await knex.raw('create constraint trigger slow after insert on aaaa deferrable initially deferred for each row execute function slow()')
  await knex('aaaa').insert({ id: 9 })
${atWork}`

const servers = ['postgres', 'mysql'] as const

const points: readonly Point[] = [
  { name: 'a lock of another run', up: () => nothingComes, before: anotherRun(), waits: /Waiting for another run/ },
  {
    name: 'a lease of another run',
    up: () => nothingComes,
    before: anotherRun('--lock', 'lease'),
    args: ['--lock', 'lease'],
    waits: /Waiting for another run/,
  },
  {
    name: 'the end of the run that it follows',
    up: () => nothingComes,
    before: anotherRun(),
    args: ['--on-lock', 'follow'],
    waits: /./,
    afterMs: 2000,
  },
  {
    name: 'the row of mig_state',
    engines: servers,
    before: held('begin', 'update mig_state set seq = seq'),
    waits: /Applying 1 revision/,
    afterMs: 1500,
  },
  {
    name: 'the row of mig_state, to take a lease',
    engines: servers,
    before: held('begin', 'update mig_state set seq = seq'),
    args: ['--lock', 'lease'],
    waits: /development/,
    afterMs: 2000,
  },
  {
    name: 'the one writer of SQLite',
    engines: ['sqlite'],
    before: held('begin immediate'),
    waits: /development/,
    afterMs: 1500,
    orCode: 3, // while SQLite waits, nothing else is done in the process
  },
  {
    name: 'a row that another session has written',
    engines: servers,
    before: held('begin', 'update aaaa set id = 2'),
    up: () => `${atWork}  await knex('aaaa').update({ id: 3 })\n`,
    waits: /at work|waiting for/,
  },
  {
    name: 'the pause before another try',
    engines: servers,
    before: held('begin', 'update aaaa set id = 2'),
    up: () => `  await knex('aaaa').update({ id: 3 })\n`,
    waits: /again|retry/i,
    afterMs: 0,
  },
  { name: 'a statement', engines: servers, up: sleep, waits: /at work/ },
  {
    name: 'a statement without a transaction',
    engines: servers,
    up: sleep,
    more: withoutTransaction,
    waits: /at work/,
  },
  { name: 'a stream that nobody reads', up: unreadStream, waits: /at work/ },
  { name: 'a stream without a transaction', up: unreadStream, more: withoutTransaction, waits: /at work/ },
  { name: 'a pool of the migration’s own', up: ownPool, waits: /at work/ },
  { name: 'a promise that never settles', up: () => nothingComes, waits: /at work/ },
  { name: 'a promise without a transaction', up: () => nothingComes, more: withoutTransaction, waits: /at work/ },
  {
    name: 'a module that never loads',
    file: `/** make bbbb */
export const revision = 'bbbb'
export const downRevision = 'aaaa'
export const up = () => undefined
export const down = () => undefined
console.log('loading')
${forGood}`,
    waits: /loading/,
  },
  { name: 'its commit', engines: ['postgres'], up: () => sleepsAtCommit, waits: /at work/ },
]

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const longestEndMs = 8000

interface Ended extends ProgramResult {
  readonly afterMs: number
}

async function stop(
  bench: Bench,
  { args = [], waits, afterMs = 500 }: Point,
  signal: 'SIGINT' | 'SIGTERM',
): Promise<Ended> {
  const runner = bench.start('upgrade', ...args)
  await runner.waitForOutput(waits)
  await pause(afterMs)
  expect(runner.child.exitCode).toBeNull()
  const started = performance.now()
  runner.kill(signal)
  const tooLate = setTimeout(() => runner.kill('SIGKILL'), 3 * longestEndMs)
  const result = await runner.exit
  clearTimeout(tooLate)
  return { ...result, afterMs: performance.now() - started }
}

const filePath = 'migrations/never.mjs'

const signals = { SIGINT: 130, SIGTERM: 143 } as const
const names = ['SIGINT', 'SIGTERM'] as const

forEachEngine((engine) => {
  const here = points.filter(({ engines }) => engines === undefined || engines.includes(engine.name))
  // Both at each point, on one engine or another.
  const turn = engine.name === 'postgres' ? 1 : 0
  const cases = here.map((point, index) => ({ ...point, signal: names[(index + turn) % 2] ?? 'SIGINT' }))
  test.concurrent.each(cases)('$signal while it waits for $name', async (point) => {
    const bench = await createBench(engine)
    bench.write(
      table('aaaa', {
        up: `  await knex.schema.createTable('aaaa', (t) => t.integer('id'))\n  await knex('aaaa').insert({ id: 1 })`,
      }),
    )
    expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
    if (point.file === undefined)
      bench.write({
        ...point.more,
        revision: 'bbbb',
        up: `  await knex('aaaa').insert({ id: 7 })\n${point.up?.(bench, engine) ?? ''}`,
      })
    else bench.project.write(filePath, point.file)
    const giveBack = await point.before?.(bench)
    const { code, stderr, afterMs } = await stop(bench, point, point.signal)
    await giveBack?.()
    const isPart = point.more?.transaction === false
    if (code !== point.orCode)
      expect({ code, stderr }).toMatchObject({
        code: isPart ? 6 : signals[point.signal],
        stderr: expect.stringMatching(isPart ? /was stopped in the middle/ : new RegExp(`Stopped by ${point.signal}`)),
      })
    expect(afterMs).toBeLessThan(longestEndMs)
    expect(await bench.rows()).toStrictEqual(['aaaa applied', ...(isPart ? ['bbbb running'] : [])])
    rmSync(bench.project.path(filePath), { force: true })
    bench.write({ ...point.more, revision: 'bbbb', down: 'aaaa', up: `  await knex('aaaa').insert({ id: 7 })` })
    expect(await bench.run('upgrade', ...(isPart ? ['--resume'] : []))).toMatchObject({ code: 0 })
    expect(await bench.query('select id from aaaa order by id')).toStrictEqual([{ id: 1 }, { id: 7 }])
    expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  })
})
