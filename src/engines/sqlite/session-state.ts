// SQLite: settings of the connection that a migration may leave changed.

import type { Connection } from '../contract/connection.js'
import type { SessionState, SessionStateAnswers } from '../contract/session-state.js'
import { mayStartWith, shapeOf, statementsOf } from '../../core/sql/sql.js'
import { sqliteLexicon } from './lexicon.js'
import { tables } from './tables.js'

export const sessionState: SessionStateAnswers = {
  mayChange: (sql) =>
    suspicious.test(sql) && statementsOf(sql, sqliteLexicon).some((statement) => changing.test(shapeOf(statement))),
  read,
  restore,
}

const suspicious = mayStartWith('pragma|attach|detach')

/** A pragma without a value only tells one. */
const changing = /^(attach|detach)\b|^pragma .*[=(]/

/** Those of sqlite.org/pragma.html that change what a statement does, and are not kept in the file. */
const pragmas = [
  'foreign_keys',
  'defer_foreign_keys',
  'recursive_triggers',
  'legacy_alter_table',
  'ignore_check_constraints',
  'query_only',
  'writable_schema',
]

/** Under this prefix the state names the databases that are attached, with their files. */
const attached = 'database '

async function read(connection: Connection): Promise<SessionState> {
  const { rows } = await connection.query(
    [
      ...pragmas.map((name) => `select '${name}' as name, ${name} as value from pragma_${name}`),
      `select '${attached}' || name, file from pragma_database_list where name not in ('main', 'temp')`,
    ].join(' union all '),
  )
  return Object.fromEntries(rows.map(({ name, value }) => [String(name), String(value)]))
}

async function restore(connection: Connection, wanted: SessionState, found: SessionState): Promise<void> {
  for (const key of Object.keys(found))
    if (key.startsWith(attached) && wanted[key] === undefined)
      await connection.query(`detach ${tables.quote(key.slice(attached.length))}`)
  for (const key of Object.keys(wanted))
    if (key.startsWith(attached) && found[key] === undefined)
      await connection.query(`attach ? as ${tables.quote(key.slice(attached.length))}`, [wanted[key]])
  for (const pragma of pragmas)
    if (wanted[pragma] !== found[pragma]) await connection.query(`pragma ${pragma} = ${Number(wanted[pragma])}`)
}
