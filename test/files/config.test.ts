// mig.config.ts: where it is found, what it may say, and who is heard first.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'
import { defineConfig } from '../../src/files/config-keys.js'
import { configNames, readConfig, type ConfigRequest } from '../../src/files/config.js'
import { readDatabaseSetting } from '../../src/files/knexfile.js'
import type { Importer } from '../../src/files/loader.js'
import { folderWith } from '../support/folder.js'
import { errorOfAsync, saidBy } from '../support/thrown.js'

/** Answers each import by the end of its path with a module's namespace; a function is called, to throw. */
function loaderOf(modules: Readonly<Record<string, object | ((file: string) => never)>> = {}): Importer {
  return {
    importModule(file) {
      const [, found] = Object.entries(modules).find(([name]) => file.endsWith(name)) ?? []
      if (found === undefined) throw new Error(`nobody was to import ${file}`)
      return Promise.resolve(typeof found === 'function' ? (found as (file: string) => never)(file) : found)
    },
  }
}

const read = (request: Partial<ConfigRequest>, loader = loaderOf()) =>
  readConfig({ cwd: request.cwd ?? folderWith(), env: {}, ...request }, loader)

/** What is said of a configuration that has mistakes. */
const mistakesOf = async (config: unknown) =>
  (await errorOfAsync(() => read({ config: config as object }))).diagnostics.map(
    ({ message, hint }) => `${message} ${hint ?? ''}`,
  )

test('without a configuration there are defaults', async () => {
  const cwd = folderWith()
  expect(await read({ cwd })).toEqual({
    root: cwd,
    file: null,
    environment: 'development',
    migrations: [join(cwd, 'migrations')],
    database: { setting: 'sqlite:./mig.sqlite3', source: 'default' },
    project: null,
    historyTable: 'mig_history',
    historySchema: null,
    fileTemplate: '{date}_{revision}_{slug}',
    template: null,
    timezone: 'UTC',
  })
})

test('every key is taken, and every path is from the configuration’s own folder', async () => {
  const cwd = folderWith({ 'mig.config.ts': '', 'deep/x': '' })
  const config = defineConfig({
    migrations: ['./a', 'b'],
    database: 'postgres://db/shop',
    historyTable: 'h',
    historySchema: 's',
    fileTemplate: '{revision}',
    template: './t.ts.tmpl',
    timezone: 'Europe/Vienna',
  })
  expect(
    await read(
      { cwd: join(cwd, 'deep'), config: '../mig.config.ts' },
      loaderOf({ 'mig.config.ts': { default: config } }),
    ),
  ).toEqual({
    root: cwd,
    file: join(cwd, 'mig.config.ts'),
    environment: 'development',
    migrations: [join(cwd, 'a'), join(cwd, 'b')],
    database: { setting: 'postgres://db/shop', source: 'config' },
    project: null,
    historyTable: 'h',
    historySchema: 's',
    fileTemplate: '{revision}',
    template: join(cwd, 't.ts.tmpl'),
    timezone: 'Europe/Vienna',
  })
})

describe('is sought', () => {
  const found = { default: { historyTable: 'found' } }

  test.each(configNames.filter((name) => !name.endsWith('json')))('as %s', async (name) => {
    expect((await read({ cwd: folderWith({ [name]: '' }) }, loaderOf({ [name]: found }))).historyTable).toBe('found')
  })

  test('as mig.config.json, also with a byte order mark', async () => {
    for (const mark of ['', '\uFEFF'])
      expect(
        (await read({ cwd: folderWith({ 'mig.config.json': `${mark}{ "historyTable": "found" }` }) })).historyTable,
      ).toBe('found')
  })

  test('TypeScript first', async () => {
    const cwd = folderWith({ 'mig.config.json': '{}', 'mig.config.js': '', 'mig.config.ts': '' })
    expect((await read({ cwd }, loaderOf({ 'mig.config.ts': found }))).file).toBe(join(cwd, 'mig.config.ts'))
  })

  test.each([
    ['up to the root of the repository', 'repo/.git/HEAD', 'repo/mig.config.ts', true],
    ['also when that root is a file', 'repo/.git', 'repo/mig.config.ts', true],
    ['not above it', 'repo/.git/HEAD', 'mig.config.ts', false],
    ['past a package within it', 'repo/.git/HEAD', 'repo/mig.config.ts', true],
    ['up to the nearest package outside of a repository', 'repo/package.json', 'repo/mig.config.ts', true],
    ['not above that', 'repo/package.json', 'mig.config.ts', false],
    ['nowhere but here without either', 'repo/other', 'repo/mig.config.ts', false],
  ])('%s', async (name, marker, config, isFound) => {
    const root = folderWith({ [marker]: '{}', [config]: '', 'repo/app/src/x': '' })
    if (name.startsWith('past')) mkdirSync(join(root, 'repo/app/package.json'))
    const { file, root: itsRoot } = await read(
      { cwd: join(root, 'repo/app/src') },
      loaderOf({ 'mig.config.ts': found }),
    )
    expect(file).toBe(isFound ? join(root, config) : null)
    if (isFound) expect(itsRoot).toBe(join(root, 'repo'))
  })

  test('one that was named must be there', async () => {
    const error = await errorOfAsync(() => read({ config: 'gone.config.ts' }))
    expect(error).toMatchObject({ code: 'config.not-found', exitCode: 2 })
    expect(saidBy(error)).toMatch(/no configuration file gone\.config\.ts\.[^]*--config[^]*mig init/)
  })
})

describe('may be', () => {
  const value = { historyTable: 'mine' }
  test.each([
    ['the default export', { default: value }],
    ['named exports', value],
    ['CommonJS', { default: value, 'module.exports': value }],
    ['CommonJS made of an ES module', { default: { default: value, __esModule: true } }],
    ['a function', { default: () => value }],
    ['a function that takes time', { default: () => Promise.resolve(value) }],
    ['a promise', { default: Promise.resolve(value) }],
    ['a function made into CommonJS', { default: { default: () => value, __esModule: true } }],
  ])('%s', async (_name, namespace) => {
    const cwd = folderWith({ 'mig.config.ts': '' })
    expect((await read({ cwd }, loaderOf({ 'mig.config.ts': namespace }))).historyTable).toBe('mine')
  })
})

describe('that throws is reported with its place', () => {
  const cwd = () => folderWith({ 'mig.config.ts': 'one\ntwo\nthree\n' })

  test('while it is loaded', async () => {
    const fail = (file: string) => {
      throw Object.assign(new Error('DATABASE_URL is not set'), { stack: `Error: x\n    at file://${file}:2:3` })
    }
    const error = await errorOfAsync(() => read({ cwd: cwd() }, loaderOf({ 'mig.config.ts': fail })))
    expect(error).toMatchObject({ code: 'config.failed', exitCode: 2, detail: '  1 | one\n  2 | two\n    |   ^' })
    expect(error.message).toBe('mig.config.ts:2:3 cannot be loaded: DATABASE_URL is not set')
  })

  test.each([
    [
      'as a function',
      {
        default: () => {
          throw new Error('no luck')
        },
      },
    ],
    ['as a function that takes time', { default: () => Promise.reject(new Error('no luck')) }],
  ])('%s', async (_name, namespace) => {
    const error = await errorOfAsync(() => read({ cwd: cwd() }, loaderOf({ 'mig.config.ts': namespace })))
    expect(saidBy(error)).toMatch(/^config\.failed: mig\.config\.ts cannot be loaded: no luck/)
  })

  test('as a promise', async () => {
    const promise = Promise.reject(new Error('no luck'))
    promise.catch(() => undefined)
    const error = await errorOfAsync(() => read({ cwd: cwd() }, loaderOf({ 'mig.config.ts': { default: promise } })))
    expect(error.code).toBe('config.failed')
  })

  test('what is no Error', async () => {
    const namespace = {
      default: () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- users may
        throw 'a text'
      },
    }
    expect((await errorOfAsync(() => read({ cwd: cwd() }, loaderOf({ 'mig.config.ts': namespace })))).message).toMatch(
      /: a text$/,
    )
  })

  test('JSON that is none', async () => {
    const error = await errorOfAsync(() => read({ cwd: folderWith({ 'mig.config.json': '{ "a": }' }) }))
    expect(saidBy(error)).toMatch(/^config\.failed: mig\.config\.json cannot be loaded: Unexpected token/)
  })
})

describe('mistakes', () => {
  test.each([
    [null, /exports null, not a configuration.*defineConfig/],
    [undefined, /exports nothing/],
    [[], /exports a list/],
    ['x', /exports a text/],
    [42, /exports a number/],
  ])('%j is no configuration', async (value, pattern) => {
    const error = await errorOfAsync(() =>
      read({ cwd: folderWith({ 'mig.config.ts': '' }) }, loaderOf({ 'mig.config.ts': { default: value } })),
    )
    expect(error.code).toBe('config.invalid')
    expect(saidBy(error).replace('\n', ' ')).toMatch(pattern)
  })

  test.each([
    [{ migrations: 1 }, /migrations is a number; expected a folder, or a list of folders/],
    [{ migrations: [] }, /migrations is a list/],
    [{ migrations: ['a', ''] }, /migrations is a list/],
    [{ migrations: ' ' }, /migrations is an empty text/],
    [{ database: 1 }, /database is a number; expected a URL, a Knex configuration/],
    [{ database: null }, /database is null/],
    [{ database: [] }, /database is a list/],
    [{ historyTable: '' }, /historyTable is an empty text; expected a name of 1 to 63 bytes/],
    [{ historyTable: 'x'.repeat(56) }, /expected a name of at most 55 bytes \(another table adds “_journal”\)/],
    [{ historyTable: 'ä'.repeat(28) }, /at most 55 bytes/],
    [{ historyTable: 'a\0b' }, /a name of 1 to 63 bytes/],
    [{ historySchema: 'x'.repeat(64) }, /historySchema is a text; expected a name of 1 to 63 bytes/],
    [{ fileTemplate: '{date}' }, /fileTemplate is a text; expected a file name with \{revision\} in it/],
    [{ fileTemplate: 'a/{revision}' }, /without folders/],
    [{ fileTemplate: '..\\{revision}' }, /without folders/],
    [{ template: true }, /template is true; expected the path of a template/],
    [{ timezone: 'Mars/Olympus' }, /timezone is a text; expected a time zone, like UTC or Europe\/Vienna/],
    [{ environments: [] }, /environments is a list; expected an object of named overrides/],
    [{ environments: { production: 'x' } }, /environments\.production is a text; expected an object of overrides/],
    [{ environments: { production: { historyTable: 1 } } }, /environments\.production\.historyTable is a number/],
    [{ environments: { production: { environments: {} } } }, /environments\.production\.environments is no key/],
    [{ migration: './m' }, /migration is no key of a configuration\. Did you mean migrations\?/],
    [{ enviroments: {} }, /Did you mean environments\?/],
    [{ zzzzzzzzz: 1 }, /The keys are: migrations, database, project, historyTable, /],
    [JSON.parse('{ "__proto__": { "historyTable": "x" } }'), /__proto__ is no key/],
    [JSON.parse('{ "constructor": 1 }'), /constructor is no key/],
  ])('%j', async (config, pattern) => {
    const said = await mistakesOf(config)
    expect(said).toEqual([expect.stringMatching(/^the configuration: /)])
    expect(said[0]).toMatch(pattern)
  })

  test('are reported all at once', async () => {
    const error = await errorOfAsync(() =>
      read({ config: { migrations: 1, historyTable: '', environments: { x: { timezone: 'no' } }, foo: 1 } as object }),
    )
    expect(error.message).toMatch(/^4 problems: .*\(and 3 more\)$/)
    expect(error.diagnostics).toHaveLength(4)
  })

  test('never show a value that may be a secret', async () => {
    expect(
      JSON.stringify(await mistakesOf({ database: ['postgres://u:hunter2@h'], timezone: 'hunter2' })),
    ).not.toContain('hunter2')
  })

  test.each([
    { historyTable: 'x'.repeat(55) },
    { historyTable: `x"; drop table users; --` },
    { migrations: undefined },
    { database: () => 'x' },
    { database: { client: 'pg' } },
  ])('%j is none', async (config) =>
    expect(await read({ config: config as object })).toMatchObject({ environment: 'development' }),
  )

  test('a __proto__ in JSON changes no other object', async () => {
    const cwd = folderWith({ 'mig.config.json': '{ "environments": { "__proto__": { "historyTable": "bad" } } }' })
    expect((await read({ cwd })).historyTable).toBe('mig_history')
    expect(({} as { historyTable?: string }).historyTable).toBeUndefined()
  })
})

describe('environments', () => {
  const config = {
    historyTable: 'shared',
    timezone: 'Europe/Vienna',
    environments: {
      development: { historyTable: 'dev' },
      production: { historyTable: 'prod', database: 'postgres://db/shop' },
    },
  }
  test.each([
    ['by default', {}, 'development', 'dev'],
    ['by --env', { environment: 'production' }, 'production', 'prod'],
    ['by MIG_ENV', { env: { MIG_ENV: 'production' } }, 'production', 'prod'],
    ['by --env before MIG_ENV', { environment: 'development', env: { MIG_ENV: 'production' } }, 'development', 'dev'],
    ['an empty MIG_ENV is none', { env: { MIG_ENV: '' } }, 'development', 'dev'],
  ])('%s', async (_name, request, environment, historyTable) => {
    expect(await read({ config, ...request })).toMatchObject({ environment, historyTable, timezone: 'Europe/Vienna' })
  })

  test('one that is not there is refused, with those that are', async () => {
    for (const request of [{ environment: 'staging' }, { env: { MIG_ENV: 'staging' } }, { environment: 'toString' }])
      expect(saidBy(await errorOfAsync(() => read({ config, ...request })))).toMatch(
        /^config\.invalid: the configuration has no environment “(staging|toString)”\.\nIt has: development, production\./,
      )
  })

  test('where a configuration has none, any name goes: a knexfile may know it', async () => {
    expect((await read({ config: {}, environment: 'staging' })).environment).toBe('staging')
  })
})

describe('the database is, first of all', () => {
  const env = { MIG_DATABASE_URL: 'mysql://mig', DATABASE_URL: 'mysql://any' }
  const config = { database: 'mysql://config' }
  test.each([
    ['--database-url', { databaseUrl: 'mysql://option', env, config }, 'mysql://option'],
    ['MIG_DATABASE_URL', { env, config }, 'mysql://mig'],
    ['config', { env: { ...env, MIG_DATABASE_URL: '' }, config }, 'mysql://config'],
    ['DATABASE_URL', { env: { DATABASE_URL: 'mysql://any' } }, 'mysql://any'],
    ['default', { env: { DATABASE_URL: '' } }, 'sqlite:./mig.sqlite3'],
  ])('%s', async (source, request, setting) => {
    expect((await read(request)).database).toEqual({ setting, source })
  })
})

describe('.env', () => {
  test('beside the configuration adds what is missing, and never overrides', async () => {
    const env = { DATABASE_URL: 'mysql://real', EMPTY: '' }
    const cwd = folderWith({
      '.env': `\uFEFFFIRST=1\nDATABASE_URL=mysql://file\nEMPTY=x\nMIG_ENV="staging"\n`,
      'mig.config.json': '{}',
      'sub/.env': 'SUB=1',
    })
    const { environment, database } = await read({ cwd, env })
    expect(environment).toBe('staging')
    expect(database.setting).toBe('mysql://real')
    expect(env).toEqual({ FIRST: '1', DATABASE_URL: 'mysql://real', EMPTY: '', MIG_ENV: 'staging' })
  })

  test('is there when the configuration is loaded', async () => {
    const env: Record<string, string> = {}
    const loader = loaderOf({ 'mig.config.ts': { default: () => ({ database: env['URL'] }) } })
    expect(
      (await read({ cwd: folderWith({ '.env': 'URL=mysql://x', 'mig.config.ts': '' }), env }, loader)).database.setting,
    ).toBe('mysql://x')
  })

  test('that is a folder is no .env', async () => {
    expect((await read({ cwd: folderWith({ '.env/x': '' }) })).environment).toBe('development')
  })
})

describe('a database setting leads to', () => {
  const pg = { client: 'pg', connection: 'postgres://db/shop' }
  const setting = async (
    database: unknown,
    modules: Parameters<typeof loaderOf>[0] = {},
    environment = 'development',
    files: Record<string, string> = {},
  ) => {
    const config = await read({ cwd: folderWith(files), config: { database } as object, environment })
    return readDatabaseSetting(config, loaderOf(modules))
  }

  test.each([
    ['a URL', 'postgres://db/shop', 'postgres://db/shop'],
    ['a Knex configuration', pg, pg],
    ['a function', () => pg, pg],
    ['a function that takes time', () => Promise.resolve('mysql://x'), 'mysql://x'],
    ['a SQLite file', 'sqlite:./x.ts', 'sqlite:./x.ts'],
  ])('%s', async (_name, database, expected) => expect(await setting(database)).toEqual(expected))

  const environments = { development: pg, production: { client: 'mysql2' } }
  test.each([
    ['as it is', { default: pg }, 'development', pg],
    ['named exports', pg, 'development', pg],
    ['environments', { default: environments }, 'development', pg],
    ['another environment', { default: environments }, 'production', { client: 'mysql2' }],
    ['CommonJS made of an ES module', { default: { default: environments } }, 'production', { client: 'mysql2' }],
    ['a function', { default: () => environments }, 'production', { client: 'mysql2' }],
    ['a function that takes time', { default: () => Promise.resolve(pg) }, 'development', pg],
    ['a promise', { default: Promise.resolve(pg) }, 'development', pg],
  ])('a knexfile: %s', async (_name, namespace, environment, expected) => {
    const file = { 'knexfile.ts': '' }
    expect(await setting('./knexfile.ts', { 'knexfile.ts': namespace }, environment, file)).toEqual(expected)
    expect(await setting(() => './knexfile.ts', { 'knexfile.ts': namespace }, environment, file)).toEqual(expected)
  })

  test('a knexfile of JSON', async () => {
    expect(
      await setting('./knexfile.json', {}, 'development', { 'knexfile.json': JSON.stringify(environments) }),
    ).toEqual(pg)
  })

  const throwing = (file: string) => {
    throw Object.assign(new Error('no luck'), { stack: `Error: no luck\n    at ${file}:2:1` })
  }
  test.each([
    [
      'another environment',
      { default: environments },
      'staging',
      /config\.invalid: \.\/knexfile\.ts has no client, and no environment “staging”\.\nIt has: development, production\./,
    ],
    ['nothing', {}, 'development', /config\.invalid: \.\/knexfile\.ts exports no Knex configuration/],
    ['null', { default: () => null }, 'development', /config\.invalid: \.\/knexfile\.ts exports no Knex configuration/],
    [
      'an error',
      throwing,
      'development',
      /config\.failed: The knexfile \.\/knexfile\.ts:2:1 cannot be loaded: no luck[^]* 2 \| two/,
    ],
  ])('a knexfile with %s is refused', async (_name, namespace, environment, pattern) => {
    const files = { 'knexfile.ts': 'one\ntwo\n' }
    expect(
      saidBy(await errorOfAsync(() => setting('./knexfile.ts', { 'knexfile.ts': namespace }, environment, files))),
    ).toMatch(pattern)
  })

  test.each([
    [
      () => undefined,
      /^config\.invalid: What the database function returned is undefined; expected a URL[^]*environment variable missing/,
    ],
    [() => null, /is null/],
    [() => 42, /is number/],
    [() => '', /is empty/],
    [
      () => {
        throw new Error('no vault')
      },
      /^config\.failed: The database function of the configuration threw: no vault/,
    ],
  ])('%p is refused', async (database, pattern) => {
    expect(saidBy(await errorOfAsync(() => setting(database)))).toMatch(pattern)
  })

  test('an empty --database-url is reported as such', async () => {
    const config = await read({ databaseUrl: '' })
    expect((await errorOfAsync(() => readDatabaseSetting(config, loaderOf()))).message).toMatch(
      /database URL of --database-url is empty/,
    )
  })
})
