// The built program, run as a user runs it: a process of its own, in a folder, with an environment that says nothing by itself.

import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ProgramOptions {
  /** Set beside what a bare login has; undefined takes a variable away. */
  env?: Record<string, string | undefined>
  /** What the program reads; without it standard input is empty. */
  input?: string
  /** Then it is killed, and the promise rejects with its output. 180 s if not given: a machine may be slow, and no test proves anything by it. */
  timeoutMs?: number
  /** Put in front of the command line; see `ordinary-rights.ts`. */
  prefix?: readonly string[]
}

export interface ProgramResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunningProgram {
  readonly child: ChildProcess
  /** What it said so far, on both streams, in order of arrival. */
  output(): string
  /** Resolves as soon as the output matches; rejects when the program ends, or two minutes pass, without. */
  waitForOutput(pattern: RegExp, timeoutMs?: number): Promise<void>
  kill(signal?: NodeJS.Signals): void
  readonly exit: Promise<ProgramResult>
}

export const repository = fileURLToPath(new URL('../../', import.meta.url))
export const programPath = fileURLToPath(new URL('../../bin/mig.cjs', import.meta.url))

const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'TZ', 'SystemRoot']

export function startProgram(args: readonly string[], cwd: string, options: ProgramOptions = {}): RunningProgram {
  const { timeoutMs = 180_000, prefix = [] } = options
  const [command = process.execPath, ...rest] = [...prefix, process.execPath, programPath, ...args]
  const child = spawn(command, rest, { cwd, env: environment(options.env) })
  const said = { stdout: '', stderr: '', both: '' }
  const listeners = new Set<() => void>()
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
      said.both += text
      for (const listener of listeners) listener()
    })
  }
  child.stdin.on('error', () => undefined) // it may end without reading
  child.stdin.end(options.input ?? '')

  const exit = new Promise<ProgramResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`mig ${args.join(' ')}: still running after ${timeoutMs} ms; it said:\n${said.both}`))
    }, timeoutMs)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout: said.stdout, stderr: said.stderr })
    })
  })
  exit.catch(() => undefined) // whoever awaits it gets it; nobody has to

  return {
    child,
    exit,
    output: () => said.both,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    async waitForOutput(pattern, waitMs = 120_000) {
      const matched = new Promise<true>((resolve) => {
        const check = () => void (said.both.search(pattern) >= 0 && resolve(true))
        listeners.add(check)
        check()
      })
      const timer = { id: undefined as NodeJS.Timeout | undefined }
      const late = new Promise<false>((resolve) => (timer.id = setTimeout(() => resolve(false), waitMs)))
      const isMatched = await Promise.race([matched, late, exit.then(() => false)])
      clearTimeout(timer.id)
      if (!isMatched) throw new Error(`mig ${args.join(' ')}: waited for ${String(pattern)}; it said:\n${said.both}`)
    },
  }
}

/** Nothing of the tests' own configuration reaches the program, and no colours unless a test takes NO_COLOR away. */
function environment(extra: ProgramOptions['env']): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(inherited.map((name) => [name, process.env[name]]))
  return { ...kept, NO_COLOR: '1', ...extra }
}
