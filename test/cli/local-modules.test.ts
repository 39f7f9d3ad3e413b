// What a migration imports belongs to it: a helper that changed after it was applied is a changed migration.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import { expect, test } from '@jest/globals'

import { repository } from '../support/program.js'
import { createProject } from '../support/project.js'
import { migration, rowsIn } from '../support/migrations.js'

const helper = `export const table: string = 'things'\nexport const extra = 1\n`
const importing = (from = './_things.js') =>
  migration('aaaa', null, {
    up: 'await knex.schema.createTable(table, (t) => { t.increments() })',
    down: 'await knex.schema.dropTable(table)',
  }).replace('import type', `import { table } from '${from}'\nimport type`)

const applied = async () => {
  const project = createProject({
    files: {
      'migrations/_things.ts': `import './deeper/more.js'\n${helper}`,
      'migrations/deeper/more.ts': 'export const more = 1\n',
      'migrations/a.ts': importing(),
    },
  })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  return project
}

test('the history keeps the modules, and null where there are none', async () => {
  const project = await applied()
  project.write('migrations/b.ts', migration('bbbb', 'aaaa'))
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0 })
  const [first, second] = rowsIn(project, 'select modules from mig_history order by serial') ?? []
  expect(JSON.parse(String(first?.modules))).toEqual({
    _things: `import './deeper/more.js'\n${helper}`,
    'deeper/more': 'export const more = 1\n',
  })
  expect(second).toEqual({ modules: null })
})

test('a helper that changed refuses the next run, with its name and its diff', async () => {
  const project = await applied()
  project.write('migrations/deeper/more.ts', 'export const more = 2\n')
  project.write('migrations/b.ts', migration('bbbb', 'aaaa'))
  const refused = await project.run(['upgrade'])
  expect(refused.code).toBe(5)
  expect(refused.stderr).toMatch(
    /aaaa .*\(migrations\/a\.ts\) imports migrations\/deeper\/more, and that has changed since/,
  )
  expect(refused.stderr).toContain(
    [
      '--- migrations/deeper/more',
      '+++ migrations/deeper/more',
      '@@ -1,1 +1,1 @@',
      '-export const more = 1',
      '+export const more = 2',
    ].join('\n'),
  )
  expect(refused.stderr).toMatch(/mig show aaaa --stored --json/)
  expect(await project.run(['upgrade', '--allow-changed'])).toMatchObject({ code: 0 })
})

test('a module that came or went is a change, and each changed file has its own diff', async () => {
  const project = await applied()
  project.write('migrations/_things.ts', `import './_new.js'\n${helper}`)
  project.write('migrations/_new.ts', 'export const fresh = 1\n')
  const { code, stdout, stderr } = await project.run(['check'])
  expect(code).toBe(7)
  const said = stdout + stderr
  expect(said).toMatch(/--- \/dev\/null\n\+\+\+ migrations\/_new\n@@ -0,0 \+1,1 @@\n\+export const fresh = 1/)
  expect(said).toMatch(/--- migrations\/_things\n\+\+\+ migrations\/_things\n@@/)
  expect(said).toMatch(/--- migrations\/deeper\/more\n\+\+\+ \/dev\/null\n@@ -1,1 \+0,0 @@\n-export const more = 1/)
  expect(said).not.toMatch(/--- migrations\/a\.ts/)
})

test('a helper that was only reformatted stops nothing', async () => {
  const project = await applied()
  project.write(
    'migrations/_things.ts',
    `// a remark\r\nimport "./deeper/more.js";\r\n${helper.replace(': string', '')}`,
  )
  project.write('migrations/b.ts', migration('bbbb', 'aaaa'))
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0 })
  const checked = await project.run(['check', '--json'])
  expect(checked.code).toBe(0)
  expect(JSON.parse(checked.stdout)).toMatchObject({ diagnostics: [{ code: 'history.reformatted' }] })
})

test('JSON that is written otherwise is the same, and other JSON is not', async () => {
  const project = createProject({
    files: {
      'data.json': '{ "table": "things" }',
      'migrations/a.ts': importing().replace(
        `import { table } from './_things.js'`,
        `import data from '../data.json'\nconst { table } = data`,
      ),
    },
  })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  project.write('data.json', '{\n  "table": "things"\n}\n')
  expect(await project.run(['check'])).toMatchObject({ code: 0 })
  project.write('data.json', '{ "table": "others" }')
  expect(await project.run(['check'])).toMatchObject({ code: 7 })
})

test('an edited helper is accepted, and shown as it was applied', async () => {
  const project = await applied()
  project.write('migrations/deeper/more.ts', `export const password = 'hunter2'\n`)
  expect(await project.run(['resolve', 'aaaa', '--accept', '--yes'])).toMatchObject({ code: 0 })
  expect(await project.run(['check'])).toMatchObject({ code: 0, stderr: '' })
  expect((await project.run(['show', 'aaaa', '--stored'])).stdout).toBe(project.read('migrations/a.ts'))
  const { stdout } = await project.run(['show', 'aaaa', '--stored', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    stored: project.read('migrations/a.ts'),
    modules: { _things: project.read('migrations/_things.ts'), 'deeper/more': `export const password = 'hunter2'\n` },
  })
})

test('a helper that is gone is reported by what loads it, and no fault of mig', async () => {
  const project = createProject({ files: { 'migrations/a.ts': importing() } })
  const { code, stderr } = await project.run(['upgrade'])
  expect(code).toBe(4)
  expect(stderr).toMatch(/cannot be loaded: .*_things.*\[graph\.bad-module\]/s)
})

test('with a helper too, .ts in development and compiled .js in production are one migration', async () => {
  const project = createProject({
    files: {
      'lib/things.ts': helper,
      'migrations/a.ts': importing('../lib/things.js'),
      'tsconfig.json': JSON.stringify({
        compilerOptions: { module: 'NodeNext', target: 'ES2022', outDir: 'dist', rootDir: '.', skipLibCheck: true },
        include: ['migrations', 'lib'],
      }),
      'mig.config.json': JSON.stringify({
        environments: { development: {}, production: { migrations: 'dist/migrations' } },
      }),
    },
  })
  execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: project.folder,
  })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  expect(await project.run(['check', '--env', 'production'])).toMatchObject({ code: 0 })
  expect(await project.run(['downgrade', 'base', '--env', 'production'])).toMatchObject({ code: 0 })
})
