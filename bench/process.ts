// One timed process: from before it is started until it has ended.

import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { benchFolder } from './packages.js'
import { workFolder } from './project.js'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Ended {
  readonly durationMs: number
  readonly stdout: string
  /** Why it does not count; null when it ended with 0. */
  readonly problem: string | null
}

export function nodeCommand(args: readonly string[], env: Record<string, string> = {}): Command {
  return { program: process.execPath, args, env }
}

export function withEnvironment(command: Command, env: Readonly<Record<string, string>>): Command {
  return { ...command, env: { ...command.env, ...env } }
}

/** Nothing of the benchmark's own surroundings reaches a tool but what a bare login has. */
const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'TZ', 'SystemRoot']

export function runToEnd({ program, args, env }: Command, folder: string, timeoutMs: number): Ended {
  const kept = Object.fromEntries(inherited.map((name) => [name, process.env[name]]))
  const started = performance.now()
  const ended = spawnSync(program, args, {
    cwd: folder,
    env: { ...kept, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
  })
  const durationMs = performance.now() - started
  return { durationMs, stdout: ended.stdout, problem: problemOf(ended, timeoutMs) }
}

/** The highest use of memory of all Node processes that a command starts, in MB. It costs time: never timed as well. */
export function measureMemory(
  command: Command,
  folder: string,
  timeoutMs: number,
): Ended & { readonly peakMb: number } {
  const report = join(workFolder, 'memory.txt')
  rmSync(report, { force: true })
  const options = `--require ${join(benchFolder, 'hooks', 'memory.cjs')}`
  const observed = withEnvironment(command, { NODE_OPTIONS: options, BENCH_MEMORY_REPORT: report })
  const ended = runToEnd(observed, folder, timeoutMs)
  return { ...ended, peakMb: ended.problem === null ? readPeak(report) / 1024 : 0 }
}

function readPeak(report: string): number {
  const lines = readFileSync(report, 'utf8').trim().split('\n')
  return Math.max(...lines.map(Number))
}

function problemOf(
  { error, status, signal, stdout, stderr }: SpawnSyncReturns<string>,
  timeoutMs: number,
): string | null {
  if (error !== undefined && 'code' in error && error.code === 'ETIMEDOUT')
    return `not done after ${timeoutMs / 1000} s`
  if (error !== undefined) return error.message
  if (status === 0) return null
  return `${signal ?? `exit ${status}`}: ${reasonIn(stderr) ?? reasonIn(stdout) ?? 'it said nothing'}`
}

/** The line that says what went wrong: the first that is, or has in it, the word for it; or the last. */
function reasonIn(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const line =
    lines.find((text) => /^\s*\w*error\b/i.test(text)) ?? lines.find((text) => /error|fail/i.test(text)) ?? lines.at(-1)
  return line?.trim().slice(0, 200)
}
