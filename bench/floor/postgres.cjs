// The least that a migration tool can do on PostgreSQL: `status`, `up` (each table and its history row in one
// transaction), `down` (the last one).

const { Client } = require('pg')
const { readFileSync } = require('node:fs')

const client = new Client({ connectionString: process.env.DATABASE_URL })

async function main() {
  await client.connect()
  const applied = await readHistory()
  if (process.argv[2] === 'up') await up(applied)
  else if (process.argv[2] === 'down') await down(applied.at(-1))
  else console.log(applied.join('\n'))
  await client.end()
}

async function readHistory() {
  const { rows } = await client.query(`select to_regclass('history') is not null as exists`)
  if (rows[0].exists) return (await client.query('select name from history order by name')).rows.map(({ name }) => name)
  await client.query('create table history (name text primary key, at timestamptz not null)')
  return []
}

async function up(applied) {
  const done = new Set(applied)
  for (const table of JSON.parse(readFileSync('tables.json', 'utf8'))) {
    if (done.has(table)) continue
    await client.query('begin')
    await client.query(`create table ${table} (id integer not null, quantity integer not null, primary key (id))`)
    await client.query('insert into history values ($1, now())', [table])
    await client.query('commit')
  }
}

async function down(last) {
  await client.query('begin')
  await client.query(`drop table ${last}`)
  await client.query('delete from history where name = $1', [last])
  await client.query('commit')
}

void main()
