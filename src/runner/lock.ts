// The waiting lock: one run at a time. Polled; nothing ever waits inside the server.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Listener } from '../core/event.js'
import { InterruptedError, LockError, MigError } from '../core/errors.js'
import { describePlace } from '../core/place.js'
import type { Session } from './session.js'

export interface LockRequest {
  readonly timeoutMs: number
  /** Who runs, for others to read. */
  readonly label: string
  readonly report: Listener
  readonly signal: AbortSignal
}

const firstPauseMs = 100
const longestPauseMs = 2000

/**
 * Takes the lock of the session's history and runs `work` under it.
 * @throws LockError `lock.held` after `timeoutMs`; InterruptedError when the signal is aborted while waiting
 */
export async function withLock<T>(session: Session, request: LockRequest, work: () => Promise<T>): Promise<T> {
  const { engine, connection, lockKey } = session
  await acquire(session, request)
  try {
    return await work()
  } finally {
    // A broken connection has freed it already.
    await engine.lock.unlock(connection, lockKey).catch(() => undefined)
  }
}

async function acquire(session: Session, { timeoutMs, label, report, signal }: LockRequest): Promise<void> {
  const { engine, connection, lockKey } = session
  const started = performance.now()
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    assertNotAborted(signal)
    if (await engine.lock.tryLock(connection, lockKey, label)) return
    const waitedMs = performance.now() - started
    const holder = await engine.lock.holder(connection, lockKey).catch(() => null)
    if (waitedMs >= timeoutMs) throw held(session, holder, waitedMs)
    report({ kind: 'waiting', holder, waitedMs })
    await sleep(Math.min(pauseMs * (0.75 + Math.random() / 2), timeoutMs - waitedMs), undefined, { signal }).catch(
      () => undefined,
    )
  }
}

/** @throws InterruptedError */
export function assertNotAborted(signal: AbortSignal): void {
  if (!signal.aborted) return
  const reason: unknown = signal.reason
  if (reason instanceof MigError) throw reason
  throw new InterruptedError('caller', reason)
}

function held({ place }: Session, holder: string | null, waitedMs: number): LockError {
  const who = holder ?? 'its holder cannot be told'
  const waited = waitedMs < 1000 ? '' : ` Waited ${Math.round(waitedMs / 1000)} s.`
  return new LockError(
    'lock.held',
    `Another run holds the lock of ${describePlace(place)}: ${who}.${waited} Nothing was changed.`,
    {
      hint: 'Wait for it to end, or wait longer with --lock-timeout SECONDS.',
    },
  )
}
