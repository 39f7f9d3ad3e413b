// Whether there is anything to do for a run, found out without a lock and with as few queries as that takes.

import type { Plan } from '../core/graph/plan.js'
import type { Book } from '../history/book.js'
import { readApplied } from '../history/fingerprints.js'
import type { Session } from '../session/session.js'
import type { RunRequest } from './request.js'

/** In most deploys and test runs there is nothing to do: then one query shows it. */
export async function planWithOneQuery(session: Session, { planEarly }: RunRequest): Promise<Plan | null> {
  if (planEarly === undefined) return null
  const applied = await readApplied(session)
  return applied === null ? null : planEarly(applied)
}

/** The plan when there is nothing to do; null when there is, or when only the one who has the lock can tell. */
export async function planIfDone(session: Session, request: RunRequest): Promise<Plan | null> {
  const book = await request.find(session)
  // A row that is `running` may belong to a run that is alive: only under the lock is it known to be left behind.
  if (book.history.some(({ state }) => state !== 'applied')) return null
  const plan = await request.decide(book)
  return isDone(plan, book, request) ? plan : null
}

/**
 * A purge is never done while there are rows: it may be there for what no file knows. Nor is anything done while the rows
 * are not as many as were written: what validates lets only a stamp go on, which records what is there.
 */
export function isDone({ steps }: Plan, { history, counted }: Book, { purge }: RunRequest): boolean {
  return steps.length === 0 && history.length === counted && !(purge === true && history.length > 0)
}
