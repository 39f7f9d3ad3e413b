// What is public, and that a program can use it as a person uses the terminal.

import { execFileSync } from 'node:child_process'

import { expect, test } from '@jest/globals'

import * as api from '../src/index.js'
import { createProject } from './support/project.js'
import { appliedIn, drawn, migration } from './support/migrations.js'

const commands = [
  ...['branches', 'check', 'current', 'downgrade', 'edit', 'generate', 'heads'],
  ...['history', 'init', 'lock', 'log', 'merge', 'resolve', 'show', 'stamp', 'upgrade'],
]
const errors = [
  ...['EngineError', 'GraphError', 'HistoryError', 'InternalError', 'InterruptedError', 'LockError', 'MigError'],
  ...['MigrationError', 'PartialError', 'UsageError'],
]

test('the exports are these and no others', () => {
  expect(Object.keys(api).sort()).toEqual([...commands, ...errors, 'defineConfig'].sort())
})

test.each(['module', 'commonjs'] as const)('each command is a function for a %s program', (type) => {
  const script = `
    import * as mig from 'knex-mig'
    import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
    const out = {}
    const events = []
    const onEvent = (event) => events.push(event.kind)
    const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name)).join()
    const before = listeners()
    out.init = (await mig.init()).files
    out.generate = (await mig.generate({ message: 'create users', revId: 'aaaa' })).path.slice(-20)
    await mig.generate({ message: 'left', revId: 'bbbb' })
    await mig.generate({ message: 'right', revId: 'cccc', head: ['aaaa'], splice: true, branchLabel: ['right'] })
    out.heads = (await mig.heads()).heads.map(({ revision }) => revision)
    out.branches = (await mig.branches()).branches.map(({ at }) => at.revision)
    out.merge = (await mig.merge({ message: 'both', revId: 'dddd' })).downRevisions
    for (const name of readdirSync('migrations').filter((name) => name.endsWith('.ts'))) {
      const path = 'migrations/' + name
      writeFileSync(path, readFileSync(path, 'utf8').replace('// await', 'await knex.raw("select 1") //'))
    }
    out.upgrade = (await mig.upgrade({ onEvent })).to
    out.current = (await mig.current()).heads.map(({ revision }) => revision)
    out.history = (await mig.history({ range: 'right:' })).revisions.map(({ revision }) => revision)
    out.show = (await mig.show({ revision: 'head' })).revisions[0].status
    out.downgrade = (await mig.downgrade({ target: '-2' })).to
    out.stamp = (await mig.stamp({ targets: ['head'] })).to
    out.check = (await mig.check({ heads: 1 })).diagnostics
    process.env.EDITOR = 'true'
    out.edit = (await mig.edit({ revision: 'dddd' })).files.length
    out.resolve = await mig.resolve({ revision: 'dddd', applied: true }).catch((error) => [error instanceof mig.UsageError, error.code, error.exitCode])
    out.config = (await mig.current({ config: mig.defineConfig({ database: 'sqlite:other.sqlite3' }) })).pending
    const controller = new AbortController()
    controller.abort()
    out.aborted = await mig.downgrade({ target: 'base', signal: controller.signal }).catch((error) => [error.code, error.exitCode])
    out.events = [...new Set(events)]
    out.listeners = before === listeners()
    out.exitCode = process.exitCode
    console.log(JSON.stringify(out))
  `
  const project = createProject({ type, files: { 'script.mjs': script } })
  const output = execFileSync(process.execPath, ['script.mjs'], {
    cwd: project.folder,
    encoding: 'utf8',
    env: { ...process.env, MIG_DATABASE_URL: '', DATABASE_URL: '' },
  })
  expect(JSON.parse(output)).toEqual({
    init: ['mig.config.ts', 'migrations/_template.ts.tmpl'],
    generate: 'aaaa_create_users.ts',
    heads: ['bbbb', 'cccc'],
    branches: ['aaaa'],
    merge: ['bbbb', 'cccc'],
    upgrade: ['dddd'],
    current: ['dddd'],
    history: ['dddd', 'cccc'],
    show: 'current',
    downgrade: ['bbbb'],
    stamp: ['dddd'],
    check: [],
    edit: 1,
    resolve: [true, 'usage.not-unfinished', 2],
    config: 4,
    aborted: ['interrupted.signal', 130],
    events: ['database', 'plan', 'step-started', 'statement', 'step-finished'],
    listeners: true,
  })
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb', 'cccc', 'dddd'])
})

test('two runs in one process wait for each other; a failure is an error with its cause', () => {
  const script = `
    import { upgrade } from 'knex-mig'
    const both = await Promise.all([upgrade({ target: 'aaaa' }), upgrade({ target: 'aaaa' })])
    console.log(both.map(({ to }) => to.join()).join(' '))
    const error = await upgrade().catch((error) => error)
    console.log(error.name, error.code, error.exitCode, error.cause instanceof Error, error.diagnostics[0].line)
  `
  const project = createProject({
    files: {
      'script.mjs': script,
      ...drawn('aaaa'),
      'migrations/b.ts': migration('bbbb', 'aaaa', { up: `throw new Error('no')` }),
    },
  })
  const output = execFileSync(process.execPath, ['script.mjs'], { cwd: project.folder, encoding: 'utf8' })
  expect(output).toBe('aaaa aaaa\nMigrationError migration.failed 1 true 6\n')
})
