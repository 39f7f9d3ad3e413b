// A password is never printed: in no output, error or document, however it came in and whatever goes wrong.

import { expect, test } from '@jest/globals'

import { withMysqlUser, withPostgresRule } from '../engines/provocations.js'
import { allTables } from '../runner/workbench.js'
import { type Database, forEachEngine } from '../support/engines.js'
import { createProject } from '../support/project.js'
import { drawn, migration } from '../support/migrations.js'

/** Each with a piece that must not be seen; encoded as a URL wants it, and as people write it. */
const passwords = [
  'hunter2hunter',
  'p@ss:w/rd?hunter',
  '%70hunter%zz',
  'hunter#1&x=y',
  `hunter'"q`,
  'hunter two',
  '[hunter]',
]

const urls = passwords.flatMap((password) =>
  [encodeURIComponent(password), password].flatMap((written) => [
    `postgres://bob:${written}@127.0.0.1:1/shop`,
    `mysql://bob:${written}@127.0.0.1:1/shop`,
  ]),
)

const odd = [
  'postgres://bob:hunter2@host:port/db',
  'postgres://bob:hunter2@127.0.0.1:99999/db',
  'postgres:/bob:hunter2@127.0.0.1/db',
  'oracle://bob:hunter2@127.0.0.1/db',
  'bob:hunter2@127.0.0.1/db',
  'postgres://127.0.0.1:1/db?user=bob&password=hunter2',
  'mysql://127.0.0.1:1/db?password=hunter2&ssl=true',
  'postgres://bob:hunter2@[::1]:1/db',
  'postgres://bob:hunter2@no-such-host.invalid/db',
]

test.concurrent.each([...urls, ...odd].map((url, index) => [index, url] as const))(
  'URL %i',
  async (index, url) => {
    const project = createProject({ files: drawn('aaaa') })
    const args = index % 2 === 0 ? ['current', '--debug'] : ['upgrade', '--json', '--connect-timeout', '0']
    const result =
      index % 3 === 0
        ? await project.run([...args, '--database-url', url])
        : await project.run(args, { env: { MIG_DATABASE_URL: url } })
    const said = result.stdout + result.stderr
    expect(said).not.toMatch(/hunter/)
    expect([2, 8]).toContain(result.code)
    expect(said).not.toMatch(/internal\.unexpected/)
  },
  60_000,
)

const bad = `postgres://bob:hunter2@db.example.org/shop`

test.each([
  ['a configuration that throws it', { 'mig.config.ts': `throw new Error('cannot use ${bad}')\n` }],
  [
    'a database function that throws it',
    { 'mig.config.ts': `export default { database: () => { throw new Error('no ${bad}') } }\n` },
  ],
  [
    'a configuration with a mistake beside it',
    { 'mig.config.ts': `export default { database: '${bad}', databse: '${bad}', historyTable: 7 }\n` },
  ],
  [
    'a Knex configuration with an unknown client',
    {
      'mig.config.ts': `export default { database: { client: 'oracledb', connection: { host: 'h', user: 'bob', password: 'hunter2' } } }\n`,
    },
  ],
  [
    'a Knex configuration that leads nowhere',
    {
      'mig.config.ts': `export default { database: { client: 'pg', connection: { host: '127.0.0.1', port: 1, user: 'bob', password: 'hunter2' } } }\n`,
    },
  ],
  [
    'a connection string in it',
    {
      'mig.config.ts': `export default { database: { client: 'pg', connection: 'postgres://bob:hunter2@127.0.0.1:1/shop' } }\n`,
    },
  ],
  [
    'a knexfile that throws it',
    {
      'mig.config.ts': `export default { database: './knexfile.ts' }\n`,
      'knexfile.ts': `throw new Error('no ${bad}')\n`,
    },
  ],
  ['a syntax error in a configuration that has it', { 'mig.config.ts': `export default { database: '${bad}' ]\n` }],
  ['a syntax error in JSON', { 'mig.config.json': `{ "database": "${bad}" ]\n` }],
  [
    'a migration that throws it',
    { 'migrations/001_aaaa.ts': migration('aaaa', null, { up: `const url = '${bad}'; throw new Error('no ' + url)` }) },
  ],
  [
    'a migration that logs it',
    {
      'migrations/001_aaaa.ts': migration('aaaa', null, { up: `context.log('to ${bad}')` }).replace(
        'knex: Knex)',
        `knex: Knex, context: any)`,
      ),
    },
  ],
  [
    'a migration that sends it',
    {
      'migrations/001_aaaa.ts': migration('aaaa', null, { up: `await knex.raw("alter role bob password 'hunter2'")` }),
    },
  ],
])('%s', async (_what, files) => {
  const project = createProject({ files: { ...drawn('aaaa'), ...files } })
  for (const args of [
    ['upgrade', '--debug', '--verbose', '--connect-timeout', '0'],
    ['upgrade', '--json', '--connect-timeout', '0'],
  ]) {
    const { stdout, stderr } = await project.run(args)
    expect(stdout + stderr).not.toBe('')
    expect(stdout + stderr).not.toMatch(/hunter2/)
  }
})

/** How the server refuses a login, in its own words. */
interface Refusal {
  readonly code: string
  readonly words: RegExp
  /** Calls `work` with a URL that is refused so; the password in it is `secret`. */
  readonly meet: (database: Database, work: (url: string) => Promise<void>) => Promise<void>
}

const unknownDatabase = async (database: Database, work: (url: string) => Promise<void>) => {
  const url = new URL(database.url)
  url.pathname = '/no_such_database'
  await work(url.href)
}

const refusals: Record<'postgres' | 'mysql', Readonly<Record<string, Refusal>>> = {
  postgres: {
    'an unknown database': {
      code: 'engine.missing-database',
      words: /database "no_such_database" does not exist/,
      meet: unknownDatabase,
    },
    'a wrong password': {
      code: 'engine.authentication',
      words: /password authentication failed for user "mig_test_\w+"/,
      meet: (database, work) => withPostgresRule(database, 'host', work),
    },
    'TLS demanded': {
      code: 'engine.authentication',
      words: /pg_hba\.conf rejects connection for host .*no encryption/,
      meet: (database, work) => withPostgresRule(database, 'hostssl', work),
    },
  },
  mysql: {
    'an unknown database': {
      code: 'engine.missing-database',
      words: /Unknown database 'no_such_database'/,
      meet: unknownDatabase,
    },
    'a wrong password': {
      code: 'engine.authentication',
      words: /Access denied for user 'mig_test_\w+'/,
      meet: (database, work) =>
        withMysqlUser(database, 'usage on *.*', (url) => {
          const wrong = new URL(url)
          wrong.password = `${wrong.password}-no`
          return work(wrong.href)
        }),
    },
    'TLS demanded': {
      code: 'engine.authentication',
      words: /Access denied for user 'mig_test_\w+'/,
      meet: (database, work) =>
        withMysqlUser(database, `all privileges on \`${database.name}\`.*`, async (url) => {
          await database.query(`alter user '${new URL(url).username}'@'%' require ssl`)
          await work(url)
        }),
    },
  },
}

forEachEngine(
  (engine) => {
    for (const [what, { code, words, meet }] of Object.entries(refusals[engine.name as 'postgres' | 'mysql']))
      test(`${what}: the server’s reason and no URL`, async () => {
        const project = createProject({ files: drawn('aaaa') })
        const database = await engine.createDatabase()
        await meet(database, async (url) => {
          const { hostname, port, pathname } = new URL(url)
          for (const args of [
            ['upgrade', '--debug', '--connect-timeout', '0'],
            ['current', '--json'],
          ]) {
            const result = await project.run(args, { env: { MIG_DATABASE_URL: url } })
            const said = result.stdout + result.stderr
            expect({ code: result.code, said }).toEqual({ code: 8, said: expect.stringContaining(code) })
            expect(said.replaceAll('\\"', '"')).toMatch(words)
            expect(said).toContain(`${pathname.slice(1)} at ${hostname}:${port}`)
            expect(said).not.toMatch(/geheim|\w+:\/\//)
          }
        })
        expect(await allTables(engine.name, database)).toStrictEqual([])
      }, 60_000)
  },
  { only: ['postgres', 'mysql'] },
)
