// Texts that a database cannot hold as they are: stored escaped, and read back as they were. No reason to refuse a migration.

import { describe, expect, test } from '@jest/globals'
import pg from 'pg'

import { escapedText, textOf } from '../../src/core/stored-text.js'
import { type Database, engineNamed, forEachEngine, type Row } from '../support/engines.js'
import { type Bench, benchOn, createBench, errorOf } from './workbench.js'

describe('a stored text', () => {
  test.each(['', 'plain', 'naïve 漢字 🦊', 'a\0b', 'escaped:"x"', 'line\nend\ttab', `q"uo\\te'`])('%j', (text) => {
    const stored = escapedText(text)
    expect([...stored].every((sign) => sign > '\0' && sign < '\u0080')).toBe(true)
    expect(textOf(stored)).toBe(text)
  })

  test.each(['plain', 'naïve', 'escaped:', 'escaped:{', 'escaped:7'])('%j of somebody else stays', (text) =>
    expect(textOf(text)).toBe(text),
  )
})

const postgres = engineNamed('postgres')
const testPostgres = postgres.skipped === undefined ? test : test.skip

const message = 'naïve 漢字 🦊'

/** A database in that encoding, on the server of the tests. */
async function databaseIn(encoding: string): Promise<Database> {
  const home = await postgres.createDatabase()
  const { url } = home
  const query = (sql: string) => home.query(sql)
  const drop = () => home.drop()
  const name = `${new URL(url).pathname.slice(1)}_${encoding.toLowerCase()}`
  await query(`create database "${name}" encoding '${encoding}' locale 'C' locale_provider libc template template0`)
  const other = new URL(url)
  other.pathname = `/${name}`
  const ask: Database['query'] = async (sql) => {
    const client = new pg.Client({ connectionString: other.href })
    await client.connect()
    try {
      return (await client.query<Row>(sql)).rows
    } finally {
      await client.end()
    }
  }
  return { url: other.href, name, query: ask, connect: () => Promise.reject(new Error('not here')), drop }
}

async function keepsTexts(bench: Bench): Promise<void> {
  bench.write({ revision: 'aaaa', message, up: `  // ${message}\n  await knex.raw('create table a (id integer)')` })
  bench.write({
    revision: 'bbbb',
    message,
    transaction: false,
    up: `  await context.step('${message}', () => knex.raw('create table b (id integer)'))`,
  })
  await bench.upgrade()
  bench.write({ revision: 'cccc', message, up: `  await knex.raw('select 1'); throw new Error('${message}')` })
  expect(await errorOf(bench.upgrade())).toMatchObject({ code: 'migration.failed' })
  bench.remove('cccc')
  const { revisions } = await bench.history()
  expect(revisions.map((entry) => entry.message)).toEqual([message, message])
  const { stored } = await bench.show({ revision: 'aaaa', stored: true })
  expect(stored).toContain(`// ${message}`)
  expect(await bench.upgrade()).toMatchObject({ steps: [] })
  expect((await bench.check()).diagnostics).toEqual([])
}

testPostgres.each(['LATIN1', 'SQL_ASCII', 'EUC_JP'])('a database in %s keeps the texts of mig', async (encoding) => {
  const database = await databaseIn(encoding)
  await keepsTexts(benchOn(postgres, database))
  const [row] = await database.query(`select message, pg_encoding_to_char(encoding) as encoding from mig_history,
    pg_database where datname = current_database() limit 1`)
  expect(row?.encoding).toBe(encoding)
})

testPostgres.each([
  ['', 'in its transaction'],
  ['local ', 'until its end'],
])('a migration that sets %sclient_encoding %s damages no text of mig', async (scope) => {
  const bench = await createBench(postgres)
  const up = `  await knex.raw("set ${scope}client_encoding to 'LATIN1'")\n  await knex.raw('create table a (id integer)')`
  bench.write({ revision: 'aaaa', message, up: `  // ${message}\n${up}` })
  const { diagnostics } = await bench.upgrade()
  bench.write({ revision: 'bbbb', message, transaction: false, up: up.replace('table a', 'table b') })
  await bench.upgrade()
  expect(diagnostics.map(({ code }) => code)).toEqual(scope === '' ? ['migration.session-changed'] : [])
  const rows = await bench.query('select message, source from mig_history order by serial')
  expect(rows.map((row) => row.message)).toEqual([message, message])
  expect(rows[0]?.source).toContain(`// ${message}`)
})

testPostgres('a migration keeps the client_encoding that it has set, between what mig writes', async () => {
  const bench = await createBench(postgres)
  bench.write({
    revision: 'aaaa',
    transaction: false,
    up: `  await knex.raw("set client_encoding to 'LATIN1'")
  await knex.raw('create table a (id integer)')
  const { rows } = await knex.raw("select current_setting('client_encoding') as now")
  if (rows[0].now !== 'LATIN1') throw new Error('it is ' + rows[0].now)`,
  })
  await bench.upgrade()
  expect(await bench.rows()).toStrictEqual(['aaaa applied'])
})

forEachEngine((engine) => {
  test('a text with a NUL is kept', async () => {
    const bench = await createBench(engine)
    bench.write({ revision: 'aaaa', up: `  // a\0b\n  await knex.raw('create table a (id integer)')` })
    await bench.upgrade()
    expect((await bench.show({ revision: 'aaaa', stored: true })).stored).toContain('// a\0b')
  })
})

const mysql = engineNamed('mysql')
const testMysql = mysql.skipped === undefined ? test : test.skip

testMysql.each(['latin1', 'utf8mb3'])(
  'MySQL: the tables of mig hold every character in a database of %s',
  async (charset) => {
    const bench = await createBench(mysql)
    await bench.query(`alter database \`${bench.database.name}\` character set ${charset}`)
    await keepsTexts(bench)
  },
)
