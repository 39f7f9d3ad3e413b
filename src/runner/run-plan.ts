// Carries out a plan, if there is anything to do. What that is, the caller decides.

import type { Plan } from '../core/graph/plan.js'
import type { Session } from '../session/session.js'
import { planIfDone, planWithOneQuery } from './nothing-to-do.js'
import type { RunRequest } from './request.js'

/**
 * Runs what `decide` makes of the history. When nothing is to be done, nothing is locked or written.
 * @throws what `decide` throws; LockError, MigrationError, PartialError, EngineError, InterruptedError, GraphError
 */
export async function runPlan(session: Session, request: RunRequest): Promise<Plan> {
  const done = (await planWithOneQuery(session, request)) ?? (await planIfDone(session, request))
  if (done !== null) return done
  const { runUnderLock } = await import('./under-lock.js') // most runs end above, and do not wait for it to be loaded
  return runUnderLock(session, request)
}
