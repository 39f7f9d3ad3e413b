// Loaded into a mig process before its own code (NODE_OPTIONS=--import): counts what is asked of SQLite and kills the
// process before or after one of it. There is no line to sit on: SQLite is in the process.
//
//   FAULTS_KILL=12:before    at the 12th; without it nothing happens
//   FAULTS_LOG=path          one line for each

import { appendFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

const { FAULTS_KILL: fault, FAULTS_LOG: log } = process.env
const [at, side] = (fault ?? '0:').split(':')
let count = 0

function watched(original, sqlOf) {
  return function (...args) {
    const isIt = ++count === Number(at)
    if (log) appendFileSync(log, `${sqlOf(this, args).replaceAll(/\s+/g, ' ').trim()}\n`)
    if (isIt && side === 'before') die()
    const result = original.apply(this, args)
    if (isIt && side === 'after') die()
    return result
  }
}

function die() {
  process.kill(process.pid, 'SIGKILL')
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
