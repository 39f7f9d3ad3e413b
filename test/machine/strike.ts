// What happens to a run while it is at work, and a run to which it happens.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { openProxy, type Statement } from '../faults/support/proxy.js'
import type { Database, EngineName } from '../support/engines.js'
import type { ProgramResult, Project } from '../support/project.js'
import { endSessions } from './sessions.js'

export interface Strike {
  /** Statements are counted from the first that has this mark; null: from the first of all. */
  readonly after: number | null
  /** Of the statement that is hit, from 1. mig's own count, too. */
  readonly ordinal: number
  /** `after`: the database has done it, and nobody was answered. */
  readonly side: 'before' | 'after'
  readonly how: StrikeKind
}

/** `kill`: the process. `cut`: the line. `end session`: an administrator ends it. `stop`: SIGTERM. */
export type StrikeKind = 'kill' | 'cut' | 'end session' | 'stop'

export const strikeKinds: Record<EngineName, readonly StrikeKind[]> = {
  sqlite: ['kill', 'kill', 'kill', 'stop'],
  postgres: ['kill', 'kill', 'kill', 'cut', 'end session', 'stop'],
  mysql: ['kill', 'kill', 'kill', 'cut', 'end session', 'stop'],
}

export interface StruckRun {
  readonly result: ProgramResult
  /** Whether it came to the statement that is to be hit. */
  readonly isStruck: boolean
}

export interface RunToStrike {
  readonly engine: EngineName
  readonly project: Project
  readonly database: Database
  readonly args: readonly string[]
  readonly strike: Strike | undefined
}

export async function runStruck(run: RunToStrike): Promise<StruckRun> {
  const { project, database, args, strike } = run
  const env = { MIG_DATABASE_URL: database.url, MACHINE_URL: database.url }
  if (strike === undefined) return { result: await project.run(args, { env }), isStruck: false }
  return run.engine === 'sqlite' ? runInProcess(run, strike, env) : runOverLine(run, strike, env)
}

type Env = Readonly<Record<string, string>>

async function runOverLine({ project, database, args }: RunToStrike, strike: Strike, env: Env): Promise<StruckRun> {
  const counter = counterOf(strike)
  let isStruck = false
  let ended: Promise<unknown> = Promise.resolve()
  const hit = (): 'pass' | 'cut' => {
    isStruck = true
    if (strike.how === 'cut') return 'cut'
    if (strike.how === 'end session') ended = endSessions(database)
    else program.kill(strike.how === 'kill' ? 'SIGKILL' : 'SIGTERM')
    return strike.how === 'kill' ? 'cut' : 'pass'
  }
  const target = { statement: null as Statement | null }
  const proxy = await openProxy(database.url, {
    onStatement(statement) {
      if (!counter(statement.sql)) return 'pass'
      target.statement = statement
      return strike.side === 'before' ? hit() : 'pass'
    },
    onReply: (statement) => (strike.side === 'after' && statement === target.statement ? hit() : 'pass'),
  })
  const program = project.start(args, { env: { ...env, MIG_DATABASE_URL: proxy.url } })
  const result = await program.exit
  await ended
  await proxy.close()
  return { result, isStruck }
}

/** Says of each statement whether it is the one. */
function counterOf({ after, ordinal }: Strike): (sql: string) => boolean {
  let count = 0
  const first = new RegExp(after === null ? '' : `\\be${after}\\b`)
  return (sql) => (count > 0 || first.test(sql)) && ++count === ordinal
}

const preload = fileURLToPath(new URL('../faults/support/kill-sqlite.mjs', import.meta.url))

/** SQLite lives in the process: it strikes itself. */
async function runInProcess({ project, args }: RunToStrike, strike: Strike, env: Env): Promise<StruckRun> {
  const { after, ordinal, side, how } = strike
  const hit = project.path(`hit-${performance.now()}`)
  const result = await project.run(args, {
    env: {
      ...env,
      NODE_OPTIONS: `--import ${JSON.stringify(preload)}`,
      FAULTS_KILL: `${ordinal}:${side}`,
      FAULTS_HIT: hit,
      FAULTS_SIGNAL: how === 'stop' ? 'SIGTERM' : 'SIGKILL',
      ...(after !== null && { FAULTS_FROM: `e${after}` }),
    },
  })
  return { result, isStruck: existsSync(hit) && readFileSync(hit).length > 0 }
}
