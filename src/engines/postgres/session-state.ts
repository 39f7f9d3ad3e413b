// PostgreSQL: settings of the session that a migration may leave changed.

import type { Connection } from '../contract/connection.js'
import { type SessionState, type SessionStateAnswers, stateOf, type Until } from '../contract/session-state.js'
import { leavesBehind } from './session-leaves.js'

export const sessionState: SessionStateAnswers = {
  leavesBehind,
  namesIn,
  read,
  restore,
  insideReaches: 'transaction',
  endTransaction: new Set(),
}

/** Not among the rows of pg_settings, and set back before the rest: who may set that is told by them. */
const identity = ['session_authorization', 'role']

/**
 * Whatever a session may set. Those of a transaction end with it. What has another source than the session may be changed
 * by anybody, by a reload. Functions are named with their schema: a dump empties the search path.
 */
async function read(connection: Connection, named: Iterable<string>): Promise<SessionState> {
  const byName = [...identity, ...named]
  const { rows } = await connection.query(
    `select name, setting as value, source = 'session' as own from pg_catalog.pg_settings
      where context in ('user', 'superuser') and name !~ '^transaction_'
     union all
     select name, coalesce(pg_catalog.current_setting(name, true), ''), true
       from (values ${byName.map(() => '(?)').join(', ')}) as named (name)`,
    byName,
  )
  return stateOf(rows as never)
}

/** A custom setting has a dot in its name; so has much that is none, which then has no value. */
function namesIn(sql: string): readonly string[] {
  return [...new Set(sql.match(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+/g))].slice(0, mostNames)
}

const mostNames = 100

/** A change of the session's user ends its role, whatever that was (manual, "SET ROLE"). */
async function restore(
  connection: Connection,
  wanted: SessionState,
  names: readonly string[],
  until: Until,
): Promise<void> {
  const isOtherUser = names.includes('session_authorization')
  for (const name of identity)
    if (names.includes(name) || (name === 'role' && isOtherUser)) await set(connection, wanted, [name], until)
  await set(
    connection,
    wanted,
    names.filter((name) => !identity.includes(name)),
    until,
  )
}

/** Without a value a setting goes back to its default ("set_config", null). */
async function set(
  connection: Connection,
  { values }: SessionState,
  names: readonly string[],
  until: Until,
): Promise<void> {
  if (names.length === 0) return
  await connection.query(
    `select pg_catalog.set_config(name, value, ${until === 'transaction'})
       from (values ${names.map(() => '(?, ?)').join(', ')}) as wanted (name, value)`,
    names.flatMap((name) => [name, values[name] ?? null]),
  )
}
