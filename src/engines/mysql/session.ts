// MySQL and MariaDB: what a URL means for the driver, and facts and settings of a session.

import type { Connection, DatabaseUrl, Greeting } from '../engine.js'

/** Parameters go to the driver by name; those that are JSON (`ssl={…}`, numbers, true) as their values. */
export function settingsOf({
  user,
  password,
  host,
  port,
  database,
  parameters,
}: DatabaseUrl): Readonly<Record<string, unknown>> {
  const { ssl, ...others } = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, parsed(value)]))
  return {
    ...others,
    // The driver wants an object; a URL says yes or no.
    ...(ssl !== undefined && ssl !== false && { ssl: ssl === true ? {} : ssl }),
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    ...(host !== null && { host }),
    ...(port !== null && { port }),
    ...(database !== '' && { database }),
  }
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

export async function greet(connection: Connection): Promise<Greeting> {
  const { rows } = await connection.query(
    'select database() as `schema`, @@global.read_only as `readOnly`, version() as `version`',
  )
  const { schema, readOnly, version } = rows[0] as { schema: string | null; readOnly: number; version: string }
  const isMaria = /mariadb/i.test(version)
  return {
    schema,
    readOnly:
      Number(readOnly) === 1 && !(await mayWriteAnyway(connection)) ? 'the server is read-only (read_only = ON)' : null,
    version: `${isMaria ? 'MariaDB' : 'MySQL'} ${version.split('-')[0]}`,
  }
}

/** Some users may write to a read-only server; whether this one can is known by trying a statement that changes nothing. */
async function mayWriteAnyway(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query('show grants')
  return rows.some((row) =>
    Object.values(row).some((grant) =>
      /\b(SUPER|CONNECTION_ADMIN|READ_ONLY ADMIN|READ ONLY ADMIN|ALL PRIVILEGES ON \*\.\*)/.test(String(grant)),
    ),
  )
}

/** A long pause in a migration must not end the session, and `init_connect` may have turned autocommit off. */
export async function prepareRun(connection: Connection): Promise<void> {
  await connection.query('set session wait_timeout = 28800, session autocommit = 1, session lock_wait_timeout = 5')
}
