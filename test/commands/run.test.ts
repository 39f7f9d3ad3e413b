// upgrade, downgrade, stamp and merge, as they are typed.

import { expect, test } from '@jest/globals'

import { createProject } from '../support/project.js'
import { appliedIn, drawn, migration, rowsIn, snapshot } from '../support/migrations.js'

test('upgrade goes to its target, and never down', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb > cccc > dddd') })
  for (const [target, applied, said] of [
    ['+1', ['aaaa'], /Now at head aaaa/],
    ['bbbb', ['aaaa', 'bbbb'], /Now at head bbbb/],
    ['aaaa', ['aaaa', 'bbbb'], /Already at head bbbb/],
    ['ccc', ['aaaa', 'bbbb', 'cccc'], /Now at head cccc/],
    ['heads', ['aaaa', 'bbbb', 'cccc', 'dddd'], /Now at head dddd/],
    ['head', ['aaaa', 'bbbb', 'cccc', 'dddd'], /Already at head dddd/],
  ] as const) {
    const result = await project.run(['upgrade', target])
    expect({ target, code: result.code, stderr: result.stderr }).toEqual({ target, code: 0, stderr: '' })
    expect(result.stdout).toMatch(said)
    expect(appliedIn(project)).toEqual(applied)
  }
})

test('two heads: head is refused with both and the ways out, heads applies all, merge joins', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb, aaaa > cccc') })
  const refused = await project.run(['upgrade'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/bbbb make bbbb/)
  expect(refused.stderr).toMatch(/cccc make cccc/)
  expect(refused.stderr).toMatch(/use `heads`/)
  expect(refused.stderr).toMatch(/mig merge/)
  expect(appliedIn(project)).toBeNull()
  expect(await project.run(['upgrade', 'heads'])).toMatchObject({ code: 0 })
  const merged = await project.run(['merge', '--rev-id', 'dddd', '--branch-label', 'trunk'])
  expect(merged.stdout).toMatch(
    /^Wrote migrations\/\d{14}_dddd_merge_bbbb_and_cccc\.ts\nRevision dddd, on bbbb and cccc\.\n$/,
  )
  expect((await project.run(['upgrade', 'trunk@head'])).stdout).toMatch(/Now at head dddd/)
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb', 'cccc', 'dddd'])
  expect((await project.run(['downgrade', '-1'])).stdout).toMatch(/Now at heads bbbb, cccc/)
})

test.each([
  ['one head', drawn('aaaa > bbbb'), [], /nothing to merge: only bbbb/],
  ['no migration', { 'migrations/.keep': '' }, [], /nothing to merge: no head/],
  ['an ancestor', drawn('aaaa > bbbb'), ['aaaa', 'bbbb'], /bbbb depends on aaaa already/],
  ['the same twice', drawn('aaaa > bbbb, aaaa > cccc'), ['bbbb', 'bbbb'], /nothing to merge: only bbbb/],
  ['an unknown one', drawn('aaaa > bbbb, aaaa > cccc'), ['bbbb', 'zzzz'], /“zzzz”/],
])('merge of %s is refused', async (_what, files, args, message) => {
  const project = createProject({ files })
  const before = snapshot(project)
  const result = await project.run(['merge', ...args])
  expect(result).toMatchObject({ code: 2, stdout: '' })
  expect(result.stderr).toMatch(message)
  expect(snapshot(project)).toEqual(before)
})

test('downgrade requires a target, and goes down in the reverse order', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb > cccc > dddd') })
  await project.run(['upgrade'])
  const before = snapshot(project)
  const refused = await project.run(['downgrade'])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toMatch(/requires a target.*\n.*mig downgrade -1/)
  expect(await project.run(['downgrade', '-2', '--dry-run'])).toMatchObject({
    code: 0,
    stdout: [
      'SQLite ./mig.sqlite3 (development)',
      'Would take down 2 revisions:',
      '  - dddd  make dddd',
      '  - cccc  make cccc',
      '',
      'It would then be at head bbbb. Nothing was changed.',
      '',
    ].join('\n'),
  })
  expect(snapshot(project)).toEqual(before)
  expect((await project.run(['downgrade', '-2'])).stdout).toMatch(/Now at head bbbb/)
  expect((await project.run(['downgrade', 'aaaa'])).stdout).toMatch(/Now at head aaaa/)
  expect((await project.run(['downgrade', 'base'])).stdout).toMatch(/Now at base \(nothing applied\)/)
  expect(appliedIn(project)).toEqual([])
  expect(rowsIn(project, `select name from sqlite_master where name like 't_%'`)).toEqual([])
})

test('a revision that cannot be undone stops a downgrade before it begins', async () => {
  const project = createProject({
    files: {
      ...drawn('aaaa'),
      'migrations/b.js': `export const revision = 'bbbb'\nexport const downRevision = 'aaaa'\nexport const irreversible = 'the column is gone'\nexport const empty = true\nexport async function up() {}\n`,
      'migrations/c.ts': migration('cccc', 'bbbb'),
    },
  })
  await project.run(['upgrade'])
  const result = await project.run(['downgrade', 'base'])
  expect(result.code).toBe(1)
  expect(result.stderr).toMatch(
    /bbbb b cannot be undone: the column is gone|bbbb.*cannot be undone: the column is gone/,
  )
  expect(result.stderr).toMatch(/mig downgrade bbbb/)
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb', 'cccc'])
})

test('stamp marks without running; base forgets, purge begins anew', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb, aaaa > cccc') })
  const stamped = async (...args: string[]) => {
    const { code, stderr } = await project.run(['stamp', ...args])
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
    return appliedIn(project)
  }
  expect(await stamped('bbbb', 'cccc', '--dry-run')).toBeNull()
  expect(await stamped('bbbb', 'cccc')).toEqual(['aaaa', 'bbbb', 'cccc'])
  expect(rowsIn(project, `select name from sqlite_master where name like 't_%'`)).toEqual([])
  expect(rowsIn(project, 'select distinct origin from mig_history')).toEqual([{ origin: 'stamp' }])
  expect(await stamped('base')).toEqual([])
  expect(await stamped('heads')).toEqual(['aaaa', 'bbbb', 'cccc'])
  expect(await stamped('--purge', 'aaaa')).toEqual(['aaaa'])
  const both = await project.run(['stamp', 'aaaa', 'bbbb'])
  expect(both.code).toBe(2)
  expect(both.stderr).toMatch(/bbbb depends on aaaa/)
  expect((await project.run(['stamp', 'aaaa'])).stdout).toMatch(/Nothing to mark: already at head aaaa/)
})

test('a remark is shown once: on the standard error, while the run goes on', async () => {
  const project = createProject({
    files: {
      'migrations/a.ts': migration('aaaa', null, { up: 'void knex' }).replace('; export const empty = true', ''),
    },
  })
  const { code, stdout, stderr } = await project.run(['upgrade'])
  expect({ code, told: stderr.match(/migration\.nothing-done/g) }).toEqual({
    code: 0,
    told: ['migration.nothing-done'],
  })
  expect(stdout).not.toMatch(/nothing-done/)
})

test('a failed migration stops the run; what came before stays, and the next run goes on', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb > cccc') })
  const good = project.read('migrations/002_bbbb.ts')
  project.write(
    'migrations/002_bbbb.ts',
    migration('bbbb', 'aaaa', {
      up: `await knex.schema.createTable('half', (t) => { t.increments() }); await knex.raw('select * from nowhere')`,
    }),
  )
  const failed = await project.run(['upgrade'], { env: { LC_ALL: 'C.UTF-8' } })
  expect(failed.code).toBe(1)
  expect(failed.stdout).toMatch(/✓ aaaa.*\n✗ bbbb/)
  expect(failed.stderr).toMatch(/The upgrade of bbbb make bbbb failed: no such table: nowhere/)
  expect(failed.stderr).toMatch(/the database is at aaaa\. \[migration\.failed\]/)
  expect(failed.stderr).toMatch(/migrations\/002_bbbb\.ts:6:\d+\n/)
  expect(failed.stderr).toMatch(/ {2}select \* from nowhere/)
  expect(failed.stderr).toMatch(/→ Fix migrations\/002_bbbb\.ts and run the same command again/)
  expect(failed.stderr).not.toMatch(/node_modules|^ +at /m)
  expect(appliedIn(project)).toEqual(['aaaa'])
  expect(rowsIn(project, `select name from sqlite_master where name = 'half'`)).toEqual([])
  project.write('migrations/002_bbbb.ts', good)
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb', 'cccc'])
  const debug = await project.run(['upgrade', 'nope', '--debug'])
  expect(debug.stderr).toMatch(/^ +at /m)
})

test('changed and unknown revisions are refused with the evidence, and passed knowingly', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb > cccc') })
  await project.run(['upgrade', 'bbbb'])
  project.write('migrations/001_aaaa.ts', project.read('migrations/001_aaaa.ts').replace('t_aaaa', 't_other'))
  const changed = await project.run(['upgrade'])
  expect(changed.code).toBe(5)
  expect(changed.stderr).toMatch(/aaaa make aaaa \(migrations\/001_aaaa\.ts\) has changed since it was applied/)
  expect(changed.stderr).toMatch(/^-.*t_aaaa.*\n\+.*t_other/m)
  expect(changed.stderr).toMatch(/--allow-changed/)
  expect(appliedIn(project)).toEqual(['aaaa', 'bbbb'])
  expect(await project.run(['check'])).toMatchObject({ code: 7 })
  expect(await project.run(['upgrade', '--allow-changed'])).toMatchObject({ code: 0 })

  const other = createProject({ files: drawn('aaaa > cccc') })
  const database = ['--database-url', `sqlite:${project.path('mig.sqlite3')}`]
  const unknown = await other.run(['upgrade', ...database])
  expect(unknown.code).toBe(5)
  expect(unknown.stderr).toMatch(/bbbb make bbbb {2}\(applied \S+ by \S+@/)
  expect((await other.run(['history', ...database])).stdout).toMatch(/unknown {2}bbbb make bbbb/)
  const foreign = createProject({ files: drawn('dddd') })
  const wrong = await foreign.run(['upgrade', ...database])
  expect(wrong.code).toBe(5)
  expect(wrong.stderr).toMatch(/history\.wrong-project/)
  expect(await foreign.run(['upgrade', '--allow-unknown', ...database])).toMatchObject({ code: 0 })
})

test('a run waits for another one, and tells for whom; --lock-timeout 0 does not', async () => {
  const slow = `await new Promise((resolve) => setTimeout(resolve, 2500))`
  const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null, { up: slow }) } })
  const first = project.start(['upgrade'])
  await first.waitForOutput(/Applying/)
  const impatient = await project.run(['upgrade', '--lock-timeout', '0'])
  expect(impatient.code).toBe(3)
  expect(impatient.stderr).toMatch(
    /Another run holds the lock of SQLite .*: mig upgrade \S+@\S+ pid \d+\. Nothing was changed/,
  )
  const patient = await project.run(['upgrade'])
  expect(patient.code).toBe(0)
  expect(patient.stdout).toMatch(/Waiting for another run: mig upgrade \S+@\S+ pid \d+\n/)
  expect(patient.stdout).toMatch(/Already at head aaaa/)
  expect(await first.exit).toMatchObject({ code: 0 })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('%s rolls back, frees the lock, and says so', async (signal, code) => {
  const endless = `await knex.schema.createTable('half', (t) => { t.increments() }); await new Promise((resolve) => setTimeout(resolve, 60_000))`
  const project = createProject({
    files: { ...drawn('aaaa'), 'migrations/b.ts': migration('bbbb', 'aaaa', { up: endless }) },
  })
  const run = project.start(['upgrade', '--verbose'])
  await run.waitForOutput(/create table `half`/)
  run.kill(signal)
  const result = await run.exit
  expect(result.code).toBe(code)
  expect(result.stderr).toMatch(new RegExp(`Stopped by ${signal}\\. bbbb make bbbb was rolled back\\.`))
  expect(appliedIn(project)).toEqual(['aaaa'])
  expect(rowsIn(project, `select name from sqlite_master where name = 'half'`)).toEqual([])
  expect(await project.run(['current'])).toMatchObject({ code: 0, stderr: '' })
})

test('in one transaction for all a signal rolls back all that were begun, and names them', async () => {
  const endless = `await knex.schema.createTable('half', (t) => { t.increments() }); await new Promise((resolve) => setTimeout(resolve, 60_000))`
  const project = createProject({
    files: { ...drawn('aaaa'), 'migrations/b.ts': migration('bbbb', 'aaaa', { up: endless }) },
  })
  const run = project.start(['upgrade', '--transaction', 'all', '--verbose'])
  await run.waitForOutput(/create table `half`/)
  run.kill('SIGINT')
  expect(await run.exit).toMatchObject({
    code: 130,
    stderr: expect.stringMatching(/Stopped by SIGINT\. aaaa and bbbb were rolled back\./),
  })
  expect(appliedIn(project)).toEqual([])
})

test('what a migration leaves open does not keep a finished run alive', async () => {
  const project = createProject({
    files: { 'migrations/a.ts': migration('aaaa', null, { up: `setInterval(() => undefined, 1000)` }) },
  })
  expect(await project.run(['upgrade'], { timeoutMs: 10_000 })).toMatchObject({ code: 0, stderr: '' })
})

test('a promise that never settles does not look like success', async () => {
  const project = createProject({
    files: { ...drawn('aaaa'), 'mig.config.mjs': 'await new Promise(() => undefined)\nexport default {}\n' },
  })
  const result = await project.run(['upgrade'], { timeoutMs: 15_000 })
  expect(result.code).toBe(70)
  expect(result.stderr).toMatch(/The run did not finish: it waits for a promise that never settles/)
  expect(result.stderr).not.toMatch(/Warning/)
  expect(appliedIn(project)).toBeNull()
})
