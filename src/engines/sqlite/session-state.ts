// SQLite: settings of the connection that a migration may leave changed.

import type { Connection } from '../contract/connection.js'
import { type SessionState, type SessionStateAnswers, stateOf } from '../contract/session-state.js'
import { tables } from './tables.js'

export const sessionState: SessionStateAnswers = {
  leavesBehind: () => null, // no pooler stands before a file
  namesIn: () => [],
  read,
  restore,
  insideReaches: null,
  endTransaction: new Set(),
}

/** All of sqlite.org/pragma.html that are the connection's, can be read, and are not kept in the file. */
const pragmas = [
  'analysis_limit',
  'automatic_index',
  'busy_timeout',
  'cache_size',
  'cache_spill',
  'cell_size_check',
  'checkpoint_fullfsync',
  'count_changes',
  'defer_foreign_keys',
  'foreign_keys',
  'full_column_names',
  'fullfsync',
  'ignore_check_constraints',
  'journal_size_limit',
  'legacy_alter_table',
  'locking_mode',
  'query_only',
  'read_uncommitted',
  'recursive_triggers',
  'reverse_unordered_selects',
  'secure_delete',
  'short_column_names',
  'synchronous',
  'temp_store',
  'threads',
  'trusted_schema',
  'writable_schema',
]

/** Under this prefix the state names the databases that are attached, with their files. */
const attached = 'database '

/** `pragma case_sensitive_like` cannot be read: what it does can be seen. */
const likeTellsCases = `select 'case_sensitive_like', case when 'a' like 'A' then 0 else 1 end`

async function read(connection: Connection): Promise<SessionState> {
  const { rows } = await connection.query(
    [
      ...pragmas.map((name) => `select '${name}' as name, p.* from pragma_${name} as p`),
      likeTellsCases,
      `select '${attached}' || name, file from pragma_database_list where name not in ('main', 'temp')`,
    ].join(' union all '),
  )
  const seen = rows.map((row) => Object.values(row))
  return stateOf(seen.map(([name, value]) => ({ name: String(name), value, own: true })))
}

async function restore(connection: Connection, { values }: SessionState, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const value = values[name]
    if (name.startsWith(attached)) await restoreDatabase(connection, name.slice(attached.length), value)
    else await connection.query(`pragma ${name} = ${value}`)
  }
}

/** Under this name another file may be attached now. */
async function restoreDatabase(connection: Connection, name: string, file: string | undefined): Promise<void> {
  const { rows } = await connection.query('select 1 from pragma_database_list where name = ?', [name])
  if (rows.length > 0) await connection.query(`detach ${tables.quote(name)}`)
  if (file !== undefined) await connection.query(`attach ? as ${tables.quote(name)}`, [file])
}
