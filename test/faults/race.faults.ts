// 50 runs at once: each migration exactly once, whoever runs it, and everybody succeeds.

import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { type Bench, benchOn, eventually, type MigrationText } from '../runner/workbench.js'
import { mysqlDatabase, mysqlServer } from '../support/engines/mysql.js'
import { type Database, engineNamed, type TestEngine } from '../support/engines.js'
import { missingForGalera, startGalera, type Cluster } from '../support/servers/galera.js'
import { missingForPgbouncer, startPgbouncer } from '../support/servers/pgbouncer.js'
import { readRunReport } from '../support/servers/report.js'
import type { Server } from '../support/servers/server.js'
import { expectSaid } from './support/table.js'

const runners = 50
const pending = 10

interface Track {
  readonly engine: TestEngine
  readonly database: Database
  /** What the n-th process is given as the database. */
  readonly urlOf: (index: number) => string
}

const folder = readRunReport().folder
const sqlite = engineNamed('sqlite')
const postgres = engineNamed('postgres')
const mysql = engineNamed('mysql')

for (const engine of [sqlite, postgres, mysql]) {
  races(`C1 C2 ${engine.name}`, engine.skipped, async () => {
    const database = await engine.createDatabase()
    return { engine, database, urlOf: () => database.url }
  })
}

describe('pgbouncer', () => {
  const missing = postgres.skipped ?? missingForPgbouncer()
  let pooler: Server | undefined
  beforeAll(async () => {
    const report = readRunReport().engines.postgres
    if (missing === undefined && report.available) pooler = await startPgbouncer(join(folder, 'pooler'), report.url)
  }, 60_000)
  afterAll(() => pooler?.stop())

  races('C1 C2 C6 PostgreSQL through pgbouncer in transaction mode', missing, async () => {
    const database = await postgres.createDatabase()
    const url = new URL(database.url)
    url.host = new URL(pooler?.url ?? '').host
    return { engine: postgres, database, urlOf: () => url.href }
  })
})

describe('Galera', () => {
  const missing = mysql.skipped ?? missingForGalera()
  let cluster: Cluster | undefined
  beforeAll(async () => {
    if (missing === undefined) cluster = await startGalera(join(folder, 'galera'))
  }, 120_000)
  afterAll(() => cluster?.stop())

  races('C1 C2 C7 Galera with three nodes', missing, async () => {
    const urls = cluster?.urls ?? []
    const database = await mysqlServer(urls[0] ?? '').createDatabase(`race_${Math.random().toString(36).slice(2)}`)
    const { pathname } = new URL(database.url)
    return { engine: mysql, database, urlOf: (index) => new URL(pathname, urls[index % urls.length]).href }
  })

  const testGalera = missing === undefined ? test : test.skip

  /** A database with a witness table, as each of the nodes has it. */
  async function benches(): Promise<readonly Bench[]> {
    const urls = cluster?.urls ?? []
    const name = `galera_${Math.random().toString(36).slice(2)}`
    const database = await mysqlServer(urls[0] ?? '').createDatabase(name)
    await database.query('create table witness (id integer primary key, revision varchar(10))')
    return urls.map((url) => benchOn(mysql, mysqlDatabase(url, name)))
  }

  testGalera(
    'B14 another node changes what a migration has changed: its commit is refused, and it is run once',
    async () => {
      const [here, there] = await benches()
      if (here === undefined || there === undefined) throw new Error('there is no cluster')
      await here.query(`insert into witness values (1, 'none')`)
      here.write({
        revision: 'aaaa',
        up: `  const { existsSync } = await import('node:fs')
  await knex('witness').update({ revision: 'aaaa' }).where({ id: 1 })
  context.log('at work')
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))
  await knex('witness').insert({ id: Date.now() % 100000 + 10, revision: 'ran' })`,
      })
      const run = here.start('upgrade')
      await run.waitForOutput(/at work/)
      await there.query(`update witness set revision = 'theirs' where id = 1`)
      here.project.write('go', '')
      expectSaid(await run.exit, { name: 'B14', code: 0, says: /trying again[^]*Now at head aaaa/ })
      expect(await here.rows()).toStrictEqual(['aaaa applied'])
      expect(await here.query('select revision from witness order by id')).toStrictEqual([
        { revision: 'aaaa' },
        { revision: 'ran' },
      ])
    },
  )

  // The last one: the cluster does not survive it.
  testGalera(
    'B13 a node that has lost its quorum is refused before anything is run',
    async () => {
      const [, , last] = await benches()
      if (cluster === undefined || last === undefined) throw new Error('there is no cluster')
      last.write({ revision: 'aaaa', up: `  await knex('witness').insert({ id: 1, revision: 'aaaa' })` })
      await Promise.all([cluster.crash(0), cluster.crash(1)])
      const notReady = async () => {
        const [row] = await last.query(`show status like 'wsrep_ready'`)
        return row?.['Value'] === 'OFF'
      }
      await eventually(notReady, 'the node has noticed', 60_000)
      expectSaid(await last.run('upgrade', '--connect-timeout', '0'), {
        name: 'B13',
        code: 8,
        says: /answers no query, because this Galera node is cut off from its cluster \(wsrep_ready = OFF/,
      })
      expect(await last.query('set session wsrep_on = 0; select count(*) as n from witness')).toStrictEqual([{ n: 0 }])
    },
    120_000,
  )
})

function races(name: string, missing: string | undefined, prepare: () => Promise<Track>): void {
  if (missing !== undefined) {
    test.skip(`${name} (${missing})`, () => undefined)
    return
  }
  const timeoutMs = 300_000
  test(
    `${name}: ${runners} processes on a fresh database`,
    async () => {
      const track = await prepare()
      if (track.engine === sqlite) await track.database.drop() // as on a first deploy: no file
      const bench = benchOn(track.engine, track.database)
      bench.write(first, witnessed('bbbb'))
      await race(bench, track)
      expect(await witnesses(bench, track)).toStrictEqual(['bbbb'])
      expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
    },
    timeoutMs,
  )

  test(
    `${name}: ${runners} processes with ${pending} pending`,
    async () => {
      const track = await prepare()
      const bench = benchOn(track.engine, track.database)
      bench.write(first)
      expect(await bench.run('upgrade')).toMatchObject({ code: 0 })
      const revisions = Array.from({ length: pending }, (_, index) => `c${index}cc`)
      bench.write(...revisions.map(witnessed))
      await race(bench, track)
      expect(await witnesses(bench, track)).toStrictEqual(revisions)
      expect(await bench.rows()).toStrictEqual(['aaaa', ...revisions].map((revision) => `${revision} applied`))
    },
    timeoutMs,
  )
}

const first: MigrationText = {
  revision: 'aaaa',
  up: `  await knex.raw('create table witness (id integer, revision varchar(10))')`,
}

/** A second run of it is a second row; and it fails, because the table is there. */
function witnessed(revision: string): MigrationText {
  return {
    revision,
    up: `  await knex('witness').insert({ id: 1, revision: '${revision}' })
  await knex.schema.createTable('${revision}', (t) => t.integer('id').primary())`,
  }
}

async function race(bench: Bench, { urlOf }: Track): Promise<void> {
  const results = await Promise.all(
    Array.from({ length: runners }, (_, index) =>
      bench.project.run(['upgrade', '--quiet', '--lock-timeout', '120'], {
        env: { MIG_DATABASE_URL: urlOf(index) },
        timeoutMs: 180_000,
      }),
    ),
  )
  const failed = results.flatMap(({ code, stderr }) => (code === 0 ? [] : [`${code}: ${stderr}`]))
  expect(failed).toStrictEqual([])
}

async function witnesses(bench: Bench, { engine, urlOf }: Track): Promise<readonly string[]> {
  // Another node's writes may be on their way: this waits for them, and is nothing elsewhere.
  const caughtUp = engine === mysql && urlOf(0) !== urlOf(1) ? 'set session wsrep_sync_wait = 15; ' : ''
  const rows = await bench.query(`${caughtUp}select revision from witness order by revision`)
  return rows.map(({ revision }) => String(revision))
}
