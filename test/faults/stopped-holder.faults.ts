// The holder of a lease is stopped (SIGSTOP: a paused container, a laptop that sleeps) for longer than its lease: another
// run takes over, and the first, awake again, writes nothing.

import { existsSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { type Bench, createBench, eventually, type MigrationText } from '../runner/workbench.js'
import { engineNamed } from '../support/engines.js'
import { runToTheEnd } from './support/to-the-end.js'

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test.concurrent : test.concurrent.skip

const lease = ['upgrade', '--lock', 'lease', '--lock-timeout', '120']

/** Whoever comes first waits in JavaScript until it is told to go on. */
const firstWaits = `  const { existsSync, writeFileSync } = await import('node:fs')
  const isFirst = !existsSync('began')
  writeFileSync('began', '')
  while (isFirst && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))`
const witness = `  await knex('witness').insert({ revision: 'aaaa' })`

async function benchWith(migration: Partial<MigrationText>): Promise<Bench> {
  const bench = await createBench(postgres)
  await bench.query('create table witness (revision varchar(10))')
  bench.write({ revision: 'aaaa', ...migration })
  bench.write({ revision: 'bbbb', up: `  await knex('witness').insert({ revision: 'bbbb' })` })
  return bench
}

async function holderIsStopped(bench: Bench): Promise<void> {
  const options = { env: { MIG_DATABASE_URL: bench.database.url }, timeoutMs: 230_000 }
  const holder = bench.project.start(lease, options)
  const began = () => Promise.resolve(existsSync(bench.project.path('began')) || holder.child.exitCode !== null)
  await eventually(began, 'the holder is at work')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(holder.output()).not.toContain('✗')
  holder.kill('SIGSTOP')
  const taken = performance.now()
  await runToTheEnd((args) => bench.project.run(args, options), lease)
  expect(performance.now() - taken).toBeGreaterThan(50_000)
  bench.project.write('go', '')
  holder.kill('SIGCONT')
  expect(await holder.exit).toMatchObject({ code: 3, stderr: expect.stringContaining('[lock.lost]') })
  const rows = await bench.query('select revision from witness order by revision')
  expect(rows).toStrictEqual([{ revision: 'aaaa' }, { revision: 'bbbb' }])
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
}

testPostgres('A17 stopped between two statements of a migration without a transaction', async () => {
  const up = `  await knex.raw('create table made (id integer)')\n${firstWaits}\n${witness}`
  await holderIsStopped(await benchWith({ transaction: false, up }))
})

testPostgres('A17 stopped in a transaction that has touched nothing yet', async () => {
  await holderIsStopped(await benchWith({ up: `${firstWaits}\n${witness}` }))
})
