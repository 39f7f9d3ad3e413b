// PostgreSQL: facts and settings of a session.

import type { Connection } from '../contract/connection.js'
import type { Greeting } from '../contract/session.js'
import { ownName } from './own-query.js'

/** A pooler tells a process number of its own making: the server's differs. */
export async function greet(connection: Connection): Promise<Greeting> {
  const { rows } = await connection.query(
    `select current_schema() as "schema", pg_is_in_recovery() as "standby",
            current_setting('transaction_read_only') as "readOnly", current_setting('server_version') as "version",
            pg_backend_pid() as "processId"`,
  )
  const { schema, standby, readOnly, version, processId } = rows[0] as {
    schema: string | null
    standby: boolean
    readOnly: string
    version: string
    processId: number
  }
  const keepsSession = processId === (connection.raw as { readonly processID?: number }).processID
  return {
    schema,
    keepsSession,
    hasSeveralClocks: false,
    weakLock: keepsSession
      ? null
      : 'a pooler (pgbouncer?) stands before the server, and each transaction may reach another session',
    silence: null,
    readOnly: standby
      ? 'this server is a read-only standby'
      : readOnly === 'on'
        ? 'transactions are read-only here (default_transaction_read_only)'
        : null,
    version: `PostgreSQL ${version.split(' ')[0]}`,
  }
}

/** Limits of a server, a database or a role that would end a migration that is at work, or pauses. */
const timeLimits = [
  'statement_timeout',
  'idle_session_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
] as const

/**
 * The server looks every second whether the client is still there, so that the lock of a killed run is free soon even
 * in the midst of a statement (14 and later, where the platform can). Limits of time are lifted, but for those that this
 * connection itself asks for: they come from its URL, or from a hook. All in one statement; a name that the project chose
 * stays.
 */
export async function prepareRun(connection: Connection, label: string): Promise<void> {
  const lifted = timeLimits.map((name) => `'${name}'`).join(', ')
  await connection.query(
    `select pg_catalog.set_config(name, case name when 'application_name' then ?
                                                  when 'client_connection_check_interval' then '1s' else '0' end, false)
       from pg_catalog.pg_settings
      where (name in (${lifted}) and source not in ('client', 'session') and setting <> '0')
         or name = 'client_connection_check_interval' or (name = 'application_name' and setting = '${ownName}')`,
    [inAscii(label).slice(0, 63)],
  )
}

/** The server shows others a question mark for every other sign anyway (manual, "application_name"). */
function inAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

interface Origin {
  readonly user: string
  readonly database: string
  readonly setting: string
  readonly unit: string | null
  readonly source: string
  readonly file: string | null
}

/** Asked in a fresh session: what counts there is what did not come from the run. */
export async function limitOrigin(connection: Connection, name: string): Promise<string | null> {
  const { rows } = await connection.query(
    `select current_user as "user", current_database() as "database", setting, unit, source, sourcefile as "file"
       from pg_catalog.pg_settings where name = ?`,
    [name],
  )
  return rows[0] === undefined ? null : originInWords(name, rows[0] as unknown as Origin)
}

function originInWords(name: string, { user, database, setting, unit, source, file }: Origin): string | null {
  if (setting === '0') return null
  const value = `${setting} ${unit ?? ''}`.trim()
  switch (source) {
    case 'user':
      return `role ${user} has it as ${value}: alter role ${user} reset ${name}`
    case 'database user':
      return `role ${user} has it as ${value} in this database: alter role ${user} in database ${database} reset ${name}`
    case 'database':
      return `database ${database} has it as ${value}: alter database ${database} reset ${name}`
    case 'client':
      return `the database URL or the settings of the connection ask for ${value}`
    case 'session':
      return `a hook of the connection sets it to ${value}`
    default:
      return `the server has it as ${value} (${file ?? source})`
  }
}
