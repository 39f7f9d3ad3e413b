// Copied into the project: a session beside the one of mig, with which a migration gets into a deadlock.

/** Tries it twice: the first time in a process there is a deadlock. */
export async function deadlock(knex, one, other) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await knex.transaction((trx) => updateBoth(trx, one, other))
    } catch (error) {
      if (attempt === 2) throw error
    }
  }
}

async function updateBoth(trx, one, other) {
  const met = (globalThis.machineDeadlocks ??= new Set())
  const rival = met.has(one) ? null : await open()
  met.add(one)
  const update = (id) => `update pair set n = n + 1 where id = ${id} /* e${id} */`
  let waiting = Promise.resolve()
  try {
    await rival?.query(update(other))
    await trx.raw(update(one))
    waiting = rival?.query(update(one)).catch(() => undefined)
    if (rival !== null) await new Promise((resolve) => setTimeout(resolve, 200)) // it waits for the first
    await trx.raw(update(other))
  } finally {
    rival?.close()
    await waiting
  }
}

/** Whoever has done less, or notices it first, is the one that must give way: not the rival. */
async function open() {
  const url = process.env.MACHINE_URL
  if (url.startsWith('postgres')) {
    const { default: pg } = await import('pg')
    const client = new pg.Client(url)
    client.on('error', () => undefined)
    await client.connect()
    await client.query(`set deadlock_timeout = '1min'; begin`)
    return { query: (sql) => client.query(sql), close: () => client.connection.stream.destroy() }
  }
  const { default: mysql } = await import('mysql2/promise')
  const client = await mysql.createConnection(url)
  client.on('error', () => undefined)
  await client.query('begin')
  const rows = Array.from({ length: 2000 }, (_, index) => `(${index})`)
  await client.query(`insert into heavy values ${rows.join(', ')}`)
  return { query: (sql) => client.query(sql), close: () => client.destroy() }
}
