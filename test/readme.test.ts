// The README and the reference pages say what the program does: their commands are run, their tables compared.

import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from '@jest/globals'

import { referencePages } from '../docs/reference.js'
import { commands } from '../src/commands/index.js'
import { commonOptions, flagName } from '../src/cli/options.js'
import { exitCodes } from '../src/core/codes.js'
import { createProject, type Project } from './support/project.js'
import { repository } from './support/program.js'

const readme = readFileSync(join(repository, 'README.md'), 'utf8')

describe('the quick start', () => {
  test('works as it is written, in a new project', async () => {
    const project = createProject({ files: {} })
    for (const command of shellCommands(section('Quick start in your project')).filter(isMig)) {
      const { code, stderr } = await project.run(argumentsOf(command))
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' })
      if (command.includes('generate')) await fillIn(project)
    }
  })

  test('the commands for a pipeline work on the sample history', async () => {
    const project = createProject({ files: {} })
    cpSync(join(repository, 'migrations'), project.path('migrations'), { recursive: true })
    const lines = shellCommands(section('Commands')).filter(isMig)
    expect(lines.length).toBeGreaterThan(2)
    for (const command of lines)
      expect({ command, ...(await project.run(argumentsOf(command))) }).toMatchObject({ code: 0, stderr: '' })
  })
})

test('the sessions that are shown look as they do', async () => {
  const project = createProject({ files: {} })
  cpSync(join(repository, 'migrations'), project.path('migrations'), { recursive: true })
  const sessions = [...readme.matchAll(/```console\n(.*?)```/gs)].flatMap(([, text = '']) => sessionsIn(text))
  expect(sessions.length).toBeGreaterThan(2)
  for (const { command, output } of sessions) {
    const { stdout } = await project.run(argumentsOf(command))
    expect(`$ ${command}\n${withoutTimes(stdout)}`).toBe(`$ ${command}\n${withoutTimes(output)}`)
  }
})

describe('the tables', () => {
  test('list every command with its summary', () => {
    const listed = [...readme.matchAll(/^\| `mig (\w+)` \| (.*) \|$/gm)].map(([, name, summary]) => [name, summary])
    expect(listed).toEqual(commands.map(({ name, summary }) => [name, summary]))
  })

  test('agree with mig --help', async () => {
    const { stdout } = await createProject({ files: {} }).run(['--help'])
    const help = stdout.replace(/\s+/g, ' ')
    for (const { name, summary } of commands) expect(help).toContain(`${name} ${summary}`)
  })

  test('name every option that all commands have', () => {
    for (const name of Object.keys(commonOptions)) expect(readme).toContain(`--${flagName(name)}`)
  })

  test('name every exit code', () => {
    for (const exit of Object.values(exitCodes)) expect(readme).toMatch(new RegExp(`^\\| ${exit}[ ,|]`, 'm'))
  })
})

test.each(referencePages())('docs/$path is made from the source: npm run docs', ({ path, text }) => {
  expect(readFileSync(join(repository, 'docs', path), 'utf8')).toBe(text)
})

test('links lead to files that are there', () => {
  for (const [, target = ''] of readme.matchAll(/\]\((?!http)([^)#]+)\)/g))
    expect(readFileSync(join(repository, target), 'utf8')).not.toBe('')
})

/** The text of a section, up to the next one of its level. */
function section(title: string): string {
  const [, text = ''] = readme.split(`\n## ${title}\n`)
  return text.split('\n## ')[0] ?? ''
}

function shellCommands(text: string): readonly string[] {
  return [...text.matchAll(/```sh\n(.*?)```/gs)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
}

function isMig(line: string): boolean {
  return line.startsWith('npx mig ')
}

/** The words after `mig`, quotes taken off. */
function argumentsOf(line: string): readonly string[] {
  const [, rest = ''] = /^(?:npx )?mig (.*)$/.exec(line) ?? []
  return [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** Puts the README's `up` and `down` into the file that was just generated. */
async function fillIn(project: Project): Promise<void> {
  const { stdout } = await project.run(['heads', '--json'])
  const { heads } = JSON.parse(stdout) as { heads: { path: string; revision: string }[] }
  const [head] = heads
  const example = /```ts\n(\/\*\* create users.*?)```/s.exec(readme)?.[1] ?? ''
  project.write(head?.path ?? '', example.replace('c9b52448285b', head?.revision ?? ''))
}

function sessionsIn(text: string): readonly { readonly command: string; readonly output: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1) }))
}

function withoutTimes(text: string): string {
  return text.replace(/\d+(\.\d+)? (ms|s)\b/g, 'TIME')
}
