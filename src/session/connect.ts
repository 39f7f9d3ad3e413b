// Opens a session, and tries again while the server does not answer: it may be starting, or have no room for the moment.

import type { Listener } from '../core/event.js'
import { EngineError } from '../core/errors.js'
import { pauseAfter } from './back-off.js'
import { assertNotAborted, pause } from './pause.js'
import { prepareSession, type Session, type SessionRequest } from './session.js'

export interface ConnectRequest {
  /** 0: one try. */
  readonly timeoutMs: number
  readonly report: Listener
  readonly signal: AbortSignal
}

const pace = { firstMs: 250, longestMs: 2000 }

/** @throws EngineError; InterruptedError when the signal is aborted, also while the server says nothing */
export async function connect(
  request: SessionRequest,
  { timeoutMs, report, signal }: ConnectRequest,
): Promise<Session> {
  const started = performance.now()
  for (let tries = 1, told = false; ; tries++) {
    const { place, open, abandon } = prepareSession(request)
    if (!told) report({ kind: 'database', place })
    told = true
    try {
      return await untilAborted(open, abandon, signal)
    } catch (error) {
      const leftMs = timeoutMs - (performance.now() - started)
      if (!(error instanceof EngineError) || error.code !== 'engine.unreachable' || leftMs <= 0) throw error
      report({ kind: 'connecting', place, reason: error.message, leftMs })
      await pause(Math.min(pauseAfter(tries, pace), leftMs), signal)
      assertNotAborted(signal)
    }
  }
}

/** A server that accepts the connection may say nothing for as long as the driver waits. */
async function untilAborted(open: () => Promise<Session>, abandon: () => void, signal: AbortSignal): Promise<Session> {
  assertNotAborted(signal)
  const opening = open()
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      abandon()
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
    void opening
      .catch(() => undefined)
      .then(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
  })
  assertNotAborted(signal)
  return opening
}
