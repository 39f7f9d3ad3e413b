// Sends recorded statements again, one after the other: `node replay-sqlite.cjs RECORDING`.

const Database = require('better-sqlite3')
const { readFileSync, rmSync } = require('node:fs')

const open = new Map()

for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  if (line !== '') replay(JSON.parse(line))
}

function replay({ connection, opens, closes, call, sql, values, fails }) {
  if (opens !== undefined) return void open.set(connection, openDatabase(opens))
  const database = open.get(connection)
  if (closes) return close(database)
  try {
    if (call === 'exec') database.exec(sql)
    else if (call === 'pragma') database.pragma(sql)
    else database.prepare(sql)[call](...values)
  } catch (error) {
    if (!fails) throw error
  }
}

/** The recorded name is ":memory:", or what follows the name of the database: nothing, or the end of a lock's. */
function openDatabase(end) {
  return new Database(end === ':memory:' ? end : process.env.DATABASE_FILE + end)
}

function close(database) {
  database.close()
  if (!database.memory && database.name !== process.env.DATABASE_FILE) rmSync(database.name)
}
