// current, heads, branches, show, history, check: what they say, and that they change nothing.

import { expect, test } from '@jest/globals'

import { createProject } from '../support/project.js'
import { drawn, migration, rowsIn, snapshot } from '../support/migrations.js'

const unicode = { env: { LC_ALL: 'C.UTF-8' } }
const ascii = { env: { LC_ALL: 'C' } }

const branched = {
  ...drawn('aaaa > bbbb, aaaa > cccc'),
  'migrations/003_cccc.ts': migration('cccc', 'aaaa', {
    message: 'the right\n * one',
    header: `export const branchLabels = ['right']`,
  }),
  'migrations/004_dddd.ts': migration('dddd', ['bbbb', 'cccc'], { message: 'join' }),
}

test('before anything is applied, nothing is created', async () => {
  const project = createProject({ files: branched })
  const before = snapshot(project)
  expect((await project.run(['current'])).stdout).toBe(
    'SQLite ./mig.sqlite3 (development)\nbase (nothing applied)\n4 pending\n',
  )
  expect((await project.run(['history'], unicode)).stdout).toBe(
    [
      '○ pending  dddd  join  (head, merge)',
      '○ pending  cccc  the right  (right)',
      '○ pending  bbbb  make bbbb',
      '○ pending  aaaa  make aaaa  (branch point)',
      '',
    ].join('\n'),
  )
  for (const args of [['heads'], ['branches'], ['show', 'head'], ['check'], ['history', '-v', '--graph']])
    expect(await project.run(args)).toMatchObject({ code: 0, stderr: '' })
  expect(snapshot(project)).toEqual(before)
})

test('where the folder and the database stand', async () => {
  const project = createProject({ files: branched })
  await project.run(['upgrade', 'bbbb'])
  const said = async (args: string[], options = unicode) => {
    const result = await project.run(args, options)
    expect({ args, code: result.code, stderr: result.stderr }).toEqual({ args, code: 0, stderr: '' })
    return result.stdout
  }
  expect(await said(['current'])).toBe('SQLite ./mig.sqlite3 (development)\nbbbb  make bbbb\n2 pending\n')
  expect(await said(['heads'])).toBe('dddd  join  (head, merge)\n')
  expect(await said(['branches'])).toBe(
    'aaaa  make aaaa  (branch point)\n  → bbbb  make bbbb\n  → cccc  the right  (right)\n',
  )
  expect(await said(['branches'], ascii)).toContain('\n  -> bbbb  make bbbb\n')
  expect(await said(['history', '--graph'])).toBe(
    [
      '○    dddd  join  (head, merge)',
      '├─┐',
      '│ ○  cccc  the right  (right)',
      '◉ │  bbbb  make bbbb',
      '├─┘',
      '●    aaaa  make aaaa  (branch point)',
      '',
      '◉ current   ● applied   ○ pending',
      '',
    ].join('\n'),
  )
  // eslint-disable-next-line no-control-regex -- what is not ASCII
  expect(await said(['history', '--graph'], ascii)).not.toMatch(/[^\u0000-\u007F]/)
  const verbose = await said(['history', '-v'])
  expect(verbose).toMatch(
    /◉ current {2}bbbb {2}make bbbb\n {4}down revision {2}aaaa\n {4}branch {9}right|◉ current {2}bbbb {2}make bbbb\n {4}down revision {2}aaaa/,
  )
  expect(verbose).toMatch(/applied {8}\S+Z by \S+@\S+, upgrade, \d+ ms/)
  const shown = await said(['show', 'right'])
  expect(shown).toMatch(/^cccc\n {2}the right\n {2}one\n\n/)
  expect(shown).toMatch(/status +○ pending/)
  expect(shown).toMatch(/file +migrations\/003_cccc\.ts/)
  expect(shown).toMatch(/followed by +dddd/)
  expect(shown).toMatch(/checksum +[0-9a-f]{12}…\n/)
  expect(await said(['show', 'bb'])).toMatch(/applied +\S+ by \S+ \(upgrade, mig \d/)
  expect(await said(['show', 'base'])).toBe('base: no revision.\n')
})

test.each([
  ['current:head', ['dddd', 'bbbb']],
  [':bbbb', ['bbbb', 'aaaa']],
  ['bbbb', ['bbbb', 'aaaa']],
  ['cccc:', ['dddd', 'cccc']],
  ['base:cccc', ['cccc', 'aaaa']],
  [':', ['dddd', 'cccc', 'bbbb', 'aaaa']],
  ['head-1:', undefined],
])('history %s', async (range, expected) => {
  const project = createProject({ files: branched })
  await project.run(['stamp', 'bbbb'])
  const result = await project.run(['history', range, '--json'])
  const { revisions, error } = JSON.parse(result.stdout) as {
    revisions?: { revision: string }[]
    error?: { code: string }
  }
  if (expected === undefined) expect(error?.code).toBe('target.ambiguous')
  else expect(revisions?.map(({ revision }) => revision)).toEqual(expected)
})

test.each([
  ['dddd:bbbb', 'A range begins with what comes first: mig history bbbb:dddd'],
  ['bbbb:base', 'A range begins with what comes first: mig history base:bbbb'],
  ['bbbb:cccc', 'See: mig history --graph'],
])('history %s: nothing lies between', async (range, hint) => {
  const project = createProject({ files: branched })
  const result = await project.run(['history', range])
  expect(result.code).toBe(2)
  expect(result.stderr).toMatch(/Nothing lies between .* does not depend on .*\[target\.out-of-range\]/)
  expect(result.stderr).toContain(`→ ${hint}`)
})

test('what can be said without a database is said, with a remark', async () => {
  const project = createProject({ files: branched })
  const away = ['--database-url', 'postgres://bob@127.0.0.1:1/shop']
  for (const args of [['history'], ['show', 'head']]) {
    const result = await project.run([...args, ...away])
    expect(result.code).toBe(0)
    expect(result.stdout).toContain('dddd')
    expect(result.stderr).toMatch(
      /What is applied is not known: PostgreSQL shop at 127\.0\.0\.1:1 \(development\) does not answer/,
    )
  }
  expect(await project.run(['heads', ...away])).toMatchObject({ code: 0, stderr: '' })
  expect(await project.run(['check', '--offline', ...away])).toMatchObject({ code: 0, stderr: '' })
  expect(await project.run(['current', ...away])).toMatchObject({ code: 8, stdout: '' })
})

test('check finds several things at once, and changes nothing', async () => {
  const project = createProject({
    files: {
      ...drawn('aaaa > bbbb, aaaa > cccc'),
      'migrations/twice.ts': migration('bbbb', 'zzzz'),
      'migrations/notes.ts': 'export const x = 1\n',
      'migrations/broken.ts': 'export const revision = ;\n',
      'migrations/computed.ts': `export const revision = 'dd' + 'dd'\nexport const downRevision = null\nexport async function up() {}\nexport async function down() {}\n`,
    },
  })
  const before = snapshot(project)
  const found = await project.run(['check'])
  expect(found.code).toBe(7)
  for (const message of [
    /notes\.ts is no migration/,
    /broken\.ts:1:\d+ has a syntax error/,
    /computed\.ts:1:25 is computed/,
    /bbbb.*twice\.ts|twice\.ts.*bbbb/,
  ])
    expect(found.stderr).toMatch(message)
  expect(found.stdout).toMatch(/^[4-9] problems in \d revisions?\.\n$/)
  expect(snapshot(project)).toEqual(before)
  expect((await project.run(['upgrade'])).code).toBe(4)
})

test('check --heads and --offline; several heads are a warning by themselves', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb, aaaa > cccc') })
  const warned = await project.run(['check'])
  expect(warned).toMatchObject({ code: 0, stdout: 'No problems. 3 revisions, 2 heads, 3 pending.\n' })
  expect(warned.stderr).toMatch(/There are 2 heads: bbbb, cccc\. \[graph\.multiple-heads\]\n→ Join them: mig merge/)
  const refused = await project.run(['check', '--offline', '--heads', '1'])
  expect(refused).toMatchObject({ code: 7, stdout: '1 problem in 3 revisions.\n' })
  expect(await project.run(['check', '--offline', '--heads', '2'])).toMatchObject({ code: 0, stderr: '' })
})

test('an unfinished migration is reported by every command, blocks runs, and is resolved by hand', async () => {
  const header = 'export const transaction = false'
  const up = `await knex.schema.createTable('half', (t) => { t.increments() }); await knex.raw('nonsense')`
  const project = createProject({
    files: { ...drawn('aaaa'), 'migrations/b.ts': migration('bbbb', 'aaaa', { header, up }) },
  })
  const failed = await project.run(['upgrade'])
  expect(failed.code).toBe(6)
  expect(failed.stderr).toMatch(/mig resolve bbbb --applied, or: mig resolve bbbb --not-applied/)
  for (const [args, code] of [
    [['current'], 0],
    [['history'], 0],
    [['show', 'bbbb'], 0],
    [['check'], 7],
    [['upgrade'], 6],
    [['downgrade', '-1'], 6],
    [['stamp', 'bbbb'], 6],
  ] as const) {
    const result = await project.run(args)
    expect({ args, code: result.code }).toEqual({ args, code })
    expect(result.stderr).toMatch(/The upgrade of bbbb make bbbb did not finish: started \S+ by \S+@/)
  }
  expect((await project.run(['current'])).stdout).toMatch(/^bbbb {2}make bbbb {2}running\n1 unfinished\n/m)
  for (const [args, message] of [
    [['resolve', '--applied'], /Which revision/],
    [['resolve', 'bbbb'], /--applied, --not-applied, --accept or --adopt/],
    [['resolve', 'bbbb', '--applied'], /Nobody is there to be asked[^]*--yes/],
    [['resolve', 'bbbb', '--applied', '--not-applied'], /one of them/],
    [['resolve', 'aaaa', '--applied'], /“aaaa” is not unfinished: unfinished is bbbb/],
  ] as const) {
    const result = await project.run(args)
    expect(result.code).toBe(2)
    expect(result.stderr).toMatch(message)
  }
  expect((await project.run(['resolve', 'bb', '--not-applied', '--yes'])).stdout).toMatch(
    /bbbb is recorded as not applied\. Continue with: mig upgrade/,
  )
  expect(rowsIn(project, 'select revision, state from mig_history')).toEqual([{ revision: 'aaaa', state: 'applied' }])
  expect((await project.run(['upgrade'])).code).not.toBe(0) // the table is still there
  await project.run(['resolve', 'bbbb', '--applied', '--yes'])
  expect((await project.run(['current'])).stdout).toMatch(/aaaa|bbbb/)
})

test('an accepted edit brings along what the file depends on now; what is not applied it cannot depend on', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb > cccc') })
  await project.run(['upgrade'])
  const file = 'migrations/003_cccc.ts'
  const text = project.read(file)
  project.write('migrations/004_dddd.ts', text.replaceAll('cccc', 'dddd').replace('"bbbb"', '"aaaa"'))
  project.write(file, text.replace('downRevision = "bbbb"', 'downRevision = "dddd"'))
  const refused = await project.run(['resolve', 'cccc', '--accept', '--yes'])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/depends on dddd now, which is not applied/) })

  project.write(file, text.replace('downRevision = "bbbb"', 'downRevision = "aaaa"'))
  expect(await project.run(['resolve', 'cccc', '--accept', '--yes'])).toMatchObject({ code: 0 })
  expect(rowsIn(project, `select down_revisions as down from mig_history where revision = 'cccc'`)).toEqual([
    { down: '["aaaa"]' },
  ])
  expect(await project.run(['upgrade', 'heads'])).toMatchObject({ code: 0 })
})

test('edit opens the file of a revision, with the options of the editor', async () => {
  const project = createProject({
    files: {
      ...drawn('aaaa > bbbb'),
      'editor.mjs': `import { writeFileSync } from 'node:fs'\nwriteFileSync('opened.json', JSON.stringify(process.argv.slice(2)))\n`,
    },
    folderName: 'a folder',
  })
  const EDITOR = `${process.execPath} editor.mjs --wait`
  const edit = async (...args: string[]) => {
    expect(await project.run(['edit', ...args], { env: { EDITOR, VISUAL: '' } })).toMatchObject({ code: 0, stderr: '' })
    return JSON.parse(project.read('opened.json')) as string[]
  }
  expect(await edit('aaaa')).toEqual(['--wait', project.path('migrations/001_aaaa.ts')])
  expect(await edit()).toEqual(['--wait', project.path('migrations/002_bbbb.ts')])
  expect(await edit('head-1')).toEqual(['--wait', project.path('migrations/001_aaaa.ts')])
  for (const [env, message] of [
    [{ EDITOR: undefined }, /No editor is set/],
    [{ EDITOR: 'no-such-editor' }, /no-such-editor could not be started: it does not exist/],
    [{ EDITOR: 'false' }, /The editor false ended with code 1/],
    [{ EDITOR: 'true', VISUAL: 'false' }, /The editor false/],
  ] as const) {
    const result = await project.run(['edit'], { env })
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toMatch(message)
  }
})
