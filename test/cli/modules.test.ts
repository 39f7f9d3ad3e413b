// Whatever a project is written in, its migrations load: and are the same migration wherever they lie.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import { repository } from '../support/program.js'
import { createProject } from '../support/project.js'
import { appliedIn, migration, rowsIn, writeBodies } from '../support/migrations.js'

const helper = `export enum Kind { Book = 'book', Movie = 'movie' }\nexport const table: string = 'things'\n`
const body = `await knex.schema.createTable(table, (t) => { t.increments(); t.string('kind').defaultTo(Kind.Movie) })`

/** An ES module in TypeScript, importing `from`. */
const importing = (revision: string, from: string, more = '') =>
  migration(revision, null, { up: `${body}${more}`, down: 'await knex.schema.dropTable(table)' }).replace(
    `import type`,
    `import { Kind, table } from '${from}'\nimport type`,
  )

const esmJs = (revision: string, parent: string | null, extra = '') =>
  `export const revision = '${revision}'\nexport const downRevision = ${JSON.stringify(parent)}\nexport async function up(knex) { await knex.schema.createTable('t_${revision}', (t) => { t.increments() })${extra} }\nexport async function down(knex) { await knex.schema.dropTable('t_${revision}') }\n`

const cjsJs = (revision: string, parent: string | null) =>
  `/** made with require */\nconst { hostname } = require('node:os')\nmodule.exports = {\n  revision: '${revision}',\n  downRevision: ${JSON.stringify(parent)},\n  async up(knex) { await knex.schema.createTable('t_${revision}', (t) => { t.string('host').defaultTo(hostname()) }) },\n  async down(knex) { await knex.schema.dropTable('t_${revision}') },\n}\n`

const tsconfig = JSON.stringify({
  compilerOptions: {
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    target: 'ES2022',
    strict: true,
    baseUrl: '.',
    paths: { '@lib/*': ['./lib/*'] },
  },
})

test.each([
  [
    'an ES module package, TypeScript, no tsconfig',
    'module',
    { 'migrations/_things.ts': helper, 'migrations/a.ts': importing('aaaa', './_things.js') },
  ],
  [
    'imports with .ts',
    'module',
    { 'migrations/_things.ts': helper, 'migrations/a.ts': importing('aaaa', './_things.ts') },
  ],
  [
    'a path alias',
    'module',
    { 'tsconfig.json': tsconfig, 'lib/things.ts': helper, 'migrations/a.ts': importing('aaaa', '@lib/things.js') },
  ],
  [
    'import.meta and top-level await',
    'module',
    {
      'migrations/_things.ts': helper,
      'migrations/a.ts': `import { readFile } from 'node:fs/promises'\nconst own = await readFile(new URL(import.meta.url), 'utf8')\n${importing('aaaa', './_things.js', `; if (!own.includes('aaaa')) throw new Error('not me')`)}`,
    },
  ],
  [
    'a CommonJS package, TypeScript, no tsconfig',
    'commonjs',
    { 'migrations/_things.ts': helper, 'migrations/a.ts': importing('aaaa', './_things') },
  ],
  [
    'a CommonJS package, a path alias',
    'commonjs',
    { 'tsconfig.json': tsconfig, 'lib/things.ts': helper, 'migrations/a.ts': importing('aaaa', '@lib/things') },
  ],
  [
    'require in TypeScript',
    'commonjs',
    {
      'migrations/_things.ts': helper,
      'migrations/a.ts': importing('aaaa', './_things').replace(
        `import { Kind, table } from './_things'`,
        `const { Kind, table } = require('./_things') as typeof import('./_things')`,
      ),
    },
  ],
  [
    'export default',
    'module',
    {
      'migrations/_things.ts': helper,
      'migrations/a.ts': `import { Kind, table } from './_things.js'\nimport type { Knex } from 'knex'\nexport default {\n  revision: 'aaaa',\n  downRevision: null,\n  async up(knex: Knex) { ${body} },\n  async down(knex: Knex) { await knex.schema.dropTable(table) },\n}\n`,
    },
  ],
  [
    'a CommonJS package, .mts',
    'commonjs',
    { 'migrations/_things.mts': helper, 'migrations/a.mts': importing('aaaa', './_things.mjs') },
  ],
  [
    'an ES module package, .cts',
    'module',
    { 'migrations/_things.cts': helper, 'migrations/a.cts': importing('aaaa', './_things.cjs') },
  ],
] as const)('%s', async (_what, type, files) => {
  const project = createProject({ type, files, folderName: 'Grüße an Ada & Bob' })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  expect(rowsIn(project, `select dflt_value from pragma_table_info('things') where name = 'kind'`)).toEqual([
    { dflt_value: `'movie'` },
  ])
  expect(await project.run(['downgrade', 'base'])).toMatchObject({ code: 0, stderr: '' })
  expect(appliedIn(project)).toEqual([])
})

test.each(['module', 'commonjs'] as const)('JavaScript of both kinds in a %s package', async (type) => {
  const project = createProject({
    type,
    files: {
      'migrations/a.mjs': esmJs('aaaa', null),
      'migrations/b.cjs': cjsJs('bbbb', 'aaaa'),
      'migrations/c.js': type === 'module' ? esmJs('cccc', 'bbbb') : cjsJs('cccc', 'bbbb'),
    },
  })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb', 'cccc'])
  expect(await project.run(['downgrade', 'base'])).toMatchObject({ code: 0, stderr: '' })
})

test.each([
  [
    'mig.config.ts',
    'module',
    `import { defineConfig } from 'knex-mig'\nexport default defineConfig({ migrations: 'x y/ü' })\n`,
  ],
  [
    'mig.config.mts',
    'commonjs',
    `import { defineConfig } from 'knex-mig'\nexport default defineConfig({ migrations: 'x y/ü' })\n`,
  ],
  ['mig.config.cts', 'module', `module.exports = { migrations: 'x y/ü' }\n`],
  [
    'mig.config.ts',
    'commonjs',
    `import { defineConfig } from 'knex-mig'\nexport default defineConfig({ migrations: 'x y/ü' })\n`,
  ],
  ['mig.config.js', 'module', `export default async () => ({ migrations: ['x y/ü'] })\n`],
  ['mig.config.js', 'commonjs', `module.exports = { migrations: 'x y/ü' }\n`],
  ['mig.config.mjs', 'commonjs', `export default { migrations: 'x y/ü' }\n`],
  ['mig.config.cjs', 'module', `exports.migrations = 'x y/ü'\n`],
  ['mig.config.json', 'module', `{ "migrations": "x y/ü" }\n`],
] as const)('the configuration %s in a %s package', async (name, type, text) => {
  const project = createProject({ type, files: { [name]: text, 'x y/ü/a.mjs': esmJs('aaaa', null) } })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  expect(appliedIn(project)).toEqual(['aaaa'])
})

test('.ts in development and compiled .js in production are one migration', async () => {
  const project = createProject({
    files: {
      'migrations/20260101000000_aaaa_one.ts': migration('aaaa', null),
      'migrations/20260102000000_bbbb_two.ts': migration('bbbb', 'aaaa', {
        header: `export const branchLabels = ['main'] as const`,
      }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module: 'NodeNext',
          target: 'ES2022',
          outDir: 'dist',
          rootDir: '.',
          skipLibCheck: true,
          types: ['node'],
        },
        include: ['migrations'],
      }),
      'mig.config.json': JSON.stringify({
        environments: { development: {}, production: { migrations: 'dist/migrations' } },
      }),
    },
  })
  execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: project.folder,
  })
  expect(await project.run(['upgrade', 'aaaa'])).toMatchObject({ code: 0, stderr: '' })
  const production = await project.run(['upgrade', '--env', 'production'])
  expect(production).toMatchObject({ code: 0, stderr: '' })
  expect(production.stdout).toMatch(/Applying 1 revision:/)
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb'])
  expect(await project.run(['check'])).toMatchObject({ code: 0 })
  expect(await project.run(['check', '--env', 'production'])).toMatchObject({ code: 0 })
  expect(await project.run(['downgrade', 'base', '--env', 'production'])).toMatchObject({ code: 0 })
  expect(await project.run(['downgrade', 'base', '--env', 'production'])).toMatchObject({ code: 0, stderr: '' })
})

test('several folders are one graph; a new file goes into the first', async () => {
  const project = createProject({
    files: {
      'one/a.ts': migration('aaaa', null),
      'two/b.ts': migration('bbbb', 'aaaa'),
      'mig.config.json': JSON.stringify({ migrations: ['./one', './two'] }),
    },
  })
  expect((await project.run(['generate', '-m', 'c', '--rev-id', 'cccc'])).stdout).toMatch(
    /^Wrote one\/\d+_cccc_c\.ts\nRevision cccc, on bbbb\./,
  )
  writeBodies(project, 'one')
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0 })
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb', 'cccc'])
})

test('what lies beside migrations is left alone, and only what runs is imported', async () => {
  const project = createProject({
    files: {
      'migrations/a.ts': migration('aaaa', null),
      'migrations/b.ts': `throw new Error('imported')\n${migration('bbbb', 'aaaa')}`,
      'migrations/_helper.ts': `throw new Error('imported')\n`,
      'migrations/.hidden.ts': 'not even a module (',
      'migrations/a.test.ts': 'not even a module (',
      'migrations/a.d.ts': 'export declare const x: number\n',
      'migrations/a.ts.map': '{}',
      'migrations/a.ts~': 'an old version',
      'migrations/README.md': 'about',
      'migrations/deeper/c.ts': migration('cccc', 'bbbb'),
    },
  })
  expect(await project.run(['upgrade', 'aaaa'])).toMatchObject({ code: 0, stderr: '' })
  expect(await project.run(['history'])).toMatchObject({ code: 0, stderr: '' })
  const failed = await project.run(['upgrade'])
  expect(failed.code).toBe(4)
  expect(failed.stderr).toMatch(/bbbb \(migrations\/b\.ts:1:7\) cannot be loaded: imported \[graph\.bad-module\]/)
})

test('line ends, a byte order mark and comments change nothing', async () => {
  const project = createProject({
    files: { 'migrations/a.ts': migration('aaaa', null), 'migrations/b.ts': migration('bbbb', 'aaaa') },
  })
  await project.run(['upgrade', 'aaaa'])
  project.write('migrations/a.ts', `\uFEFF${migration('aaaa', null).replaceAll('\n', '\r\n')}\r\n\r\n`)
  expect(await project.run(['upgrade', 'bbbb'])).toMatchObject({ code: 0, stderr: '' })
  project.write('migrations/a.ts', `// a remark\n${migration('aaaa', null)}`)
  expect((await project.run(['check'])).code).toBe(0)
})
