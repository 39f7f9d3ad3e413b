// MySQL and MariaDB: settings of the session that a migration may leave changed.

import type { Connection, Fragment } from '../contract/connection.js'
import { leavesBehind } from './session-leaves.js'
import { type SessionState, type SessionStateAnswers, stateOf } from '../contract/session-state.js'
import { tables } from './tables.js'

export const sessionState: SessionStateAnswers = {
  leavesBehind,
  namesIn,
  read,
  restore,
  insideReaches: 'session',
  // From 0 to 1 it commits: https://dev.mysql.com/doc/refman/9.0/en/implicit-commit.html
  endTransaction: new Set(['autocommit']),
}

/** Change of themselves, with each statement or each row. */
const noise = [
  'timestamp',
  'statement_id',
  'identity',
  'last_insert_id',
  'insert_id',
  'rand_seed1',
  'rand_seed2',
  'warning_count',
  'error_count',
  'in_transaction',
  'pseudo_thread_id',
  'last_gtid',
  'gtid_seq_no',
]

/**
 * MariaDB passes over MySQL's comments from 50700 on, and MySQL over MariaDB's. A variable that is no other than for all
 * sessions may be changed by anybody.
 */
const query = `
  /*!50720 select s.variable_name as name, convert(s.variable_value using utf8mb4) collate utf8mb4_bin as value,
                  coalesce(s.variable_value <> g.variable_value, true) as own
             from performance_schema.session_variables as s
             left join performance_schema.global_variables as g on g.variable_name = s.variable_name */
  /*M! select lower(variable_name) as name, session_value as value, coalesce(session_value <> global_value, true) as own
         from information_schema.system_variables where session_value is not null and read_only = 'NO' */
  union all select 'database', database(), true`

/** `sql_select_limit` is one of the settings. */
const everyRow = 'limit 18446744073709551615'

async function read(connection: Connection, named: Iterable<string>): Promise<SessionState> {
  const variables = [...named].map((name) => `union all select '${name}', ${asText(name)}, true`)
  const { rows } = await connection.query(`${query} ${variables.join(' ')} ${everyRow}`)
  const seen = rows.map(({ name, value, own }) => ({ name: String(name), value, own: Boolean(Number(own)) }))
  return stateOf(seen.filter(({ name }) => !noise.includes(name)))
}

/** MySQL refuses columns of a union whose collations differ, as those of a user variable and of a setting do. */
function asText(variable: string): string {
  return `convert(${variable} using utf8mb4) collate utf8mb4_bin`
}

/** User variables; those of the system have two signs, a user of an account has a host before. */
function namesIn(sql: string): readonly string[] {
  return [...new Set(sql.match(/(?<![@\w'"`])@[A-Za-z_$][\w$]*/g))].slice(0, mostNames)
}

const mostNames = 100

/** Each for itself where one is refused: inside a transaction some are. A session cannot go back to no database. */
async function restore(connection: Connection, { values }: SessionState, names: readonly string[]): Promise<void> {
  await connection.query('unlock tables')
  // A set of characters brings its collation along.
  const variables = names.filter((name) => name !== 'database').sort((a, b) => rank(a) - rank(b))
  const assignments = variables.map((name) => assignment(name, values[name] ?? null))
  if (assignments.length > 0)
    await set(connection, assignments).catch(async () => {
      for (const one of assignments) await set(connection, [one]).catch(() => undefined)
    })
  if (names.includes('database') && values.database !== undefined)
    await connection.query(`use ${tables.quote(values.database)}`)
}

function rank(name: string): number {
  return name.startsWith('collation_') ? 1 : 0
}

/** Variables that are numbers refuse a text, and some are too large for a number of JavaScript. */
function assignment(name: string, value: string | null): Fragment {
  const isOfUser = name.startsWith('@')
  const target = isOfUser ? name : `@@session.${name}`
  const isNumber = !isOfUser && value !== null && /^-?\d+(\.\d+)?$/.test(value)
  return isNumber ? { sql: `${target} = ${value}`, values: [] } : { sql: `${target} = ?`, values: [value] }
}

async function set(connection: Connection, assignments: readonly Fragment[]): Promise<void> {
  const values = assignments.flatMap((one) => one.values)
  await connection.query(`set ${assignments.map(({ sql }) => sql).join(', ')}`, values)
}
