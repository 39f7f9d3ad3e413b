// A suite that is written once and runs for each engine.
//
//   forEachEngine((engine) => {
//     test('an empty database has no tables', async () => {
//       const database = await engine.createDatabase()
//       …
//     })
//   })

import { randomUUID } from 'node:crypto'

import { afterAll, describe } from '@jest/globals'

import type { Database, DatabaseServer } from './database.js'
import { mysqlServer } from './engines/mysql.js'
import { postgresServer } from './engines/postgres.js'
import { sqliteServer } from './engines/sqlite.js'
import { engineNames, readRunReport, type EngineName } from './servers/report.js'

export type { Connection, Database, Row } from './database.js'
export type { EngineName } from './servers/report.js'

export interface TestEngine {
  readonly name: EngineName
  /** Why it cannot be tested here; undefined when it can. */
  readonly skipped: string | undefined
  /** A fresh, empty database, dropped after the last test of the file at the latest. */
  createDatabase(options?: { name?: string }): Promise<Database>
}

const servers: Record<EngineName, (url: string) => DatabaseServer> = {
  sqlite: sqliteServer,
  postgres: postgresServer,
  mysql: mysqlServer,
}

const created: Database[] = []

export const engines: readonly TestEngine[] = engineNames.map(testEngine)

/** Describes the suite for each engine, or for those in `only`; an engine that is not there is counted as skipped. */
export function forEachEngine(
  suite: (engine: TestEngine) => void,
  options: { only?: readonly EngineName[] } = {},
): void {
  for (const engine of engines) {
    if (options.only && !options.only.includes(engine.name)) continue
    const describeEngine = engine.skipped === undefined ? describe : describe.skip
    describeEngine(engine.name, () => suite(engine))
  }
}

/** The engine of that name, for a suite that is about one engine; see `skipped`. */
export function engineNamed(name: EngineName): TestEngine {
  const engine = engines.find((candidate) => candidate.name === name)
  if (!engine) throw new Error(`no engine ${name}`)
  return engine
}

afterAll(async () => {
  await Promise.all(created.map((database) => database.drop()))
})

function testEngine(name: EngineName): TestEngine {
  const report = readRunReport().engines[name]
  return {
    name,
    skipped: report.available ? undefined : report.reason,
    async createDatabase(options = {}) {
      if (!report.available) throw new Error(`${name} is not available: ${report.reason}`)
      const database = await servers[name](report.url).createDatabase(options.name ?? freshName())
      created.push(database)
      return database
    },
  }
}

/** No two workers, and no two runs on one server, choose the same name. */
function freshName(): string {
  return `mig_test_${randomUUID().slice(-12)}`
}
