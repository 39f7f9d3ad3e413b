// Stopping a migration in the midst of it.

import { setTimeout as sleep } from 'node:timers/promises'
import { assertNotAborted } from '../session/pause.js'
import type { Session } from '../session/session.js'
import { giveUp, type Trace } from './step-state.js'

/**
 * Waits for `work`. An abort cancels the running statement, lets no other be sent, and gives up waiting when none is
 * under way any more: only then it is known what is left.
 */
export async function untilAborted(
  session: Session,
  signal: AbortSignal,
  trace: Trace,
  work: () => Promise<void>,
): Promise<void> {
  let stop = (): void => undefined
  const aborted = new Promise<void>((resolve) => {
    stop = () => {
      giveUp(trace, signal)
      void session.connection
        .cancel()
        .catch(() => undefined)
        .then(() => settled(trace))
        .finally(resolve)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([work(), aborted])
    assertNotAborted(signal)
  } catch (error) {
    // What a cancelled statement throws adds nothing.
    if (signal.aborted) await aborted
    assertNotAborted(signal)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const longestSettlingMs = 5000

/** Until no statement is under way; a server that does not cancel is not waited for. */
async function settled(trace: Trace): Promise<void> {
  for (const started = performance.now(); trace.running > 0 && performance.now() - started < longestSettlingMs;)
    await sleep(5)
}
