// Test databases of each engine can be made, looked into and removed.

import { expect, test } from '@jest/globals'

import { engineNamed, forEachEngine } from './engines.js'
import { urlVariable } from './servers/report.js'

forEachEngine((engine) => {
  test('a fresh database is empty, and keeps what is written', async () => {
    const database = await engine.createDatabase()
    await database.query('CREATE TABLE person (name varchar(100))')
    await database.query(`INSERT INTO person (name) VALUES ('Zoë 🦊')`)
    expect(await database.query('SELECT name FROM person')).toStrictEqual([{ name: 'Zoë 🦊' }])
  })

  test('two databases know nothing of each other', async () => {
    const [first, second] = await Promise.all([engine.createDatabase(), engine.createDatabase()])
    await first.query('CREATE TABLE person (name varchar(100))')
    // A matcher of errors would not do: the driver's belong to the test file that loaded its native part first.
    await expect(second.query('SELECT name FROM person')).rejects.toMatchObject({
      message: expect.stringMatching(/person/),
    })
  })

  test('bindings are marked as the driver does', async () => {
    const database = await engine.createDatabase()
    const mark = engine.name === 'postgres' ? '$1::int' : '?'
    expect(await database.query(`SELECT ${mark} + 1 AS sum`, [1])).toStrictEqual([{ sum: 2 }])
  })

  test('several statements run in one call', async () => {
    const database = await engine.createDatabase()
    await database.query('CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO b VALUES (7)')
    expect(await database.query('SELECT id FROM b')).toStrictEqual([{ id: 7 }])
  })

  test('a name may hold blanks, quotes, per cent signs and capitals', async () => {
    const name = `My "base" 100%'s \`é`
    const database = await engine.createDatabase({ name })
    expect(database.name).toBe(name)
    expect(database.url).not.toContain(' ')
    expect(await database.query('SELECT 1 AS one')).toStrictEqual([{ one: 1 }])
    await database.drop()
  })

  test('a database goes although a session is in the middle of a transaction', async () => {
    const database = await engine.createDatabase()
    await database.query('CREATE TABLE person (name varchar(100))')
    const session = await database.connect()
    await session.query('BEGIN')
    await session.query(`INSERT INTO person (name) VALUES ('x')`)
    await database.drop()
    await database.drop()
  })

  test('a name is free again after drop', async () => {
    const database = await engine.createDatabase()
    await database.query('CREATE TABLE person (name varchar(100))')
    await database.drop()
    await (await engine.createDatabase({ name: database.name })).query('CREATE TABLE person (name varchar(100))')
  })

  // A server that somebody else configured may allow fewer.
  const testOwnServer = process.env[urlVariable(engine.name)] ? test.skip : test
  testOwnServer('200 sessions fit at once', async () => {
    const database = await engine.createDatabase()
    const sessions = await Promise.all(Array.from({ length: 200 }, () => database.connect()))
    await Promise.all(sessions.map((session) => session.query('SELECT 1 AS one')))
    await database.drop()
  })
})

forEachEngine(
  (engine) => {
    test('a suite may be for some engines only', () => {
      expect(engine.name).toBe('sqlite')
    })
  },
  { only: ['sqlite'] },
)

test('an engine is found by its name', () => {
  expect(engineNamed('mysql')).toMatchObject({ name: 'mysql' })
})
