// MySQL and MariaDB: a named lock of the session. Its scope is the server, so the name holds database and table.

import type { LockAnswers } from '../engine.js'

export const lock: LockAnswers = {
  async tryLock(connection, key) {
    const { rows } = await connection.query('select get_lock(?, 0) as `taken`', [nameOf(key)])
    // 0 and NULL are no lock (MySQL manual, "Locking Functions").
    return Number(rows[0]?.taken) === 1
  },

  async unlock(connection, key) {
    await connection.query('select release_lock(?)', [nameOf(key)])
  },

  async holder(connection, key) {
    const { rows } = await connection.query(
      `select p.id, p.user, p.host, p.time from information_schema.processlist as p where p.id = is_used_lock(?)`,
      [nameOf(key)],
    )
    const row = Object.fromEntries(
      Object.entries(rows[0] ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    )
    return row.id === undefined
      ? null
      : `connection ${row.id} (${row.user} from ${row.host}, in its state for ${row.time} s)`
  },
}

/** At most 64 characters, lower case: MariaDB tells cases apart, MySQL does not. */
function nameOf(key: string): string {
  return `mig:${key.slice(0, 40)}`
}
