// Loaded into a mig process before its own code (NODE_OPTIONS=--import): counts what is asked of SQLite and kills the
// process before or after one of it. There is no line to sit on: SQLite is in the process.
//
//   FAULTS_KILL=12:before    at the 12th; without it nothing happens
//   FAULTS_FROM=e7           counted from the first that has this word on
//   FAULTS_SIGNAL=SIGTERM    SIGKILL if not given
//   FAULTS_HIT=path          written when it happens
//   FAULTS_LOG=path          one line for each

import { appendFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

const { FAULTS_KILL: fault, FAULTS_LOG: log, FAULTS_FROM: from, FAULTS_HIT: hit } = process.env
const { FAULTS_SIGNAL: signal = 'SIGKILL' } = process.env
const first = new RegExp(from === undefined ? '' : `\\b${from}\\b`)
const [at, side] = (fault ?? '0:').split(':')
let count = 0

function watched(original, sqlOf) {
  return function (...args) {
    const sql = sqlOf(this, args)
    const isIt = (count > 0 || first.test(sql)) && ++count === Number(at)
    if (log) appendFileSync(log, `${sql.replaceAll(/\s+/g, ' ').trim()}\n`)
    if (isIt && side === 'before') die()
    const result = original.apply(this, args)
    if (isIt && side === 'after') die()
    return result
  }
}

function die() {
  if (hit) writeFileSync(hit, 'hit')
  process.kill(process.pid, signal)
  if (signal !== 'SIGKILL') return
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

function watch(prototype, names, sqlOf) {
  for (const name of names) prototype[name] = watched(prototype[name], sqlOf)
}

if (isMainThread) {
  const Sqlite = createRequire(join(process.cwd(), 'package.json'))('better-sqlite3')
  const database = new Sqlite(':memory:')
  const statement = Object.getPrototypeOf(database.prepare('select 1'))
  database.close()
  watch(statement, ['run', 'get', 'all', 'iterate'], ({ source }) => source)
  watch(Sqlite.prototype, ['exec'], (_database, [sql]) => sql)
}
