// A statement of mig that ends when the run is stopped.

import { assertNotAborted } from './pause.js'
import type { Session } from './session.js'

/**
 * What mig itself sends and what may have to wait for others: an abort cancels it and waits for its end, so that nothing else
 * is met by that. What it throws then adds nothing.
 */
export async function cancellable<T>(session: Session, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let cancelled: Promise<unknown> = Promise.resolve()
  const stop = () => void (cancelled = session.connection.cancel().catch(() => undefined))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await work()
  } catch (error) {
    await cancelled
    assertNotAborted(signal)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    await cancelled
  }
}
