// A Knex configuration as the database of a project: what is missing in it is another database than the one that was meant.

import { describe, expect, test } from '@jest/globals'

import { chooseEngine } from '../../src/engines/index.js'

type Setting = Parameters<typeof chooseEngine>[0]

const chosen = (setting: unknown) => chooseEngine(setting as Setting, process.cwd())

describe('is refused without', () => {
  test.each([
    ['a file', { client: 'better-sqlite3', connection: { filename: undefined } }, 'connection.filename is'],
    ['the name of a file', { client: 'better-sqlite3', connection: { filename: '' } }, 'connection.filename is'],
    ['a connection', { client: 'pg', connection: undefined }, 'connection is'],
    ['a connection that is a text', { client: 'pg', connection: '' }, 'connection is'],
    ['what its function answers', { client: 'pg', connection: () => Promise.resolve(undefined) }, 'connection is'],
    ['a host', { client: 'pg', connection: { host: undefined, database: 'shop' } }, 'connection.host is'],
    ['a user', { client: 'mysql2', connection: { host: 'h', user: undefined } }, 'connection.user is'],
    ['a database', { client: 'pg', connection: { host: 'h', database: null } }, 'connection.database is'],
    ['a URL', { client: 'pg', connection: { connectionString: undefined } }, 'connection.connectionString is'],
    [
      'several of them',
      { client: 'pg', connection: { host: undefined, database: undefined } },
      'connection.host and connection.database are',
    ],
  ])('%s', async (_what, setting, says) => {
    await expect(chosen(setting)).rejects.toMatchObject({
      code: 'config.invalid',
      exitCode: 2,
      message: `${says} undefined in the Knex configuration, so another database could be meant. Nothing was changed.`,
      hint: expect.stringMatching(/environment variable missing/),
    })
  })
})

test.each([
  [
    'what may be left out is undefined',
    { host: 'h', database: 'd', port: undefined, ssl: undefined, password: undefined },
  ],
  ['its defaults are meant', {}],
  ['only a database is named', { database: 'd' }],
])('is taken where %s', async (_what, connection) => {
  const { engine, settings } = await chosen({ client: 'pg', connection })
  expect([engine.name, settings.driver]).toStrictEqual(['postgres', connection])
})
