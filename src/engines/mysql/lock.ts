// MySQL and MariaDB: a named lock of the session. Its scope is the server, so the name holds database and table.

import type { LockAnswers } from '../contract/lock.js'
import { shortened } from '../../core/sql/sql.js'

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
    // Without the right PROCESS the list shows one's own connections only (MySQL manual, "SHOW PROCESSLIST").
    const { rows } = await connection.query(
      `select held.id as \`id\`, p.user as \`user\`, p.host as \`host\`, p.time as \`time\`, p.info as \`statement\`
         from (select is_used_lock(?) as id) as held left join information_schema.processlist as p on p.id = held.id`,
      [nameOf(key)],
    )
    const { id, user, host, time, statement } = rows[0] as unknown as HolderRow
    if (id === null) return null
    return {
      connection: String(id),
      // MySQL has no name that a session could give itself.
      label: null,
      session: user === null ? `connection ${id} of another user` : `connection ${id} of ${user}@${host}`,
      connectedForS: null,
      statement: statement === null ? null : shortened(statement),
      statementForS: statement === null || time === null ? null : Number(time),
    }
  },

  isMine: (_connection, key) => ({ sql: 'coalesce(is_used_lock(?) = connection_id(), false)', values: [nameOf(key)] }),

  isHeldBy: (holder, key) => ({ sql: 'coalesce(is_used_lock(?) = ?, false)', values: [nameOf(key), holder] }),
}

interface HolderRow {
  readonly id: number | string | null
  readonly user: string | null
  readonly host: string | null
  readonly time: number | string | null
  readonly statement: string | null
}

/** At most 64 characters, lower case: MariaDB tells cases apart, MySQL does not. */
function nameOf(key: string): string {
  return `mig:${key.slice(0, 40)}`
}
