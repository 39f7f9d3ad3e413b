// PostgreSQL: a session's advisory lock. It ends with the connection.

import type { Connection, LockAnswers } from '../engine.js'

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

  async holder(connection: Connection, key: string) {
    const { rows } = await connection.query(
      `select activity.application_name as "label", activity.pid, activity.client_addr::text as "address",
              extract(epoch from clock_timestamp() - activity.backend_start)::int as "seconds"
         from pg_locks as held join pg_stat_activity as activity on activity.pid = held.pid
        where held.locktype = 'advisory' and held.granted and held.classid = ?::oid and held.objid = (?::bigint & 4294967295)::oid
          and held.objsubid = 2 and held.database = (select oid from pg_database where datname = current_database())`,
      [lockClass, numberOf(key)],
    )
    const [row] = rows as readonly { label: string; pid: number; address: string | null; seconds: number }[]
    if (row === undefined) return null
    return `${row.label || 'a session'} (server process ${row.pid}${row.address === null ? '' : ` from ${row.address}`}, connected for ${row.seconds} s)`
  },
}

/** 32 bits of the key, signed, as the two-number form of the lock functions wants them. */
function numberOf(key: string): number {
  return Number.parseInt(key.slice(0, 8), 16) | 0
}
