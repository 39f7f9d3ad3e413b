// Loaded before mig (node --require): writes down every statement that reaches a driver, in order, as JSON lines.

const { writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const { isMainThread } = require('node:worker_threads')

const lines = []
const connections = new WeakMap()
let count = 0

if (isMainThread && process.env.BENCH_RECORD) {
  const requireOfProject = createRequire(join(process.cwd(), 'package.json'))
  recordSqlite(requireOfProject('better-sqlite3'))
  recordPostgres(requireOfProject('pg'))
  process.once('exit', () => {
    writeFileSync(process.env.BENCH_RECORD, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  })
}

/** A number for each connection; the first time, that it was opened is told as well. */
function numberOf(connection, name) {
  if (!connections.has(connection)) {
    connections.set(connection, ++count)
    lines.push({ connection: count, opens: name.replace(process.env.BENCH_RECORD_DATABASE, '') })
  }
  return connections.get(connection)
}

function recordSqlite(Database) {
  const probe = new Database(':memory:')
  const Statement = Object.getPrototypeOf(probe.prepare('select 1'))
  probe.close()
  for (const call of ['run', 'get', 'all', 'iterate']) {
    wrap(Statement, call, (statement, values) => ({
      connection: numberOf(statement.database, statement.database.name),
      call: call === 'iterate' ? 'all' : call,
      sql: statement.source,
      values,
    }))
  }
  for (const call of ['exec', 'pragma']) {
    wrap(Database.prototype, call, (database, [sql]) => ({ connection: numberOf(database, database.name), call, sql }))
  }
  wrap(Database.prototype, 'close', (database) => ({ connection: numberOf(database, database.name), closes: true }))
}

function recordPostgres({ Client }) {
  wrap(Client.prototype, 'query', (client, [query, values]) => ({
    connection: numberOf(client, ''),
    sql: typeof query === 'string' ? query : query.text,
    values: (Array.isArray(values) ? values : query.values) ?? [],
  }))
}

let isInside = false

/** A call that the driver makes of another of its own functions belongs to the first. */
function wrap(owner, name, describe) {
  const original = owner[name]
  owner[name] = function (...args) {
    if (isInside) return original.apply(this, args)
    const line = describe(this, args)
    lines.push(line)
    const failed = () => (line.fails = true)
    const last = args.at(-1)
    if (typeof last === 'function')
      args[args.length - 1] = (error, ...rest) => (error && failed(), last(error, ...rest))
    isInside = true
    try {
      const result = original.apply(this, args)
      if (typeof result?.then === 'function') result.then(undefined, failed)
      return result
    } catch (error) {
      failed()
      throw error
    } finally {
      isInside = false
    }
  }
}
