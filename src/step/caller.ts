// Who sends a statement: known by the asynchronous context in which it is sent, whoever is at work by then. So a query for
// which nobody waited is never taken for one of the next migration, or of the next named step.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Work } from './prepared-step.js'

/** A call of `up` or `down`, or of a named step in it. */
export interface Caller {
  readonly work: Work
  /** Of the named step; null for what stands in none. */
  readonly step: string | null
  /** Queries that were begun in it, and in its named steps, and have not ended. */
  pending: number
  /** The call in which the named step stands. */
  readonly outer: Caller | null
}

const callers = new AsyncLocalStorage<Caller>()

export function callerOf(work: Work, step: string | null, outer: Caller | null): Caller {
  return { work, step, pending: 0, outer }
}

/** What `call` does is the caller's, and what follows from it. */
export function calledBy<T>(caller: Caller, call: () => T): T {
  return callers.run(caller, call)
}

/** Null for mig itself, and for what was begun before any migration was called. */
export function currentCaller(): Caller | null {
  return callers.getStore() ?? null
}

/** A query of the current caller, from its beginning to its end. */
export async function pending<T>(query: () => Promise<T>): Promise<T> {
  const caller = currentCaller()
  count(caller, 1)
  try {
    return await query()
  } finally {
    count(caller, -1)
  }
}

function count(caller: Caller | null, change: 1 | -1): void {
  for (let each = caller; each !== null; each = each.outer) each.pending += change
}
