// The holder of a lease is killed, or stopped (SIGSTOP: a paused container, a laptop that sleeps) for longer than its
// lease: another run takes over, and the first, if it wakes up, writes nothing.

import { existsSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { type Bench, createBench, eventually, type MigrationText } from '../runner/workbench.js'
import { engineNamed } from '../support/engines.js'
import { runToTheEnd } from './support/to-the-end.js'

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test.concurrent : test.concurrent.skip

const lease = ['upgrade', '--lock', 'lease', '--lock-timeout', '120']

/** Whoever comes first waits in JavaScript until it is asked to go on. */
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

async function holderAtWork(bench: Bench) {
  const options = { env: { MIG_DATABASE_URL: bench.database.url }, timeoutMs: 230_000 }
  const holder = bench.project.start(lease, options)
  const began = () => Promise.resolve(existsSync(bench.project.path('began')) || holder.child.exitCode !== null)
  await eventually(began, 'the holder is at work')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(holder.output()).not.toContain('✗')
  return holder
}

/** Another run takes over when the heartbeat has stood still for a minute, and ends what was begun. */
async function takesOver(bench: Bench): Promise<void> {
  const stopped = performance.now()
  const options = { env: { MIG_DATABASE_URL: bench.database.url }, timeoutMs: 230_000 }
  await runToTheEnd((args) => bench.project.run(args, options), lease)
  expect(performance.now() - stopped).toBeGreaterThan(50_000)
}

async function expectOnce(bench: Bench): Promise<void> {
  const rows = await bench.query('select revision from witness order by revision')
  expect(rows).toStrictEqual([{ revision: 'aaaa' }, { revision: 'bbbb' }])
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
}

async function holderIsStopped(bench: Bench): Promise<void> {
  const holder = await holderAtWork(bench)
  holder.kill('SIGSTOP')
  await takesOver(bench)
  bench.project.write('go', '')
  holder.kill('SIGCONT')
  expect(await holder.exit).toMatchObject({ code: 3, stderr: expect.stringContaining('[lock.lost]') })
  await expectOnce(bench)
}

testPostgres('A17 stopped between two statements of a migration without a transaction', async () => {
  const up = `  await knex.raw('create table made (id integer)')\n${firstWaits}\n${witness}`
  await holderIsStopped(await benchWith({ transaction: false, up }))
})

testPostgres('A17 stopped in a transaction that has touched nothing yet', async () => {
  await holderIsStopped(await benchWith({ up: `${firstWaits}\n${witness}` }))
})

testPostgres('A11 killed: its lease ends when its heartbeat has stood still', async () => {
  const bench = await benchWith({ up: `${firstWaits}\n${witness}` })
  const holder = await holderAtWork(bench)
  holder.kill('SIGKILL')
  await takesOver(bench)
  await expectOnce(bench)
})
