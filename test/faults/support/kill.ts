// One kill: where it strikes, and how it strikes in a process that talks to a server, and in one that is its own server.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Database } from '../../support/engines.js'
import type { ProgramResult, Project } from '../../support/project.js'
import { openProxy } from './proxy.js'

export interface Kill {
  /** Of the statement, counted from 1. */
  readonly ordinal: number
  /** `after`: it was done, and nobody was answered. */
  readonly side: 'before' | 'after'
}

/** A run of mig that is watched statement by statement. */
export interface WatchedRun {
  readonly result: ProgramResult
  readonly statements: readonly string[]
}

export interface RunToKill {
  readonly project: Project
  readonly database: Database
  readonly args: readonly string[]
  /** Without it the run is only watched. */
  readonly kill?: Kill
}

/** Over the line to a server: SIGKILL while the proxy has the statement, or its reply, in hand. */
export async function runOverLine({ project, database, args, kill }: RunToKill): Promise<WatchedRun> {
  const strike = (side: Kill['side'], ordinal: number) => {
    if (kill?.side !== side || kill.ordinal !== ordinal) return 'pass'
    program.kill('SIGKILL')
    return 'cut'
  }
  const proxy = await openProxy(database.url, {
    onStatement: ({ ordinal }) => strike('before', ordinal),
    onReply: ({ ordinal }) => strike('after', ordinal),
  })
  const program = project.start(args, { env: { MIG_DATABASE_URL: proxy.url } })
  const result = await program.exit
  await proxy.close()
  return { result, statements: proxy.statements.map(({ sql }) => sql) }
}

const preload = fileURLToPath(new URL('./kill-sqlite.mjs', import.meta.url))
let logs = 0

/** SQLite lives in the process: it kills itself. */
export async function runInProcess({ project, database, args, kill }: RunToKill): Promise<WatchedRun> {
  const log = project.path(`statements-${++logs}.log`)
  const result = await project.run(args, {
    env: {
      MIG_DATABASE_URL: database.url,
      NODE_OPTIONS: `--import ${JSON.stringify(preload)}`,
      FAULTS_LOG: log,
      ...(kill && { FAULTS_KILL: `${kill.ordinal}:${kill.side}` }),
    },
  })
  return { result, statements: existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [] }
}
