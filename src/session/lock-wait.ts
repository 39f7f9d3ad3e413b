// How long a statement may wait for others before the migration gives way and is tried again.

import type { StatementFacts } from '../engines/contract/statements.js'
import type { Session } from './session.js'

export const lockWaitMs = 5000

/** What is known of the limit while a step runs. */
export interface LockWait {
  /** Whether the step runs in a transaction of mig: then the limit ends with it. */
  readonly isInside: boolean
  /** The limit that is set; null: that of the session. */
  readonly lockWaitMs: number | null
}

/** Sets the limit for a statement of a migration, where another one is in force. Returns the one that is in force then. */
export async function limitLockWait(
  { engine, connection, keepsSession }: Session,
  wait: LockWait,
  facts: Pick<StatementFacts, 'waitsLong'>,
): Promise<number | null> {
  // Behind a pooler a setting of the session would reach somebody else.
  if (!wait.isInside && !keepsSession) return wait.lockWaitMs
  const wanted = facts.waitsLong ? 0 : lockWaitMs
  if (wanted === wait.lockWaitMs) return wanted
  const limit = engine.lockWait.limit(wanted, wait.isInside ? 'transaction' : 'session')
  if (limit !== null) await connection.query(limit)
  return wanted
}
