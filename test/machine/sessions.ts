// The sessions of a database, seen by an administrator.

import { eventually } from '../runner/workbench.js'
import type { Database } from '../support/engines.js'

/** Ends all others, as an administrator does. */
export async function endSessions(database: Database): Promise<void> {
  const session = await database.connect()
  try {
    if (isPostgres(database)) {
      await session.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${others.postgres}`)
      return
    }
    for (const { id } of await session.query(
      `select id as id from information_schema.processlist where ${others.mysql}`,
    ))
      await session.query(`kill ${Number(id)}`).catch(() => undefined) // it may be gone by itself
  } finally {
    await session.close()
  }
}

/** Until the server is done with what was killed, and with what it had begun. */
export async function waitUntilAlone(database: Database): Promise<void> {
  if (database.url.startsWith('sqlite:')) return
  const from = isPostgres(database)
    ? `pg_stat_activity where ${others.postgres}`
    : `information_schema.processlist where ${others.mysql}`
  await eventually(
    async () => (await database.query(`select 1 as one from ${from}`)).length === 0,
    'the session that was struck is gone',
    30_000,
  )
}

const others = {
  postgres: `datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  mysql: `db = database() and id <> connection_id()`,
}

function isPostgres({ url }: Database): boolean {
  return url.startsWith('postgres')
}
