// init: a project from nothing, and never over what is there.

import { expect, test } from '@jest/globals'

import { createProject } from '../support/project.js'
import { snapshot } from '../support/migrations.js'

test('a project begins: configuration, folder, template; the next command works', async () => {
  const project = createProject()
  const init = await project.run(['init'])
  expect(init).toMatchObject({ code: 0, stderr: '' })
  expect(init.stdout).toBe(
    'Wrote mig.config.ts\nWrote migrations/_template.ts.tmpl\n\nNext: mig generate -m "create users"\n',
  )
  const next = await project.run(['generate', '-m', 'create users'])
  expect(next).toMatchObject({ code: 0, stderr: '' })
  expect(await project.run(['check'])).toMatchObject({ code: 0, stderr: '' })
})

test.each(['mig.config.ts', 'mig.config.json', 'mig.config.cjs', 'migrations/_template.ts.tmpl'])(
  '%s is never overwritten, and nothing else is written then',
  async (path) => {
    const project = createProject({ files: { [path]: 'mine' } })
    const before = snapshot(project)
    const result = await project.run(['init'])
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain(`${path} is there already; nothing was written. [usage.file-exists]`)
    expect(snapshot(project)).toEqual(before)
  },
)

test('a folder with migrations in it is no obstacle', async () => {
  const project = createProject({ files: { 'migrations/notes.md': 'ours' } })
  expect(await project.run(['init', '--json'])).toMatchObject({ code: 0 })
  expect(project.read('migrations/notes.md')).toBe('ours')
})
