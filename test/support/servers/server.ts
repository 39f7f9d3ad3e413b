// A throwaway server process: found, started on a free port, waited for, ended without ceremony.

import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { chownSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Server {
  url: string
  stop(): Promise<void>
}

/** A server that can fail as a machine does, and come back with what it had written. */
export interface RestartableServer extends Server {
  crash(): Promise<void>
  restart(): Promise<void>
}

export interface ServerOptions {
  /** What was committed must outlive a crash. */
  isDurable?: boolean
  /** More settings, as the server's command line takes them. */
  settings?: readonly string[]
}

export interface ServerProcess {
  command: string
  args: string[]
  folder: string
  stopSignal: NodeJS.Signals
  /** A folder of programs that the server calls by name. */
  programs?: string
  /** Tries to log in; rejects while the server is not ready. */
  login(): Promise<void>
}

/** Starts it, and again after a crash, on the same port and data. */
export async function startServer(url: string, server: ServerProcess): Promise<RestartableServer> {
  let end = await startProcess(server)
  return {
    url,
    stop: () => end(server.stopSignal),
    crash: () => end('SIGKILL'),
    async restart() {
      end = await startAgain(server)
    },
  }
}

/** What a killed server leaves behind may refuse the next one for a moment: its own processes, until they notice. */
async function startAgain(server: ServerProcess): Promise<(signal: NodeJS.Signals) => Promise<void>> {
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    try {
      return await startProcess(server)
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 10_000

/** Resolves, with what ends it, when the server lets somebody in; rejects with the reason in its log when it exits instead. */
async function startProcess(server: ServerProcess): Promise<(signal: NodeJS.Signals) => Promise<void>> {
  const logPath = join(server.folder, 'log')
  const log = openSync(logPath, 'w')
  const path = [server.programs, process.env['PATH']].filter((part) => part !== undefined).join(delimiter)
  const env = { ...process.env, PATH: path }
  const child = spawn(server.command, server.args, { ...unprivileged(), cwd: '/', env, stdio: ['ignore', log, log] })
  closeSync(log)
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    if (failure) throw failure
    if (hasEnded(child)) throw new Error(reasonIn(readFileSync(logPath, 'utf8')))
    try {
      await server.login()
      return (signal) => stopProcess(child, signal)
    } catch (error) {
      if (Date.now() > deadline) {
        await stopProcess(child, 'SIGKILL')
        throw new Error('the server does not let anybody in', { cause: error })
      }
      await sleep(20)
    }
  }
}

async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await ended
  clearTimeout(timer)
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Runs a program to its end; rejects with what it said when it fails. */
export async function runToEnd(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { ...unprivileged(), cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${command}: ${reasonIn(output)}`)
}

/** The line of a log that says what went wrong: the first one that is marked as an error, or the last. */
function reasonIn(log: string): string {
  const lines = log.trim().split('\n')
  return lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1) ?? ''
}

/** PostgreSQL refuses to run as root, so root's servers run as nobody. */
export function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const nobody = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
  return nobody ? { uid: Number(nobody[1]), gid: Number(nobody[2]) } : { uid: 65534, gid: 65534 }
}

/** A new folder that the servers own. */
export function makeServerFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const { uid, gid } = unprivileged()
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
  return path
}

/** The first of `names` that is installed. Distributions put servers into folders that only root has on its PATH. */
export function findProgram(names: string[]): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const folders = [...path, '/usr/sbin', '/usr/local/sbin', '/usr/libexec']
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
