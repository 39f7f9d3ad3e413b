// What goes where, how much of it, and in which colours.

import { execFileSync, spawnSync } from 'node:child_process'

import { expect, test } from '@jest/globals'

import { programPath } from '../support/program.js'
import { createProject } from '../support/project.js'
import { appliedIn, drawn, migration } from '../support/migrations.js'

// eslint-disable-next-line no-control-regex -- these are what is looked for
const colors = /\u001B\[/

test('a run says where it goes, what it will do, what it does, and where it stands', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb') })
  const up = await project.run(['upgrade'], { env: { LC_ALL: 'C.UTF-8' } })
  expect(up).toMatchObject({ code: 0, stderr: '' })
  expect(withoutTimes(up.stdout)).toBe(
    [
      'SQLite ./mig.sqlite3 (development)',
      'Applying 2 revisions:',
      '  + aaaa  make aaaa',
      '  + bbbb  make bbbb',
      '',
      '✓ aaaa  make aaaa  N ms',
      '✓ bbbb  make bbbb  N ms',
      'Now at head bbbb. 2 applied in N ms.',
      '',
    ].join('\n'),
  )
  const again = await project.run(['upgrade'])
  expect(again.stdout).toBe('SQLite ./mig.sqlite3 (development)\nAlready at head bbbb.\n')
  const down = await project.run(['downgrade', '-1'], { env: { LC_ALL: 'C' } })
  expect(withoutTimes(down.stdout)).toBe(
    [
      'SQLite ./mig.sqlite3 (development)',
      'Taking down 1 revision:',
      '  - bbbb  make bbbb',
      '',
      'ok down bbbb  make bbbb  N ms',
      'Now at head aaaa. 1 taken down in N ms.',
      '',
    ].join('\n'),
  )
})

test('nothing to do is said in words, whatever was asked', async () => {
  const project = createProject({ files: { 'migrations/.keep': '' } })
  const said = async (...args: string[]) => (await project.run(args)).stdout.trimEnd().split('\n').at(-1)
  expect(await said('upgrade')).toBe('There are no migrations. Write the first: mig generate -m "..."')
  expect(await said('history')).toBe('There are no migrations. Write the first: mig generate -m "..."')
  expect(await said('heads')).toBe('There are no migrations.')
  expect(await said('branches')).toBe('There are no branches: the history is one line.')
  expect(await said('downgrade', 'base')).toBe('Nothing to take down: already at base (nothing applied).')
  expect(await said('stamp', 'base')).toBe('Nothing to mark: already at base (nothing applied).')
  expect(await said('current')).toBe('nothing pending')
  expect(await said('check')).toMatch(/^No problems\. 0 revisions/)
  expect(appliedIn(project)).toBeNull()
})

test('--quiet leaves errors and answers', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb') })
  const quiet = (...args: string[]) => project.run([...args, '--quiet'])
  expect((await quiet('upgrade', '--dry-run')).stdout).toContain('Would apply 2 revisions')
  expect(await quiet('upgrade')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect((await quiet('current')).stdout).toContain('bbbb')
  expect(await quiet('downgrade', '-1')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await quiet('generate', '-m', 'x')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const failed = await quiet('upgrade', 'nope')
  expect(failed).toMatchObject({ code: 2, stdout: '' })
  expect(failed.stderr).toContain('“nope”')
})

test('--verbose shows each statement with its time, and never a value', async () => {
  const project = createProject({
    files: {
      'migrations/a.ts': migration('aaaa', null, {
        up: `await knex.schema.createTable('t', (t) => { t.string('name') }); await knex('t').insert({ name: 'a secret value' })`,
      }),
    },
  })
  const { stdout } = await project.run(['upgrade', '--verbose'])
  expect(stdout).toMatch(/^ +\d+ ms {2}create table `t`/m)
  expect(stdout).toMatch(/^ +\d+ ms {2}insert into `t` \(`name`\) values \(\?\)/m)
  expect(stdout).not.toContain('a secret value')
  expect((await project.run(['current', '-v'])).stdout).toMatch(
    /aaaa {2}make aaaa\n {4}applied {2}\S+Z by \S+@\S+, upgrade\n/,
  )
})

test('context.log is a line of its own', async () => {
  const project = createProject({
    files: {
      'migrations/a.ts': migration('aaaa', null, { up: `context.log('moved 3 rows')` }).replace(
        'up(knex: Knex)',
        `up(_knex: Knex, context: import('knex-mig').MigrationContext)`,
      ),
    },
  })
  expect((await project.run(['upgrade'])).stdout).toContain('\n  moved 3 rows\n')
})

test('colours: only where they were asked for', async () => {
  const project = createProject({ files: drawn('aaaa') })
  const run = async (args: string[], env: Record<string, string | undefined>) => {
    const { stdout, stderr } = await project.run(args, { env: { NO_COLOR: undefined, ...env } })
    return colors.test(stdout + stderr)
  }
  expect(await run(['history'], {})).toBe(false) // a pipe
  expect(await run(['history'], { FORCE_COLOR: '1' })).toBe(true)
  expect(await run(['upgrade', 'nope'], { FORCE_COLOR: '1' })).toBe(true)
  expect(await run(['history'], { FORCE_COLOR: '0' })).toBe(false)
  expect(await run(['history', '--no-color'], { FORCE_COLOR: '1' })).toBe(false)
  expect(await run(['--no-color', 'history'], { FORCE_COLOR: '1' })).toBe(false)
  expect(await run(['history'], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
  expect(await run(['history', '--json'], { FORCE_COLOR: '1' })).toBe(false)
})

test('what is read by another program is not cut', async () => {
  const message = 'a long message '.repeat(20).trim()
  const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null, { message }) } })
  for (const command of ['history', 'heads', 'upgrade'])
    expect((await project.run([command])).stdout).toContain(message)
})

test('control characters from files and databases do not reach the terminal', async () => {
  const project = createProject({
    files: { 'migrations/a.ts': migration('aaaa', null, { message: 'red \u001B[31m alert \u202E' }) },
  })
  await project.run(['upgrade'])
  for (const args of [['history'], ['current'], ['show', 'head'], ['heads'], ['history', '--graph', '-v']]) {
    const { stdout } = await project.run(args)
    expect(stdout).toContain('red \\u{1b}[31m alert \\u{202e}')
    expect(stdout).not.toMatch(colors)
  }
})

test('signs beyond ASCII are replaced where the locale has none, but never in a file that is given back', async () => {
  const header = `export const hint = 'password: “s3cret” … → \\u001B[31m'`
  const project = createProject({ files: { 'migrations/a.ts': migration('aaaa', null, { header }) } })
  const ascii = { env: { LC_ALL: 'C' } }
  await project.run(['upgrade'], ascii)
  const stored = await project.run(['show', 'aaaa', '--stored'], ascii)
  expect(stored.stdout).toBe(project.read('migrations/a.ts'))
  for (const args of [['upgrade', 'nope'], ['show', 'head'], ['--help'], ['upgrade', '--help'], ['bogus']]) {
    const { stdout, stderr } = await project.run(args, ascii)
    // eslint-disable-next-line no-control-regex -- what is not ASCII
    expect(stdout + stderr).not.toMatch(/[^\u0000-\u007F]/)
  }
})

test('a reader that goes away ends nothing', () => {
  const files = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => {
      const id = `r${String(index).padStart(4, '0')}`
      return [
        `migrations/${id}.ts`,
        migration(id, index === 0 ? null : `r${String(index - 1).padStart(4, '0')}`, {
          up: '',
          down: '',
          message: 'x'.repeat(400),
        }),
      ]
    }),
  )
  const project = createProject({ files })
  const piped = (command: string) =>
    spawnSync(
      'bash',
      ['-c', `set -o pipefail; "${process.execPath}" "${programPath}" ${command} | head -1; echo "\${PIPESTATUS[0]}"`],
      {
        cwd: project.folder,
        encoding: 'utf8',
      },
    )
  const history = piped('history')
  expect(history.stderr).toBe('')
  expect(history.stdout.trimEnd().split('\n').at(-1)).toBe('0')
  const upgrade = piped('upgrade --verbose')
  expect(upgrade.stderr).toBe('')
  expect(upgrade.stdout.trimEnd().split('\n').at(-1)).toBe('0')
  expect(appliedIn(project)).toHaveLength(400)
})

test('a closed standard output ends nothing either', () => {
  const project = createProject({ files: drawn('aaaa') })
  execFileSync('bash', ['-c', `"${process.execPath}" "${programPath}" upgrade >&- 2>&-`], { cwd: project.folder })
  expect(appliedIn(project)).toEqual(['aaaa'])
})

function withoutTimes(text: string): string {
  return text.replace(/\d+(\.\d+)? (ms|s)\b/g, 'N ms')
}
