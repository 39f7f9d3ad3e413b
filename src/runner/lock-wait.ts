// How long a statement may wait for others before the migration gives way and is tried again.

import type { Session } from './session.js'

export const lockWaitMs = 5000

/** Sets the limit before the first statement, unless the fence did it already, and anew where another one holds. */
export function lockWaitLimiter(
  { engine, connection, keepsSession }: Session,
  scope: 'transaction' | 'session',
  isSetAlready: boolean,
): (sql: string) => Promise<void> {
  let current: number | null = isSetAlready ? lockWaitMs : null
  return async (sql) => {
    // Behind a pooler a setting of the session would reach somebody else.
    if (scope === 'session' && !keepsSession) return
    const wanted = engine.lockWait.isExempt(sql) ? 0 : lockWaitMs
    const limit = wanted === current ? null : engine.lockWait.limit(wanted, scope)
    current = wanted
    if (limit !== null) await connection.query(limit)
  }
}
