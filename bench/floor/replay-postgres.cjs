// Sends recorded statements again, one after the other: `node replay-postgres.cjs RECORDING`.

const { Client } = require('pg')
const { readFileSync } = require('node:fs')

const open = new Map()

async function main() {
  for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
    if (line !== '') await replay(JSON.parse(line))
  }
  for (const client of open.values()) await client.end()
}

async function replay({ connection, opens, sql, values, fails }) {
  if (opens !== undefined) return void open.set(connection, await connect())
  try {
    await open.get(connection).query(sql, values)
  } catch (error) {
    if (!fails) throw error
  }
}

async function connect() {
  const client = new Client({ connectionString: process.env.DATABASE_URL })
  await client.connect()
  return client
}

void main()
