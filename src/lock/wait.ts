// One run at a time: others wait, see for whom, and go on when it is their turn. Nothing ever waits inside the server.

import type { Listener } from '../core/event.js'
import { LockError } from '../core/errors.js'
import { describePlace } from '../core/place.js'
import { describeHolder, type Holder, readHolder, readLease } from './holder.js'
import type { HeldLock, Lock } from './lock.js'
import { lease } from './lease.js'
import { pauseAfter } from '../session/back-off.js'
import { cancellable } from '../session/cancellable.js'
import { assertNotAborted, pause } from '../session/pause.js'
import type { Session } from '../session/session.js'

/** How the runs of a database are kept apart. */
export type LockKind = 'session' | 'lease'

export interface LockRequest {
  readonly timeoutMs: number
  /** Without it: a lease where a lock of the session would not hold. */
  readonly kind?: LockKind | undefined
  /** Who runs, for others to read. */
  readonly label: string
  readonly report: Listener
  readonly signal: AbortSignal
}

const pace = { firstMs: 100, longestMs: 2000 }

/** The kind of lock that a session needs. */
export function lockKind({ weakLock }: Session, wanted: LockKind | undefined): LockKind {
  return wanted ?? (weakLock === null ? 'session' : 'lease')
}

/**
 * Waits for its turn and runs `work`. With `follow`, what that answers while waiting ends the waiting without a turn,
 * and the time-out begins anew with each progress of the other run. A lease needs the tables of mig.
 * @throws LockError `lock.held` after `timeoutMs`; InterruptedError when the signal is aborted while waiting
 */
export async function withLock<T>(
  session: Session,
  request: LockRequest,
  work: (held: HeldLock) => Promise<T>,
  follow?: () => Promise<T | null>,
): Promise<T> {
  const lock =
    lockKind(session, request.kind) === 'lease' ? lease(session, request.label) : sessionLock(session, request.label)
  const turn = await waitForTurn(session, request, lock, follow)
  if ('followed' in turn) return turn.followed
  try {
    return await work(turn.held)
  } finally {
    await turn.held.release()
  }
}

type Turn<T> = { readonly held: HeldLock } | { readonly followed: T }

async function waitForTurn<T>(
  session: Session,
  { timeoutMs, report, signal }: LockRequest,
  lock: Lock,
  follow: (() => Promise<T | null>) | undefined,
): Promise<Turn<T>> {
  const started = performance.now()
  let patient = started
  let progress = ''
  for (let tries = 1; ; tries++) {
    assertNotAborted(signal)
    const held = await cancellable(session, signal, () => lock.take())
    if (held !== null) return { held }
    const followed = (await follow?.()) ?? null
    if (followed !== null) return { followed }
    const now = performance.now()
    const holder = await readHolder(session).catch(() => null)
    if (follow !== undefined && (holder?.statement !== null || holder.progress !== progress)) patient = now
    progress = holder?.progress ?? progress
    const leftMs = timeoutMs - (now - patient)
    if (leftMs <= 0) throw lockHeld(session, holder, now - started)
    report({ kind: 'waiting', holder: holder === null ? null : describeHolder(holder), waitedMs: now - started })
    await pause(Math.min(pauseAfter(tries, pace), leftMs), signal)
  }
}

/** A lock of the session; a lease that somebody holds is respected, so that both kinds can be used on one database. */
function sessionLock(session: Session, label: string): Lock {
  const { engine, connection, lockKey } = session
  // A broken connection has freed it already.
  const unlock = () => engine.lock.unlock(connection, lockKey).catch(() => undefined)
  let beating: Lock | undefined
  return {
    async take() {
      if (!(await engine.lock.tryLock(connection, lockKey, label))) return null
      try {
        const state = await readLease(session)
        if (state?.owner == null) return heldBySession(unlock)
        beating ??= lease(session, label, { hasLock: true })
        const held = await beating.take()
        if (held !== null) return { ...held, release: () => held.release().then(unlock) }
      } catch (error) {
        await unlock()
        throw error
      }
      await unlock()
      return null
    },
  }
}

function heldBySession(release: () => Promise<void>): HeldLock {
  return { token: null, lost: new AbortController().signal, worksOn: () => undefined, release }
}

function lockHeld({ place }: Session, holder: Holder | null, waitedMs: number): LockError {
  const who = holder === null ? 'its holder is not known' : describeHolder(holder)
  const waited = waitedMs < 1000 ? '' : ` Waited ${Math.round(waitedMs / 1000)} s.`
  return new LockError(
    'lock.held',
    `Another run holds the lock of ${describePlace(place)}: ${who}.${waited} Nothing was changed.`,
    { hint: 'See what it does: mig lock. Wait for it to end, or wait longer with --lock-timeout SECONDS.' },
  )
}
