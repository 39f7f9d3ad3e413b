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

/**
 * Gives up waiting when the signal is aborted; what is waited for goes on.
 * @throws InterruptedError, or the error that the signal was aborted with
 */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = (): void => undefined
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    assertNotAborted(signal)
    return await Promise.race([work, aborted.then(() => neverAfter(signal))])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function neverAfter(signal: AbortSignal): never {
  assertNotAborted(signal)
  throw new InterruptedError('caller', signal.reason)
}
