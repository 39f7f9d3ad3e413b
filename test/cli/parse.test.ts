// argv → a command with its options, or a text that was asked for.

import { execFileSync } from 'node:child_process'

import { describe, expect, test } from '@jest/globals'

import { parse, type ParseRequest } from '../../src/cli/parse.js'
import { commands } from '../../src/commands/index.js'
import { createProject } from '../support/project.js'
import { drawn } from '../support/migrations.js'

const request: ParseRequest = {
  version: '1.2.3',
  width: 80,
  shell: '/bin/bash',
  readNames: () => Promise.resolve(['c9b52448285b', 'library']),
}

async function typed(...argv: string[]) {
  const parsed = await parse(argv, request)
  return parsed.kind === 'text' ? { [parsed.name]: parsed.text } : { [parsed.command.name]: parsed.options }
}

async function textOf(...argv: string[]): Promise<string> {
  const parsed = await parse(argv, request)
  return parsed.kind === 'text' ? parsed.text : ''
}

test.each([
  [['upgrade'], { upgrade: {} }],
  [['upgrade', 'head'], { upgrade: { target: 'head' } }],
  [['upgrade', '+2'], { upgrade: { target: '+2' } }],
  [['downgrade', '-1'], { downgrade: { target: '-1' } }],
  [['downgrade', '--dry-run', '-1'], { downgrade: { target: '-1', dryRun: true } }],
  [['downgrade', '-v', '-10', '-q'], { downgrade: { target: '-10', verbose: true, quiet: true } }],
  [['downgrade', '--', '-1'], { downgrade: { target: '-1' } }],
  [['downgrade', 'library@-1'], { downgrade: { target: 'library@-1' } }],
  [['upgrade', '0430566018'], { upgrade: { target: '0430566018' } }],
  [['upgrade', '1e10'], { upgrade: { target: '1e10' } }],
  [['upgrade', '0x12'], { upgrade: { target: '0x12' } }],
  [['stamp', 'a', 'b', '--purge'], { stamp: { targets: ['a', 'b'], purge: true } }],
  [['merge', '-m', 'x', 'a', 'b'], { merge: { revisions: ['a', 'b'], message: 'x' } }],
  [['generate', '-m', '-1 is the last'], { generate: { message: '-1 is the last' } }],
  [['generate', '--message=a=b'], { generate: { message: 'a=b' } }],
  [['generate', '-m', '0123'], { generate: { message: '0123' } }],
  [['revision', '-m', 'x', '--head', 'a', '--head', 'b'], { generate: { message: 'x', head: ['a', 'b'] } }],
  [['upgrade', '--lock-timeout', '0.5'], { upgrade: { lockTimeout: 0.5 } }],
  [['history', 'a:b', '--graph'], { history: { range: 'a:b', graph: true } }],
  [['--json', 'heads'], { heads: { json: true } }],
  [
    ['--env', 'test', '--cwd=/tmp', '-v', 'upgrade', 'x', '--dry-run'],
    { upgrade: { env: 'test', cwd: '/tmp', verbose: true, target: 'x', dryRun: true } },
  ],
  [['--database-url', 'upgrade', 'current'], { current: { databaseUrl: 'upgrade' } }],
  [['--version'], { version: '1.2.3' }],
  [['-V'], { version: '1.2.3' }],
])('%j', async (argv, expected) => expect(await typed(...argv)).toEqual(expected))

test.each([
  [['upgarde'], 'usage.unknown-command', 'Did you mean: mig upgrade'],
  [['frobnicate'], 'usage.unknown-command', 'See all with: mig --help'],
  [['help', 'upgarde'], 'usage.unknown-command', 'Did you mean: mig upgrade'],
  [['Upgrade'], 'usage.unknown-command', 'Did you mean: mig upgrade'],
  [['--jsn', 'heads'], 'usage.bad-option', 'Did you mean --json?'],
  [['heads', '--jsn'], 'usage.bad-option', 'Did you mean --json?'],
  [['heads', '--purge'], 'usage.bad-option', 'See: mig heads --help'],
  [['upgrade', '--lock-timeout=-1'], 'usage.bad-option', '--lock-timeout 90'],
  [['upgrade', '-3x'], 'target.unknown', 'Relative targets are a sign and a number: -1, +2.'],
  [['completion', 'fish'], 'usage.bad-option', 'mig completion bash, or: mig completion zsh'],
])('%j is refused', async (argv, code, hint) => {
  await expect(parse(argv, request)).rejects.toMatchObject({ code, hint, exitCode: 2 })
})

describe('help', () => {
  test('lists every command and every common option, in 80 columns', async () => {
    for (const argv of [[], ['--help'], ['-h'], ['help'], ['--json', '-q']]) {
      const { help = '' } = await typed(...argv)
      for (const { name, summary } of commands) expect(help).toContain(`  ${name.padEnd(12)}${summary.slice(0, 20)}`)
      expect(help).toMatch(/^ {2}completion {2}Print a script/m)
      for (const option of [
        '--config FILE',
        '--env NAME',
        '--database-url URL',
        '--cwd FOLDER',
        '-q, --quiet',
        '-v, --verbose',
      ])
        expect(help).toContain(option)
    }
  })

  test.each(commands.map((command) => [command.name, command] as const))(
    'of %s has its arguments, options and examples',
    async (name, command) => {
      for (const argv of [
        [name, '--help'],
        ['help', name],
        [name, '-h', '--nonsense'],
        ['--help', name],
      ]) {
        const { help = '' } = await typed(...argv)
        expect(help).toMatch(new RegExp(`^Usage: mig ${name} `))
        for (const [line] of command.examples) expect(help).toContain(`  ${line}`)
        for (const option of Object.keys(command.options))
          expect(help).toContain(`--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
        for (const argument of Object.keys(command.arguments)) expect(help).toContain(`\n  ${argument.toUpperCase()}  `)
      }
    },
  )

  test.each([40, 80, 120, Infinity])('fits into %d columns', async (width) => {
    for (const { name } of [...commands, { name: 'completion' }]) {
      const parsed = await parse([name, '--help'], { ...request, width })
      const text = parsed.kind === 'text' ? parsed.text : ''
      const examples = text.slice(text.indexOf('Examples:'))
      const longest = Math.max(
        ...text
          .replace(examples, '')
          .split('\n')
          .map((line) => line.length),
      )
      expect(longest).toBeLessThanOrEqual(Math.max(60, Math.min(width, 100)))
    }
  })
})

describe('completion', () => {
  const complete = async (...words: string[]) => (await textOf('--complete', ...words)).split('\n')

  test('of commands, options, revisions and labels', async () => {
    expect(await complete('up')).toEqual(['upgrade'])
    expect(await complete('')).toEqual([...commands.map(({ name }) => name), 'completion'])
    expect(await complete('upgrade', '')).toEqual(['head', 'heads', 'base', 'current', 'c9b52448285b', 'library'])
    expect(await complete('upgrade', 'lib')).toEqual(['library'])
    expect(await complete('upgrade', '--d')).toEqual(['--dry-run', '--database-url', '--debug'])
    expect(await complete('generate', '--head', 'c9')).toEqual(['c9b52448285b'])
    expect(await complete('--json', 'sh')).toEqual(['show'])
    expect(await complete('heads', '')).toEqual([''])
    expect(await complete('nope', '')).toEqual([...commands.map(({ name }) => name), 'completion'])
  })

  test('a folder that cannot be read completes the words that are always there', async () => {
    const broken = { ...request, readNames: () => Promise.reject(new Error('broken')) }
    expect(await parse(['--complete', 'upgrade', 'h'], broken)).toMatchObject({ text: 'head\nheads' })
  })

  test('the shell of the user is the default', async () => {
    expect(await parse(['completion'], { ...request, shell: '/usr/bin/zsh' })).toMatchObject({
      text: expect.stringContaining('compdef'),
    })
    expect(await parse(['completion'], { ...request, shell: undefined })).toMatchObject({
      text: expect.stringContaining('complete -o default'),
    })
    expect(await parse(['completion', 'zsh'], request)).toMatchObject({ text: expect.stringContaining('compdef') })
  })

  test('bash reads the script and completes, also where no database answers', () => {
    const project = createProject({ files: drawn('aaaa > abcd') })
    const script = `
      source <(mig completion bash)
      complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mig_complete; echo "\${COMPREPLY[*]}"; }
      complete_words mig up
      complete_words mig downgrade a
      complete_words mig upgrade --allow-
    `
    const said = execFileSync('bash', ['-c', script], {
      cwd: project.folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${project.path('node_modules/.bin')}:${process.env['PATH']}`,
        DATABASE_URL: 'postgres://127.0.0.1:1/x',
      },
    })
    expect(said).toBe('upgrade\nabcd aaaa\n--allow-changed --allow-unknown\n')
  })

  test('zsh reads the script', () => {
    const { stdout } = shell().zsh(
      `compdef() { print -r -- "$@"; }; source <(mig completion zsh); whence -w _mig_complete`,
    )
    if (stdout !== null) expect(stdout).toBe('_mig_complete mig\n_mig_complete: function\n')

    function shell() {
      const project = createProject()
      const env = { ...process.env, PATH: `${project.path('node_modules/.bin')}:${process.env['PATH']}` }
      return {
        zsh(script: string) {
          try {
            return { stdout: execFileSync('zsh', ['-f', '-c', script], { cwd: project.folder, encoding: 'utf8', env }) }
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { stdout: null } // no zsh here
            throw error
          }
        },
      }
    }
  })
})

test('what is said does not depend on the locale', async () => {
  const project = createProject({ files: drawn('aaaa') })
  const { stderr } = await project.run(['heads', '--jsn'], { env: { LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' } })
  expect(stderr).toMatch(/mig heads has no option --jsn\. \[usage\.bad-option\]\n→ Did you mean --json\?/)
})
