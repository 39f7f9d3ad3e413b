// Where a setting comes from, and which one wins.

import { mkdirSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { createProject, type Project, type ProgramOptions } from '../support/project.js'
import { drawn } from '../support/migrations.js'

async function place(project: Project, args: string[] = [], env: ProgramOptions['env'] = {}) {
  const { stdout, stderr } = await project.run(['current', '--json', ...args], { env })
  const { place, error } = JSON.parse(stdout) as {
    place?: { database: string; environment: string }
    error?: { message: string }
  }
  expect(stderr).toBe('')
  return place === undefined ? error?.message : `${place.database} ${place.environment}`
}

test('flag › MIG_DATABASE_URL › configuration › DATABASE_URL › mig.sqlite3', async () => {
  const project = createProject({ files: drawn('aaaa') })
  expect(await place(project)).toBe('./mig.sqlite3 development')
  project.write('.env', 'DATABASE_URL=sqlite:dotenv.db\n')
  expect(await place(project)).toBe('dotenv.db development')
  expect(await place(project, [], { DATABASE_URL: 'sqlite:plain.db' })).toBe('plain.db development')
  project.write(
    'mig.config.ts',
    `export default { database: 'sqlite:config.db', environments: { test: { database: 'sqlite:test.db' }, empty: {} } }\n`,
  )
  expect(await place(project, [], { DATABASE_URL: 'sqlite:plain.db' })).toBe('config.db development')
  expect(await place(project, ['--env', 'test'])).toBe('test.db test')
  expect(await place(project, [], { MIG_ENV: 'test' })).toBe('test.db test')
  expect(await place(project, ['--env', 'empty'], { MIG_ENV: 'test' })).toBe('config.db empty')
  expect(await place(project, [], { MIG_DATABASE_URL: 'sqlite:env.db' })).toBe('env.db development')
  expect(await place(project, ['--database-url', 'sqlite:flag.db'], { MIG_DATABASE_URL: 'sqlite:env.db' })).toBe(
    'flag.db development',
  )
  expect(await place(project, ['--database-url=sqlite:flag.db'])).toBe('flag.db development')
  project.write('.env', 'MIG_DATABASE_URL=sqlite:dotenv.db\nMIG_ENV=test\n')
  expect(await place(project)).toBe('dotenv.db test')
  expect(await place(project, ['--env', 'nope'])).toMatch(/has no environment “nope”/)
  expect(await place(project, ['--database-url', ''])).toMatch(/The database URL of --database-url is empty/)
})

test('--config names a file, --cwd a folder, and mig works from a folder below', async () => {
  const project = createProject({
    files: {
      ...drawn('aaaa'),
      'mig.config.ts': `export default { database: 'sqlite:root.db' }\n`,
      'other/my.config.ts': `export default { migrations: '../migrations', database: 'sqlite:other.db' }\n`,
      'sub/package.json': '{}',
      'sub/migrations/.keep': '',
      'sub/mig.config.json': '{ "database": "sqlite:sub.db" }',
    },
  })
  mkdirSync(project.path('deep/er'), { recursive: true })
  expect(await place(project, ['--config', 'other/my.config.ts'])).toBe('other.db development')
  expect(await place(project, ['--cwd', 'sub'])).toBe('sub.db development')
  expect(await place(project, ['--cwd', 'deep/er'])).toBe('root.db development')
  expect(await place(project, ['--cwd', 'other', '--config', 'my.config.ts'])).toBe('other.db development')
  expect(await place(project, ['--config', 'nope.ts'])).toMatch(/no configuration file nope\.ts/)
  expect(await place(project, ['--cwd', 'nope'])).toMatch(/The folder nope cannot be entered: it does not exist/)
})

test('a knexfile, a function, a Knex configuration', async () => {
  const project = createProject({
    files: {
      ...drawn('aaaa'),
      'knexfile.ts': `export default { development: { client: 'better-sqlite3', connection: { filename: 'dev.db' } }, test: { client: 'sqlite3', connection: 'test.db' } }\n`,
    },
  })
  for (const [database, args, expected] of [
    [`'./knexfile.ts'`, [], 'dev.db development'],
    [`'./knexfile.ts'`, ['--env', 'test'], 'test.db test'],
    [`'./knexfile.ts'`, ['--env', 'nope'], /no environment “nope”/],
    [`'./nope.ts'`, [], /nope\.ts cannot be (loaded|read)/],
    [`async () => 'sqlite:called.db'`, [], 'called.db development'],
    [`() => ({ client: 'better-sqlite3', connection: { filename: 'knex.db' } })`, [], 'knex.db development'],
    [`() => process.env.NOT_SET`, [], /is undefined; expected a URL or a Knex configuration/],
    [`() => ''`, [], /expected a URL|is empty/],
    [`() => { throw new Error('vault is sealed') }`, [], /threw: vault is sealed/],
  ] as const) {
    project.write('mig.config.ts', `export default { database: ${database} }\n`)
    const found = await place(project, [...args])
    if (typeof expected === 'string') expect(found).toBe(expected)
    else expect(found).toMatch(expected)
  }
})
