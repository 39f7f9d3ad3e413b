// PostgreSQL: a session's advisory lock. It ends with the connection.

import type { LockAnswers, LockHolder } from '../contract/lock.js'
import { shortened } from '../../core/sql/sql.js'
import { connectionIdOf } from './activity.js'

/** "mig" in ASCII: the class of its locks, so that they meet no other program's. */
const lockClass = 0x6d6967

export const lock: LockAnswers = {
  async tryLock(connection, key) {
    const { rows } = await connection.query('select pg_try_advisory_lock(?, ?) as "taken"', [lockClass, numberOf(key)])
    return rows[0]?.taken === true
  },

  async unlock(connection, key) {
    await connection.query('select pg_advisory_unlock(?, ?)', [lockClass, numberOf(key)])
  },

  async holder(connection, key) {
    const { rows } = await connection.query(
      `select ${connectionIdOf('activity')} as "connection", activity.application_name as "label", activity.pid,
              activity.client_addr::text as "address",
              extract(epoch from clock_timestamp() - activity.backend_start)::int as "connectedForS",
              case when activity.state = 'active' then activity.query end as "statement",
              case when activity.state = 'active'
                   then extract(epoch from clock_timestamp() - activity.query_start)::int end as "statementForS"
         from pg_locks as held join pg_stat_activity as activity on activity.pid = held.pid
        where held.granted and ${isThisLock}`,
      [lockClass, numberOf(key)],
    )
    return rows[0] === undefined ? null : holderOf(rows[0] as unknown as HolderRow)
  },

  isMine: (_connection, key) => ({
    sql: `exists (select 1 from pg_locks as held where held.granted and held.pid = pg_backend_pid() and ${isThisLock})`,
    values: [lockClass, numberOf(key)],
  }),

  isHeldBy: (holder, key) => ({
    sql: `exists (select 1 from pg_locks as held join pg_stat_activity as activity on activity.pid = held.pid
                   where held.granted and ${connectionIdOf('activity')} = ? and ${isThisLock})`,
    values: [holder, lockClass, numberOf(key)],
  }),
}

/** The two-number form is shown with 2 in objsubid, and its numbers without sign (manual, "pg_locks"). */
const isThisLock = `held.locktype = 'advisory' and held.classid = ?::oid and held.objid = (?::bigint & 4294967295)::oid
          and held.objsubid = 2 and held.database = (select oid from pg_database where datname = current_database())`

interface HolderRow {
  readonly connection: string | null
  readonly label: string | null
  readonly pid: number
  readonly address: string | null
  readonly connectedForS: number | null
  readonly statement: string | null
  readonly statementForS: number | null
}

/** Of other users' sessions a server tells the number only (manual, "pg_stat_activity"). */
function holderOf({ pid, address, label, statement, ...others }: HolderRow): LockHolder {
  return {
    ...others,
    label: label || null,
    session: `server process ${pid}${address === null ? '' : ` from ${address}`}`,
    statement: statement === null ? null : shortened(statement),
  }
}

/** 32 bits of the key, signed, as the two-number form of the lock functions wants them. */
function numberOf(key: string): number {
  return Number.parseInt(key.slice(0, 8), 16) | 0
}
