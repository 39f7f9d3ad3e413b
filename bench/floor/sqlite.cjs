// The least that a migration tool can do on SQLite: `status`, `up` (each table and its history row in one transaction),
// `down` (the last one).

const Database = require('better-sqlite3')
const { readFileSync } = require('node:fs')

const database = new Database(process.env.DATABASE_FILE)
const applied = readHistory()
if (process.argv[2] === 'up') up()
else if (process.argv[2] === 'down') down()
else console.log(applied.join('\n'))
database.close()

function readHistory() {
  const exists = database.prepare(`select 1 from sqlite_master where name = 'history'`).get()
  if (exists) return database.prepare('select name from history order by name').pluck().all()
  database.exec('create table history (name text primary key, at text not null)')
  return []
}

function up() {
  const done = new Set(applied)
  for (const table of JSON.parse(readFileSync('tables.json', 'utf8'))) {
    if (done.has(table)) continue
    database.exec('begin immediate')
    database.exec(`create table ${table} (id integer not null, quantity integer not null, primary key (id))`)
    database.prepare('insert into history values (?, ?)').run(table, new Date().toISOString())
    database.exec('commit')
  }
}

function down() {
  const last = applied.at(-1)
  database.exec('begin immediate')
  database.exec(`drop table ${last}`)
  database.prepare('delete from history where name = ?').run(last)
  database.exec('commit')
}
