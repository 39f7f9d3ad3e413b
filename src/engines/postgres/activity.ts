// PostgreSQL: what other sessions do, as pg_stat_activity shows it.

import type { ActivityAnswers, Blocker } from '../contract/activity.js'
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

  async blockers(connection, connectionId) {
    const { rows } = await connection.query(
      `select blocker.pid, blocker.application_name as "program", blocker.usename as "user",
              blocker.client_addr::text as "address", blocker.state, blocker.query as "statement",
              extract(epoch from clock_timestamp() - blocker.state_change)::int as "forS"
         from pg_stat_activity as activity
         join pg_stat_activity as blocker on blocker.pid = any(pg_blocking_pids(activity.pid))
        where ${connectionIdOf('activity')} = ?
        order by blocker.xact_start`,
      [connectionId],
    )
    return rows.map((row) => blockerOf(row as unknown as BlockerRow))
  },
}

/** Process numbers are used again; with the time of its start none has been before. */
export function connectionIdOf(table: string): string {
  return `${table}.pid || '/' || extract(epoch from ${table}.backend_start)::text`
}

interface BlockerRow {
  readonly pid: number
  readonly program: string | null
  readonly user: string | null
  readonly address: string | null
  readonly state: string | null
  readonly statement: string | null
  readonly forS: number | null
}

/** Of other users' sessions one without the role pg_read_all_stats sees little. */
function blockerOf({ pid, program, user, address, state, statement, forS }: BlockerRow): Blocker {
  const facts = [program, user, address].filter((fact) => fact !== null && fact !== '')
  const isTold = state !== null
  return {
    session: `server process ${pid}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`,
    state,
    statement: isTold && statement ? shortened(statement) : null,
    forS,
  }
}
