// PostgreSQL: what other sessions do, as pg_stat_activity shows it.

import type { ActivityAnswers, OtherSession } from '../contract/activity.js'
import type { Connection } from '../contract/connection.js'
import { shortened } from '../../core/sql/sql.js'

export const activity: ActivityAnswers = {
  async connectionId(connection) {
    const { rows } = await connection.query(
      `select ${connectionIdOf('activity')} as "id" from pg_stat_activity as activity where pid = pg_backend_pid()`,
    )
    return (rows[0]?.id as string | null | undefined) ?? null
  },

  async statementOf(connection, connectionId) {
    const { rows } = await connection.query(
      `select query from pg_stat_activity as activity where state = 'active' and ${connectionIdOf('activity')} = ?`,
      [connectionId],
    )
    return rows[0] === undefined ? null : shortened(String(rows[0].query))
  },

  blockers: (connection, connectionId) =>
    others(connection, connectionId, 'other.pid = any(pg_blocking_pids(activity.pid))'),
  waiters: (connection, connectionId) =>
    others(connection, connectionId, 'activity.pid = any(pg_blocking_pids(other.pid))'),
}

async function others(connection: Connection, connectionId: string, how: string): Promise<readonly OtherSession[]> {
  const { rows } = await connection.query(
    `select other.pid, other.application_name as "program", other.usename as "user",
            other.client_addr::text as "address", other.state, other.query as "statement",
            extract(epoch from clock_timestamp() - other.state_change)::int as "forS"
       from pg_stat_activity as activity
       join pg_stat_activity as other on ${how}
      where ${connectionIdOf('activity')} = ?
      order by other.xact_start`,
    [connectionId],
  )
  return rows.map((row) => otherOf(row as unknown as OtherRow))
}

/** Process numbers are used again; with the time of its start none has been before. */
export function connectionIdOf(table: string): string {
  return `${table}.pid || '/' || extract(epoch from ${table}.backend_start)::text`
}

interface OtherRow {
  readonly pid: number
  readonly program: string | null
  readonly user: string | null
  readonly address: string | null
  readonly state: string | null
  readonly statement: string | null
  readonly forS: number | null
}

/** Of other users' sessions one without the role pg_read_all_stats sees little. */
function otherOf({ pid, program, user, address, state, statement, forS }: OtherRow): OtherSession {
  const facts = [program, user, address].filter((fact) => fact !== null && fact !== '')
  const isTold = state !== null
  return {
    session: `server process ${pid}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`,
    state,
    statement: isTold && statement ? shortened(statement) : null,
    forS,
  }
}
