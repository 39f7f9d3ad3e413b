// PostgreSQL: facts and settings of a session.

import type { Connection } from '../contract/connection.js'
import type { Greeting } from '../contract/session.js'

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
    readOnly: standby
      ? 'this server is a read-only standby'
      : readOnly === 'on'
        ? 'transactions are read-only here (default_transaction_read_only)'
        : null,
    version: `PostgreSQL ${version.split(' ')[0]}`,
  }
}

/**
 * The server looks every second whether the client is still there, so that the lock of a killed run is free soon even
 * in the midst of a statement (14 and later, where the platform can); a pause in a migration does not end the session.
 */
export async function prepareRun(connection: Connection, label: string): Promise<void> {
  await connection.query(
    `select set_config(name, case name when 'client_connection_check_interval' then '1s' else '0' end, false)
       from pg_settings where name in ('client_connection_check_interval', 'idle_in_transaction_session_timeout')`,
  )
  await connection.query(`select set_config('application_name', ?, false)`, [label.slice(0, 63)])
}
