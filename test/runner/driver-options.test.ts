// Options of a project's driver change the results of its migrations, and never what mig reads for itself.

import { afterEach, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import pg from 'pg'

import { engineNamed, type TestEngine } from '../support/engines.js'
import { type Bench, benchOn, table } from './workbench.js'

const text = { getTypeParser: () => (value: unknown) => value }

/** What a migration of the project sees of `select 7 as n`, under each option. */
const options: readonly [engine: 'postgres' | 'mysql' | 'sqlite', name: string, Partial<Knex.Config>, seen: unknown][] =
  [
    ['postgres', 'types', { connection: { types: text } }, [{ n: '7' }]],
    ['postgres', 'binary', { connection: { binary: true } as never }, [{ n: 7 }]],
    ['postgres', 'postProcessResponse', { postProcessResponse: () => 'mine' }, undefined],
    ['mysql', 'rowsAsArray', { connection: { rowsAsArray: true } }, [[7]]],
    ['mysql', 'nestTables', { connection: { nestTables: true } }, [{ '': { n: 7 } }]],
    ['mysql', 'nestTables by a sign', { connection: { nestTables: '_' } }, [{ _n: 7 }]],
    ['mysql', 'typeCast: false', { connection: { typeCast: false } }, undefined],
    ['mysql', 'typeCast', { connection: { typeCast: () => 'mine' } }, [{ n: 'mine' }]],
    ['mysql', 'flags', { connection: { flags: '-FOUND_ROWS' } }, [{ n: 7 }]],
    [
      'mysql',
      'numbers and dates',
      {
        connection: {
          ...{ supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: true, dateStrings: true },
          ...{ namedPlaceholders: true, multipleStatements: true, jsonStrings: true, timezone: '+05:00' },
        },
      },
      [{ n: 7 }],
    ],
    [
      'sqlite',
      'safeIntegers',
      {
        pool: {
          afterCreate: (raw: { defaultSafeIntegers: () => void }, done: () => void) => {
            raw.defaultSafeIntegers()
            done()
          },
        },
      },
      [{ n: 7n }],
    ],
  ]

function configOf(engine: TestEngine, bench: { url: string }, more: Partial<Knex.Config>): Knex.Config {
  const client = { sqlite: 'better-sqlite3', postgres: 'pg', mysql: 'mysql2' }[engine.name]
  if (engine.name === 'sqlite') {
    const filename = decodeURIComponent(bench.url.slice('sqlite:'.length))
    return { client, useNullAsDefault: true, ...more, connection: { filename } }
  }
  const { hostname: host, port, username: user, password, pathname } = new URL(bench.url)
  const connection = { host, port: Number(port), user, password, database: decodeURIComponent(pathname.slice(1)) }
  return { client, ...more, connection: { ...connection, ...(more.connection as object | undefined) } }
}

/** Runs up, finds nothing to do, resumes, reads the log, runs down: all that mig reads and counts. */
async function everythingWorks(bench: Bench): Promise<void> {
  bench.write(table('aaaa', { down: null }), table('bbbb', { transaction: false }))
  await bench.upgrade()
  await bench.upgrade()
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied'])
  expect((await bench.history()).revisions).toHaveLength(2)
  bench.write(
    table('cccc', { transaction: false, up: `${table('cccc').up}\n  if (!globalThis.fixed) throw new Error('no')` }),
  )
  await expect(bench.upgrade()).rejects.toMatchObject({ code: 'partial.unfinished' })
  Object.assign(globalThis, { fixed: true })
  await bench.upgrade({ resume: true })
  expect(await bench.rows()).toStrictEqual(['aaaa applied', 'bbbb applied', 'cccc applied'])
  await bench.downgrade({ target: 'base' })
  expect(await bench.rows()).toStrictEqual([])
}

afterEach(() => {
  Object.assign(globalThis, { fixed: false })
})

for (const [name, option, more, seen] of options) {
  const engine = engineNamed(name)
  const testIt = engine.skipped === undefined ? test : test.skip
  testIt(`${name}: ${option} is for migrations alone`, async () => {
    const database = await engine.createDatabase()
    const bench = benchOn(engine, database, { database: configOf(engine, database, more) })
    if (seen !== undefined) {
      const found: unknown[] = []
      Object.assign(globalThis, { found })
      // MySQL has a plain number as a big one; a year is none.
      const sql = name === 'mysql' ? 'select year("0007-01-01") as n' : 'select 7 as n'
      bench.write({
        revision: 'seen',
        up: `  const answer = await knex.raw('${sql}', ${name === 'postgres' ? '[]' : '{}'})\n  globalThis.found.push(answer.rows ?? answer)`,
      })
      await bench.upgrade()
      const [answer] = found as [unknown[]]
      expect(name === 'mysql' ? answer[0] : answer).toEqual(seen)
      await bench.downgrade({ target: 'base' })
      bench.remove('seen')
    }
    await everythingWorks(bench)
  })
}

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test : test.skip

testPostgres('postgres: parsers that the whole process has are for migrations alone', async () => {
  // Not that of texts (25): Knex itself reads the server's version with it.
  const before = [16, 20, 23].map((oid) => [oid, pg.types.getTypeParser(oid)] as const)
  for (const [oid] of before) pg.types.setTypeParser(oid, () => 'mine')
  try {
    const bench = benchOn(postgres, await postgres.createDatabase())
    bench.write(table('aaaa'))
    await bench.upgrade()
    const { heads, pending } = await bench.current()
    expect({ heads: heads.length, pending }).toEqual({ heads: 1, pending: 0 })
  } finally {
    for (const [oid, parser] of before) pg.types.setTypeParser(oid, parser as never)
  }
})
