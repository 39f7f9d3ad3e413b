// MySQL and MariaDB: settings of the session that a migration may leave changed.

import type { Connection } from '../contract/connection.js'
import type { SessionState, SessionStateAnswers } from '../contract/session-state.js'
import { statements } from './statements.js'
import { tables } from './tables.js'

export const sessionState: SessionStateAnswers = {
  mayChange: (sql) => statements.read(sql).changesSettings,
  read,
  restore,
}

/** Set by name as they are read. */
const variables = [
  'sql_mode',
  'foreign_key_checks',
  'unique_checks',
  'autocommit',
  'time_zone',
  'character_set_client',
  'character_set_results',
  'collation_connection',
  'lock_wait_timeout',
  'innodb_lock_wait_timeout',
  'sql_safe_updates',
  'sql_log_bin',
]

/** MariaDB before 11.1 calls it otherwise; it passes over MySQL's comments from 50700 on, and MySQL over MariaDB's. */
const isolation = '/*!50720 @@session.transaction_isolation */ /*M! @@session.tx_isolation */'

async function read(connection: Connection): Promise<SessionState> {
  const { rows } = await connection.query(
    `select database() as \`database\`, ${isolation} as \`transaction_isolation\`,
            ${variables.map((name) => `@@session.${name} as \`${name}\``).join(', ')}`,
  )
  const known = Object.entries(rows[0] ?? {}).filter(([, value]) => value !== null)
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]))
}

/** A session that once used a database cannot go back to none. */
async function restore(connection: Connection, wanted: SessionState, found: SessionState): Promise<void> {
  await connection.query('unlock tables')
  const differing = Object.keys(wanted).filter((name) => wanted[name] !== found[name])
  const changed = variables.filter((name) => differing.includes(name))
  if (changed.length > 0)
    await connection.query(
      `set ${changed.map((name) => `session ${name} = ?`).join(', ')}`,
      changed.map((name) => valueOf(wanted[name] as string)),
    )
  if (differing.includes('transaction_isolation'))
    await connection.query(
      `set session transaction isolation level ${(wanted.transaction_isolation as string).replace('-', ' ')}`,
    )
  if (differing.includes('database')) await connection.query(`use ${tables.quote(wanted.database as string)}`)
}

/** Variables that are numbers refuse a text. */
function valueOf(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}
