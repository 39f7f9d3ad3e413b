// A migrations folder that everyone can write: each command that opens the project says so, and none stops for it.

import { chmodSync } from 'node:fs'

import { expect, test } from '@jest/globals'

import { createProject } from '../support/project.js'
import { migration } from '../support/migrations.js'

const testModes = process.platform === 'win32' ? test.skip : test

testModes.each([
  [['upgrade']],
  [['stamp', 'head']],
  [['current']],
  [['history']],
  [['heads']],
  [['branches']],
  [['show', 'head']],
  [['check', '--offline']],
  [['generate', '-m', 'more']],
])('%j', async (args) => {
  const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null) } })
  chmodSync(project.path('migrations'), 0o777)
  const { code, stderr } = await project.run(args)
  expect(code).toBe(0)
  expect(stderr.match(/graph\.world-writable/g)).toHaveLength(1)
  expect(stderr).toMatch(/! Every user of this machine can write migrations; .*\n→ chmod o-w migrations/)
})
