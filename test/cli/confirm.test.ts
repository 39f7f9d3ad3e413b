// The question before something is written, in a terminal: what it says when it is answered, and when it is not.

import { spawn } from 'node:child_process'

import { expect, test } from '@jest/globals'

import { migration, rowsIn } from '../support/migrations.js'
import { programPath } from '../support/program.js'
import { createProject, type Project } from '../support/project.js'

/** A folder whose one migration stopped in the middle. */
async function unfinished(): Promise<Project> {
  const up = `await knex.schema.createTable('t', (t) => { t.increments() }); throw new Error('on purpose')`
  const project = createProject({
    files: {
      'migrations/a.ts': migration('aaaa', null, { up }).replace(
        'export async',
        'export const transaction = false\nexport async',
      ),
    },
  })
  expect(await project.run(['upgrade'])).toMatchObject({ code: 6 })
  return project
}

/** `script` (bsdutils) gives the program a terminal; its exit code is that of the program. */
async function asked(project: Project, keys: string): Promise<{ readonly code: unknown; readonly said: string }> {
  const line = `exec ${process.execPath} ${programPath} resolve aaaa --applied`
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: project.folder,
    env: { ...process.env, TERM: 'dumb' },
  })
  let said = ''
  let isAnswered = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (isAnswered || !said.includes('[y/N]')) return
    isAnswered = true
    child.stdin.write(keys)
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, said }
}

const testWithTerminal = process.platform === 'linux' ? test : test.skip

testWithTerminal.each([
  ['y', 'y\r', 0, /aaaa.*applied/],
  ['n', 'n\r', 2, /[Nn]othing was (written|changed)/],
  ['Ctrl+C', '\x03', 130, /Stopped by SIGINT\. Nothing was written\./],
  ['Ctrl+D', '\x04', 2, /The question was not answered\. Nothing was written\./],
])('answered with %s', async (_name, keys, code, says) => {
  const project = await unfinished()
  expect(await asked(project, keys)).toEqual({ code, said: expect.stringMatching(says) })
  expect(rowsIn(project, 'select state from mig_history')).toEqual([{ state: code === 0 ? 'applied' : 'running' }])
})
