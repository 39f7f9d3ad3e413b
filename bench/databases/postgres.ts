// PostgreSQL: the throwaway server of the tests, or the one that MIG_BENCH_POSTGRES_URL names.

import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

import type { RunReport } from '../../test/support/servers/report.js'
import { tablePrefix } from '../chain.js'
import type { Database, Databases } from './database.js'

/** @throws when there is no server, with what to do */
export async function openPostgres(): Promise<Databases> {
  const keeper = startKeeper()
  const { engines } = await firstLine(keeper)
  if (!engines.postgres.available) {
    keeper.stdin?.end()
    throw new Error(`PostgreSQL: ${engines.postgres.reason.replaceAll('MIG_TEST_', 'MIG_BENCH_')}`)
  }
  return databasesOn(engines.postgres.url, () => endKeeper(keeper))
}

/** The process that owns the server of the tests: it ends the server when we are gone, however that happens. */
function startKeeper(): ChildProcess {
  const path = fileURLToPath(new URL('../../test/support/servers/keeper.ts', import.meta.url))
  const { MIG_BENCH_POSTGRES_URL: url, ...rest } = process.env
  delete rest['MIG_TEST_POSTGRES_URL']
  const env = { ...rest, MIG_TEST_ENGINES: 'postgres', ...(url && { MIG_TEST_POSTGRES_URL: url }) }
  return spawn(process.execPath, ['--import', 'tsx', path], { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true })
}

async function firstLine({ stdout }: ChildProcess): Promise<RunReport> {
  if (stdout === null) throw new Error('the keeper of the server has no output')
  for await (const line of createInterface(stdout)) return JSON.parse(line) as RunReport
  throw new Error('the keeper of the server ended early')
}

async function endKeeper(keeper: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => keeper.once('exit', resolve))
  keeper.stdin?.end()
  await ended
}

async function databasesOn(serverUrl: string, end: () => Promise<void>): Promise<Databases> {
  const version = await ask(serverUrl, 'show server_version')
  const run = process.pid
  let count = 0
  async function create(clause: string): Promise<Database> {
    const name = `mig_bench_${run}_${++count}`
    await administer(serverUrl, `create database ${name} ${clause}`)
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    return { engine: 'postgres', name, url: url.href }
  }
  return {
    engine: 'postgres',
    version,
    create: () => create(''),
    copy: (database) => create(`template ${database.name}`),
    drop: ({ name }) => administer(serverUrl, `drop database if exists ${name} with (force)`),
    countTables: async ({ url }) => Number(await ask(url, countSql)),
    close: end,
  }
}

const countSql = `select count(*) from pg_catalog.pg_tables where starts_with(tablename, '${tablePrefix}')`

/** A session that has just ended is still there for a moment, and a template must have none: tried again. */
async function administer(url: string, sql: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await ask(url, sql)
      return
    } catch (error) {
      if ((error as { readonly code?: string }).code !== objectInUse || attempt >= 50) throw error
      await sleep(100)
    }
  }
}

const objectInUse = '55006'

async function ask(url: string, sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<(string | number)[]>({ text: sql, rowMode: 'array' })
    return String(rows[0]?.[0] ?? '')
  } finally {
    await client.end()
  }
}
