// The process that owns a run's servers and its temporary folder. It ends them when its standard input closes: whether
// the tests finish, are interrupted or are killed with -9, nothing is left behind.

import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { loginToMysql, startMysql } from './mysql.js'
import { loginToPostgres, startPostgres } from './postgres.js'
import { engineNames, urlVariable, type EngineName, type EngineReport, type RunReport } from './report.js'
import type { Server } from './server.js'

interface Source {
  /** Proves that a server that is already there can be used. */
  login(url: string): Promise<void>
  start(folder: string): Promise<Server>
  /** What to do when `start` does not work. */
  advice: string
}

const sources: Record<EngineName, Source> = {
  sqlite: {
    login: () => Promise.resolve(),
    start: openSqlite,
    advice: 'run `npm rebuild better-sqlite3`',
  },
  postgres: {
    login: loginToPostgres,
    start: startPostgres,
    advice: 'set MIG_TEST_POSTGRES_URL',
  },
  mysql: {
    login: loginToMysql,
    start: startMysql,
    advice: 'set MIG_TEST_MYSQL_URL, or install mariadb-server',
  },
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.stdout.on('error', () => undefined) // nobody listens any more: the end of stdin says the same

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mig-test-')))
chmodSync(folder, 0o755) // the servers may run as another user
const running: Server[] = []
const started = startAll()
process.stdin.resume().once('end', () => void end())
process.stdout.write(`${JSON.stringify(await started)}\n`)

async function startAll(): Promise<RunReport> {
  const reports = await Promise.all(engineNames.map(async (name) => [name, await provide(name)] as const))
  return { folder, engines: Object.fromEntries(reports) as RunReport['engines'] }
}

async function provide(name: EngineName): Promise<EngineReport> {
  const source = sources[name]
  const wanted = process.env['MIG_TEST_ENGINES']
  if (wanted && !wanted.split(',').includes(name)) return { available: false, reason: `MIG_TEST_ENGINES is ${wanted}` }
  const url = process.env[urlVariable(name)]
  try {
    if (url) {
      await source.login(url)
      return { available: true, url }
    }
    const server = await source.start(join(folder, name))
    running.push(server)
    return { available: true, url: server.url }
  } catch (error) {
    const message = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error)
    return { available: false, reason: url ? `${urlVariable(name)}: ${message}` : `${message}; ${source.advice}` }
  }
}

async function openSqlite(databases: string): Promise<Server> {
  mkdirSync(databases)
  const { default: Database } = await import('better-sqlite3')
  new Database(':memory:').close()
  return { url: `sqlite:${databases}`, stop: () => Promise.resolve() }
}

async function end(): Promise<void> {
  await started
  await Promise.all(running.map((server) => server.stop()))
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  process.exit(0)
}
