// The Knex that a migration gets answers as the one that the project would make of the same configuration.

import { createRequire } from 'node:module'
import type { Knex } from 'knex'

import { afterEach, expect, test } from '@jest/globals'

import { forEachEngine, type TestEngine } from '../support/engines.js'
import { benchOn, connectionOf } from '../runner/workbench.js'

const createKnex = createRequire(import.meta.url)('knex') as (config: Knex.Config) => Knex

const clients = {
  sqlite: ['better-sqlite3', 'sqlite3'],
  postgres: ['pg', 'postgresql', 'postgres'],
  mysql: ['mysql2', 'mysql'],
} as const

/** Members that may differ, with the reason. */
const allowed: readonly (readonly [RegExp, string])[] = [
  [/\.__knexUid$|\.__knexTxId$|\.txid$/, 'numbers that Knex counts through the process'],
  [/\.client\.driver\b/, 'the driver of the project, of which the test project may have another'],
  [
    /^(knex|trx)\.client\.(_versionCheckPromise|isMariaDB|version)$/,
    'known once there was a connection; compared by a test of its own',
  ],
  [/\.valueForUndefined\.toSQL$/, 'a piece of SQL takes note that it is used'],
  [/\.client\.releaseProcess$/, 'the pool is mig’s own'],
  [/^trx\.client\._events/, 'listeners of the transaction'],
]

/** What a program can see of an object: each member, inherited ones too, as far as it is data or has a name. */
function members(value: unknown, path: string, seen: Map<string, string>, depth: number): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
  const names = new Set<string>()
  for (
    let at: object | null = value;
    at !== null && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  for (const name of names) {
    if (['prototype', 'length', 'caller', 'arguments', '__proto__', 'stack'].includes(name)) continue
    note(value as Record<string, unknown>, name, path, seen, depth)
  }
}

function note(
  owner: Record<string, unknown>,
  name: string,
  path: string,
  seen: Map<string, string>,
  depth: number,
): void {
  const at = `${path}.${name}`
  const member = owner[name]
  const isEnumerable = Object.getOwnPropertyDescriptor(owner, name)?.enumerable ?? 'inherited'
  seen.set(at, `${shown(member)} ${isEnumerable}`)
  if (depth > 0 && typeof member === 'object' && name !== 'pool') members(member, at, seen, depth - 1)
}

function shown(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value !== 'object' || value === null) return String(value)
  return `object ${(value.constructor as { readonly name: string } | undefined)?.name ?? ''}`
}

function everything(knex: Knex, trx: Knex.Transaction): Map<string, string> {
  const seen = new Map<string, string>()
  for (const [name, it] of [
    ['knex', knex],
    ['trx', trx],
  ] as const) {
    members(it, name, seen, 1)
    members(it.client, `${name}.client`, seen, 3)
    members((it as unknown as { context: object }).context, `${name}.context`, seen, 1)
  }
  return seen
}

function differences(ours: ReadonlyMap<string, string>, plain: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...ours.keys(), ...plain.keys()])]
    .filter((path) => ours.get(path) !== plain.get(path) && !allowed.some(([pattern]) => pattern.test(path)))
    .map((path) => `${path}: ${ours.get(path) ?? 'missing'} / Knex: ${plain.get(path) ?? 'missing'}`)
}

const global = globalThis as { look?: (knex: Knex) => Promise<void> }
afterEach(() => {
  delete global.look
})

/** A configuration with all that a project may write into it. */
function configOf(engine: TestEngine, client: string, connection: Knex.Config['connection']): Knex.Config {
  return {
    client,
    ...(connection !== undefined && { connection }),
    ...(engine.name === 'sqlite' && { useNullAsDefault: true }),
    ...(engine.name === 'postgres' && { searchPath: ['public'] }),
    pool: { min: 1, max: 7 },
    acquireConnectionTimeout: 12_345,
    asyncStackTraces: true,
    debug: false,
    wrapIdentifier: function wrap(value, original) {
      return original(value)
    },
    postProcessResponse: function process(result: unknown) {
      return result
    },
    log: { warn: () => undefined },
    ...{ userParams: { tenant: 'a' } },
    migrations: { directory: './elsewhere' },
  }
}

forEachEngine((engine) => {
  const [first] = clients[engine.name]

  test.each(['settings', 'function'] as const)(
    'each member answers as Knex does, with the connection as %s',
    async (form) => {
      const database = await engine.createDatabase()
      const connection = connectionOf(engine, database)
      const config = configOf(engine, first, form === 'settings' ? connection : () => connection)
      const plain = createKnex(config)
      try {
        const kept = await plain.transaction()
        const expected = everything(plain, kept)
        await kept.rollback()
        const found: string[] = []
        global.look = async (knex) => {
          const trx = await knex.transaction()
          found.push(...differences(everything(knex, trx), expected))
          await trx.commit()
        }
        const bench = benchOn(engine, database, { database: config })
        bench.write({
          revision: 'aaaa',
          transaction: false,
          up: `  await knex.raw('select 1')\n  await globalThis.look(knex)`,
        })
        await bench.upgrade()
        expect(found).toStrictEqual([])
        expect(await bench.rows()).toStrictEqual(['aaaa applied'])
      } finally {
        await plain.destroy()
      }
    },
  )

  test.each([...clients[engine.name]])('a project that calls its client %s finds it so', async (client) => {
    const database = await engine.createDatabase()
    const plain = createKnex({ client, useNullAsDefault: true })
    const bench = benchOn(engine, database, {
      database: { client, connection: connectionOf(engine, database), useNullAsDefault: true },
    })
    const asked: unknown[] = []
    global.look = (knex) => {
      asked.push(...facts(knex), typeof (knex.client as { version?: unknown }).version)
      return Promise.resolve()
    }
    bench.write(
      {
        revision: 'aaaa',
        up: `  await knex.schema.createTable('t', (t) => t.integer('a'))\n  await globalThis.look(knex)`,
      },
      {
        revision: 'bbbb',
        up: `  if (knex.client.config.client === '${client}') await knex.schema.table('t', (t) => t.index('a', 't_a'))`,
      },
    )
    await bench.upgrade()
    expect(asked).toStrictEqual([...facts(plain), engine.name === 'sqlite' ? 'undefined' : 'string'])
    expect(await indexes(engine, (sql) => bench.query(sql))).toContain('t_a')
  })

  const onSqlite = engine.name === 'sqlite' ? test : test.skip
  onSqlite('a column that is not given is left to the database, or is null, as the project has it', async () => {
    for (const useNullAsDefault of [undefined, true]) {
      const database = await engine.createDatabase()
      const config = {
        client: first,
        connection: connectionOf(engine, database),
        ...(useNullAsDefault && { useNullAsDefault }),
      }
      const bench = benchOn(engine, database, { database: config })
      const asked: unknown[] = []
      global.look = (knex) => {
        const { config, valueForUndefined } = knex.client as { config: object; valueForUndefined: unknown }
        asked.push('useNullAsDefault' in config, valueForUndefined === null)
        return Promise.resolve()
      }
      bench.write({ revision: 'aaaa', up: `  await globalThis.look(knex)\n  await knex.raw('select 1')` })
      await bench.upgrade()
      expect(asked).toStrictEqual(useNullAsDefault ? [true, true] : [false, false])
    }
  })
})

/** What packages that inspect schemas ask. */
function facts({ client }: Knex): readonly unknown[] {
  const { config, constructor, dialect, driverName } = client as Knex.Client & { readonly dialect: string }
  return [config.client, constructor.name, dialect, driverName]
}

async function indexes(engine: TestEngine, query: (sql: string) => Promise<readonly Record<string, unknown>[]>) {
  const rows = await query(
    {
      sqlite: `select name from sqlite_master where type = 'index'`,
      postgres: `select indexname as name from pg_indexes`,
      mysql: `select distinct index_name as name from information_schema.statistics where table_schema = database()`,
    }[engine.name],
  )
  return rows.map(({ name }) => name)
}
