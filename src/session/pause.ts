// Waiting that ends when the run is stopped.

import { setTimeout as sleep } from 'node:timers/promises'
import { InterruptedError, MigError } from '../core/errors.js'

/** Ends early, and without a word, when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

/** @throws InterruptedError, or the error that the signal was aborted with */
export function assertNotAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  const reason: unknown = signal.reason
  if (reason instanceof MigError) throw reason
  throw new InterruptedError('caller', reason)
}
