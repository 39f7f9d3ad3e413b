// PostgreSQL: settings of the session that a migration may leave changed.

import type { Connection } from '../contract/connection.js'
import type { SessionState, SessionStateAnswers } from '../contract/session-state.js'
import { statements } from './statements.js'

export const sessionState: SessionStateAnswers = {
  mayChange: (sql) => statements.read(sql).changesSettings,
  read,
  restore,
}

/** In the order in which they are set back: who may set the rest comes first. */
const settings = [
  'session_authorization',
  'role',
  'search_path',
  'session_replication_role',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'default_transaction_deferrable',
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'TimeZone',
  'DateStyle',
  'IntervalStyle',
  'client_encoding',
  'standard_conforming_strings',
  'check_function_bodies',
  'row_security',
  'client_min_messages',
  'default_tablespace',
  'default_table_access_method',
  'synchronous_commit',
]

/** Functions are named with their schema: the search path is one of the settings, and a dump empties it. */
async function read(connection: Connection): Promise<SessionState> {
  const { rows } = await connection.query(
    `select name, pg_catalog.current_setting(name, true) as value
       from (values ${settings.map((name) => `('${name}')`).join(', ')}) as wanted (name)`,
  )
  const known = rows.filter(({ value }) => value !== null)
  return Object.fromEntries(known.map(({ name, value }) => [String(name), String(value)]))
}

/** A change of the session's user ends its role, whatever that was (manual, "SET ROLE"). */
async function restore(connection: Connection, wanted: SessionState, found: SessionState): Promise<void> {
  const isOtherUser = wanted.session_authorization !== found.session_authorization
  for (const name of settings) {
    const differs = wanted[name] !== found[name] || (name === 'role' && isOtherUser)
    if (wanted[name] !== undefined && differs)
      await connection.query('select pg_catalog.set_config(?, ?, false)', [name, wanted[name]])
  }
}
