// generate: a new file that says what was asked for, type-checks, loads, and harms nothing.

import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'

import { ordinaryRights, testWithModes } from '../support/ordinary-rights.js'
import { repository } from '../support/program.js'
import { createProject, type Project } from '../support/project.js'
import { appliedIn, drawn, migration, snapshot, writeBodies } from '../support/migrations.js'

interface Written {
  revision: string
  downRevisions: string[]
  branchLabels: string[]
  dependsOn: string[]
  message: string
  path: string
}

async function generate(project: Project, ...args: string[]): Promise<Written> {
  const result = await project.run(['generate', '--json', ...args])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  return JSON.parse(result.stdout) as Written
}

test('the first is a base, the second depends on it, and both run', async () => {
  const project = createProject({ files: { 'migrations/.keep': '' } })
  const first = await generate(project, '-m', 'create users')
  expect(first).toMatchObject({ downRevisions: [], message: 'create users' })
  expect(first.path).toMatch(new RegExp(`^migrations/\\d{14}_${first.revision}_create_users\\.ts$`))
  const second = await generate(project, '--message', 'add city')
  expect(second.downRevisions).toEqual([first.revision])
  writeBodies(project)
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
  expect(appliedIn(project)).toEqual([first.revision, second.revision])
})

test('what is said names the file and its parent', async () => {
  const project = createProject({ files: drawn('aaaa') })
  const { stdout } = await project.run(['revision', '-m', 'x', '--rev-id', 'bbbb'])
  expect(stdout).toMatch(/^Wrote migrations\/\d{14}_bbbb_x\.ts\nRevision bbbb, on aaaa\.\n$/)
})

test('new files type-check under strict settings, whatever the message', async () => {
  const project = createProject({
    files: {
      ...drawn('aaaa, bbbb'),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          module: 'NodeNext',
          target: 'ES2022',
          types: ['node'],
          skipLibCheck: true,
        },
        include: ['migrations', 'mig.config.ts'],
      }),
    },
  })
  await generate(project, '-m', 'a', '--head', 'aaaa', '--branch-label', 'left', '--depends-on', 'bbbb')
  await generate(project, '-m', `*/ process.exit(3) /* ' " \` \${x} \\ \u2028`, '--head', 'bbbb')
  expect(await project.run(['merge', '-m', 'both'])).toMatchObject({ code: 0, stderr: '' })
  expect(await project.run(['init'])).toMatchObject({ code: 0 })
  execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: project.folder,
    stdio: 'pipe',
  })
  writeBodies(project)
  expect(await project.run(['upgrade'])).toMatchObject({ code: 0, stderr: '' })
})

test('head, splice, label, dependency and id are as asked', async () => {
  const project = createProject({ files: drawn('aaaa > bbbb, aaaa > cccc') })
  expect(
    await generate(
      project,
      '-m',
      'x',
      '--head',
      'bbbb',
      '--branch-label',
      'one',
      '--branch-label',
      'two',
      '--depends-on',
      'cccc',
      '--rev-id',
      'dddd',
    ),
  ).toMatchObject({ revision: 'dddd', downRevisions: ['bbbb'], branchLabels: ['one', 'two'], dependsOn: ['cccc'] })
  expect(await generate(project, '-m', 'x', '--head', 'one@head', '--rev-id', 'eeee')).toMatchObject({
    downRevisions: ['dddd'],
  })
  expect(await generate(project, '-m', 'x', '--head', 'aaaa', '--splice', '--rev-id', 'ffff')).toMatchObject({
    downRevisions: ['aaaa'],
  })
  expect(await generate(project, '-m', 'x', '--head', 'base', '--rev-id', 'abcd')).toMatchObject({ downRevisions: [] })
  expect(await generate(project, '-m', 'x', '--head', 'eeee', '--head', 'cccc', '--rev-id', 'abce')).toMatchObject({
    downRevisions: ['eeee', 'cccc'],
  })
})

test('with several heads the commands that are shown work when they are pasted', async () => {
  const message = `it's "new" $HOME \`date\``
  const project = createProject({ files: drawn('aaaa > bbbb, aaaa > cccc') })
  project.write(
    'migrations/004_dddd.ts',
    migration('dddd', 'cccc', { header: `export const branchLabels = ['right']` }),
  )
  const refused = await project.run(['generate', '-m', message])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('There are 2 heads')
  const commands = refused.stderr.split('\n').filter((line) => line.startsWith('  mig generate'))
  expect(commands).toHaveLength(2)
  expect(commands.join('\n')).toContain('--head right@head')
  for (const command of commands) {
    const path = `${project.path('node_modules/.bin')}:${process.env['PATH']}`
    execFileSync('bash', ['-c', command.trim()], {
      cwd: project.folder,
      env: { ...process.env, PATH: path },
      stdio: 'pipe',
    })
  }
  const { stdout } = await project.run(['heads', '--json'])
  const { heads } = JSON.parse(stdout) as { heads: { downRevisions: string[]; message: string }[] }
  expect(heads.map(({ downRevisions }) => downRevisions).sort()).toEqual([['bbbb'], ['dddd']])
  expect(heads.map((head) => head.message)).toEqual([message, message])
})

test.each([
  ['no message', [], /needs a message/],
  ['an empty message', ['-m', '   '], /needs a message/],
  ['an unknown parent', ['-m', 'x', '--head', 'bbbc'], /Did you mean bbbb/],
  ['a parent that is no head', ['-m', 'x', '--head', 'aaaa'], /aaaa is not a head.*\n.*--splice/],
  ['an unknown dependency', ['-m', 'x', '--depends-on', 'zzzz'], /“zzzz”/],
  ['an id that is taken', ['-m', 'x', '--rev-id', 'aaaa'], /aaaa is there already/],
  ['an id that is reserved', ['-m', 'x', '--rev-id', 'head'], /reserved word/],
  ['an id that would be misread', ['-m', 'x', '--rev-id', 'a+1'], /has a meaning in targets/],
  ['an id that leads elsewhere', ['-m', 'x', '--rev-id', '../../evil'], /cannot be a revision id/],
  ['a label that is taken', ['-m', 'x', '--branch-label', 'aaaa'], /aaaa/],
  ['a label that is reserved', ['-m', 'x', '--branch-label', 'base'], /reserved word/],
  ['a template that is missing', ['-m', 'x', '--template', 'no.tmpl'], /no\.tmpl cannot be read: it does not exist/],
  ['a template that makes no migration', ['-m', 'x', '--template', 'bad.tmpl'], /does not produce a migration/],
])('%s: refused, and nothing is written', async (_what, args, message) => {
  const project = createProject({ files: { ...drawn('aaaa > bbbb'), 'bad.tmpl': 'export const x = 1\n' } })
  const before = snapshot(project)
  const result = await project.run(['generate', ...args])
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code: expect.any(Number), stdout: '' })
  expect([2, 4]).toContain(result.code)
  expect(result.stderr).toMatch(message)
  expect(snapshot(project)).toEqual(before)
})

describe('messages', () => {
  test.each([
    ['quotes', `it's "quoted" and \`so\``, 'it_s_quoted_and_so'],
    ['an interpolation', 'add ${process.exit(1)} here', 'add_process_exit_1_here'],
    ['several lines', 'first line\nsecond line', 'first_line_second_line'],
    ['a path', '../../evil/..\\name', 'evil_name'],
    ['only emoji', '🎉🚀', ''],
    ['500 letters', 'x'.repeat(500), 'x'.repeat(60)],
    ['the end of a comment', 'a */ b /* c', 'a_b_c'],
    ['letters beyond ASCII', 'Größe ändern', 'grosse_andern'],
    ['a Windows device', 'con', 'con'],
  ])('%s: a safe name, the message whole', async (what, message, slug) => {
    const project = createProject({ files: { 'migrations/.keep': '' } })
    const written = await generate(project, '-m', message, '--rev-id', 'aaaa')
    const expected =
      what === 'letters beyond ASCII'
        ? /^migrations\/\d{14}_aaaa_gro(ss|_)e_andern\.ts$/
        : new RegExp(`^migrations/\\d{14}_aaaa${slug === '' ? '' : `_${slug}`}\\.ts$`)
    expect(written.path).toMatch(expected)
    expect(readdirSync(project.folder).sort()).toEqual(['migrations', 'node_modules', 'package.json'])
    const { stdout } = await project.run(['show', 'aaaa', '--json'])
    expect((JSON.parse(stdout) as { revisions: { message: string }[] }).revisions[0]?.message).toBe(message)
  })
})

test('with a template of one’s own a Windows device is no name either', async () => {
  const files = { 'migrations/.keep': '', 'mig.config.json': JSON.stringify({ fileTemplate: '{slug}.{revision}' }) }
  const { path } = await generate(createProject({ files }), '-m', 'con', '--rev-id', 'aaaa')
  expect(path).toBe('migrations/con_.aaaa.ts')
})

test('file template, time zone, own template and extension are as configured', async () => {
  const project = createProject({
    files: {
      'migrations/.keep': '',
      'mig.config.json': JSON.stringify({
        fileTemplate: '{year}-{month}-{day}_{slug}_{revision}',
        template: 'own.js.tmpl',
        timezone: 'Asia/Tokyo',
      }),
      'own.js.tmpl': [
        '/**{{comment}}*/',
        '// {{message}} {{date}} {{unknown}}',
        'export const revision = {{revision}}',
        'export const downRevision = {{downRevision}}',
        '{{options}}',
        'export async function up() {}',
        'export async function down() {}',
      ].join('\n'),
    },
  })
  const { path } = await generate(project, '-m', 'one two', '--rev-id', 'aaaa')
  expect(path).toMatch(/^migrations\/\d{4}-\d\d-\d\d_one_two_aaaa\.js$/)
  expect(project.read(path)).toMatch(/\/\/ 'one two' \d{4}-\d\d-\d\d \d\d:\d\d \{\{unknown\}\}/)
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date())
  expect(path).toContain(today)
})

testWithModes('a folder that cannot be written leaves no half file', async () => {
  const project = createProject({ files: { 'migrations/.keep': '' } })
  chmodSync(project.path('migrations'), 0o555)
  const result = await project.run(['generate', '-m', 'x'], { prefix: ordinaryRights })
  chmodSync(project.path('migrations'), 0o755)
  expect(result).toMatchObject({ code: 2, stdout: '' })
  expect(result.stderr).toContain('No half file was left')
  expect(readdirSync(project.path('migrations'))).toEqual(['.keep'])
})
