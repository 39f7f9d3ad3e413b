// --json: one JSON document on standard output and nothing else there, whatever happens.

import { expect, test } from '@jest/globals'

import { createProject } from '../support/project.js'
import { drawn, migration, writeBodies } from '../support/migrations.js'

interface Failure {
  error: {
    code: string
    exitCode: number
    message: string
    hint: string | null
    detail: string | null
    diagnostics: unknown[]
  }
}

test('every command answers with one document', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb, aaaa > cccc') })
  const steps: readonly (readonly [args: string[], keys: string[], code?: number])[] = [
    [
      ['generate', '-m', 'x', '--head', 'bbbb', '--rev-id', 'dddd'],
      ['revision', 'downRevisions', 'branchLabels', 'dependsOn', 'message', 'path', 'diagnostics'],
    ],
    [
      ['merge', '--rev-id', 'eeee'],
      ['revision', 'downRevisions', 'branchLabels', 'dependsOn', 'message', 'path', 'diagnostics'],
    ],
    [
      ['upgrade', '--dry-run'],
      ['place', 'from', 'to', 'steps', 'dryRun', 'durationMs', 'diagnostics'],
    ],
    [['upgrade'], ['place', 'from', 'to', 'steps', 'dryRun', 'durationMs', 'diagnostics']],
    [['current'], ['place', 'heads', 'pending', 'diagnostics']],
    [
      ['history', '--graph', '-v'],
      ['place', 'revisions', 'unknown', 'graph', 'diagnostics'],
    ],
    [['heads'], ['heads', 'diagnostics']],
    [['branches'], ['branches', 'diagnostics']],
    [
      ['show', 'head'],
      ['stored', 'revisions', 'diagnostics'],
    ],
    [['check'], ['revisions', 'heads', 'place', 'pending', 'diagnostics']],
    [
      ['downgrade', '-1', '--verbose'],
      ['place', 'from', 'to', 'steps', 'dryRun', 'durationMs', 'diagnostics'],
    ],
    [
      ['stamp', 'head'],
      ['place', 'from', 'to', 'steps', 'dryRun', 'durationMs', 'diagnostics'],
    ],
    [
      ['edit', 'head'],
      ['files', 'diagnostics'],
    ],
    [['init'], ['files']],
    [['--version'], ['version']],
    [['--help'], ['help']],
    [['upgrade', '--help'], ['help']],
    [['completion', 'bash'], ['completion']],
    [['upgrade', 'nope'], ['error'], 2],
    [['downgrade'], ['error'], 2],
    [['stamp'], ['error'], 2],
    [['generate'], ['error'], 2],
    [['merge'], ['error'], 2],
    [['show'], ['error'], 2],
    [['init'], ['error'], 2],
    [['resolve', 'aaaa', '--applied'], ['error'], 2],
    [['upgarde'], ['error'], 2],
    [['heads', '--nope'], ['error'], 2],
    [['heads', '--cwd', 'nowhere'], ['error'], 2],
    [['heads', '--config', 'nowhere.ts'], ['error'], 2],
    [['current', '--database-url', 'postgres://u:p@127.0.0.1:1/x'], ['error'], 8],
    [
      ['check', '--database-url', 'postgres://u:p@127.0.0.1:1/x'],
      ['revisions', 'heads', 'place', 'pending', 'diagnostics'],
      7,
    ],
  ]
  for (const [args, keys, code = 0] of steps) {
    writeBodies(project)
    const result = await project.run([...args, '--json'], { env: { EDITOR: 'true' } })
    expect({ args, code: result.code, stderr: result.stderr }).toEqual({ args, code, stderr: '' })
    const document = JSON.parse(result.stdout) as object
    expect({ args, keys: Object.keys(document) }).toEqual({ args, keys })
    if (keys[0] !== 'error') continue
    const { error } = document as Failure
    expect(Object.keys(error)).toEqual(['code', 'exitCode', 'message', 'hint', 'detail', 'diagnostics'])
    expect(error.exitCode).toBe(code)
    expect(error.hint).not.toBeNull()
    expect(error.diagnostics.length).toBeGreaterThan(0)
  }
})

test('it may stand before the command', async () => {
  const project = createProject({ files: drawn('aaaa') })
  const { code, stdout } = await project.run(['--json', 'upgrade'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ to: ['aaaa'] })
})

test('a migration that fails is an error with the place in its file', async () => {
  const project = createProject({
    files: { 'migrations/a.ts': migration('aaaa', null, { up: `await knex.raw('selec 1')` }) },
  })
  const { code, stdout, stderr } = await project.run(['upgrade', '--json'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  const { error } = JSON.parse(stdout) as Failure
  expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1, detail: expect.stringContaining('selec 1') })
  expect(error.diagnostics).toEqual([
    expect.objectContaining({ revision: 'aaaa', path: 'migrations/a.ts', line: 6, column: expect.any(Number) }),
  ])
})

test('a run that fails says what was applied before, what failed, and where the database stands', async () => {
  const broken = { up: `await knex.raw('selec 1')` }
  const project = createProject({
    files: {
      'migrations/a.ts': migration('aaaa', null),
      'migrations/b.ts': migration('bbbb', 'aaaa', broken),
      'migrations/c.ts': migration('cccc', 'bbbb'),
    },
  })
  const { code, stdout } = await project.run(['upgrade', '--json'])
  expect(code).toBe(1)
  const document = JSON.parse(stdout) as Failure & { steps: { revision: string; state: string }[] }
  expect(document).toMatchObject({
    error: { code: 'migration.failed' },
    place: { engine: 'sqlite' },
    from: [],
    to: ['aaaa'],
  })
  expect(document.steps.map(({ revision, state }) => `${revision} ${state}`)).toEqual([
    'aaaa done',
    'bbbb failed',
    'cccc pending',
  ])
})

test('one that stopped in the middle is where it stands', async () => {
  const half = {
    header: 'export const transaction = false',
    up: `await knex.schema.createTable('half', (t) => { t.integer('id') }); await knex.raw('selec 1')`,
  }
  const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null, half) } })
  const { code, stdout } = await project.run(['upgrade', '--json'])
  expect(code).toBe(6)
  expect(JSON.parse(stdout)).toMatchObject({
    from: [],
    to: ['aaaa'],
    steps: [{ revision: 'aaaa', state: 'unfinished' }],
  })
})

test('what a migration itself prints does not get into the document', async () => {
  const project = createProject({
    files: { 'migrations/a.ts': migration('aaaa', null, { up: `console.log('hello from a migration')` }) },
  })
  const { code, stdout, stderr } = await project.run(['upgrade', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ to: ['aaaa'] })
  expect(stderr).toBe('hello from a migration\n')
})
