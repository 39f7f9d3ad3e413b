// The lease: one run at a time where a lock of the session does not hold. It is kept by a heartbeat, and taken over from
// a run that no longer has one. Only the database's clock is asked how long that is.

import { setTimeout as sleep } from 'node:timers/promises'
import { LockError } from '../core/errors.js'
import { describePlace } from '../core/place.js'
import { again } from '../session/again.js'
import type { HeldLock, Lock } from './lock.js'
import { type LeaseState, readLease } from './holder.js'
import { isOver } from './silence.js'
import type { Session } from '../session/session.js'

const beatMs = 5000
/** Without a heartbeat for so long, the holder gives up by itself, well before the next one takes over. */
const holdMs = 40_000
/** A line that is cut does not hold up the end of a run. */
const longestBeatMs = 2000

/** `hasLock`: the session itself holds the lock that is respected otherwise. */
export function lease(session: Session, label: string, { hasLock = false } = {}): Lock {
  let watched: { readonly state: LeaseState; readonly sinceMs: number } | null = null
  return {
    async take() {
      if (!hasLock && (await isLocked(session))) return null
      const state = await readLease(session)
      if (state === null) return null
      if (state.owner === null) return tryFrom(session, label, state)
      const now = performance.now()
      if (watched?.state.token !== state.token || watched.state.beat !== state.beat) watched = { state, sinceMs: now }
      const watchedForS = (now - watched.sinceMs) / 1000
      const { silentForS } = state
      if (!isOver({ silentForS, watchedForS, hasSeveralClocks: session.hasSeveralClocks })) return null
      if (await stillWorks(session, state)) return null
      return tryFrom(session, label, state)
    },
  }
}

/** A run that uses a lock of the session is respected. */
async function isLocked({ engine, connection, lockKey, keepsSession }: Session): Promise<boolean> {
  return keepsSession && (await engine.lock.holder(connection, lockKey)) !== null
}

/** Whether the server still executes a statement of a run that has no heartbeat any more. */
async function stillWorks({ engine, connection }: Session, state: LeaseState): Promise<boolean> {
  return state.connection !== null && (await engine.activity.statementOf(connection, state.connection)) !== null
}

/** On a cluster the loser of a race may be told so by an error. */
async function tryFrom(session: Session, label: string, state: LeaseState): Promise<HeldLock | null> {
  try {
    return await takeFrom(session, label, state)
  } catch (error) {
    const { kind } = session.engine.describe(error)
    if (kind === 'serialization' || kind === 'lock-timeout') return null
    throw error
  }
}

/** A compare-and-set in a transaction of its own: of all that try at once, one succeeds, on every node of a cluster. */
async function takeFrom(session: Session, label: string, { token, beat }: LeaseState): Promise<HeldLock | null> {
  const { connection, tables, engine } = session
  const id = session.keepsSession ? await engine.activity.connectionId(connection) : null
  const { affected } = await connection.query(
    `update ${tables.state} set token = token + 1, beat = 0, beat_at = ${engine.tables.now}, owner = ?, connection = ? where id = 1 and token = ? and beat = ?`,
    [label, id, token, beat],
  )
  return affected === 1 ? keep(session, token + 1, id) : null
}

async function keep(session: Session, token: number, connectionId: string | null): Promise<HeldLock> {
  const lost = new AbortController()
  const heart: Heart = { connectionId, lose: () => lost.abort(leaseLost(session)) }
  const stopBeating = await beat(session, token, heart)
  return {
    token,
    lost: lost.signal,
    worksOn: (id) => void (heart.connectionId = id),
    async release() {
      await stopBeating()
      // A broken connection cannot say so: the next run takes over when it has waited long enough.
      const free = `update ${session.tables.state} set owner = null, connection = null where id = 1 and token = ?`
      await again(session, () => session.connection.query(free, [token])).catch(() => undefined)
    },
  }
}

interface Heart {
  /** Told with each beat, for whoever wants to take over. */
  connectionId: string | null
  readonly lose: () => void
}

/** Keeps the lease. Returns what ends that. */
async function beat(session: Session, token: number, heart: Heart): Promise<() => Promise<void>> {
  // While this run's own transaction is open nobody can take over, and a second connection would only wait for the first.
  const isShared = session.engine.hasOneWriter
  const other = isShared ? session : await session.reopen()
  let lastMs = performance.now()
  let beating: Promise<void> | null = null
  async function once(): Promise<void> {
    const sentMs = performance.now()
    if (!(isShared && isInTransaction(session))) {
      const { affected } = await other.connection.query(
        `update ${session.tables.state} set beat = beat + 1, beat_at = ${session.engine.tables.now}, connection = ? where id = 1 and token = ?`,
        [heart.connectionId, token],
      )
      if (affected !== 1) return heart.lose()
    }
    lastMs = sentMs
  }
  const timer = setInterval(() => {
    // One long statement of SQLite stops this timer, and keeps everybody else from writing.
    if (!isShared && performance.now() - lastMs > holdMs) heart.lose()
    // Not reached, or in the way of another statement: it is tried again until the time is over.
    beating ??= once()
      .catch(() => undefined)
      .finally(() => (beating = null))
  }, beatMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await Promise.race([beating, sleep(longestBeatMs, undefined, { ref: false })])
    if (!isShared) await Promise.race([other.close(), sleep(longestBeatMs, undefined, { ref: false })])
  }
}

function isInTransaction({ connection }: Session): boolean {
  return (connection.raw as { readonly inTransaction?: boolean }).inTransaction === true
}

function leaseLost({ place }: Session): LockError {
  return new LockError(
    'lock.lost',
    `The lease of ${describePlace(place)} was lost: this run had no heartbeat for too long, or another run took over. The migration at hand was not recorded.`,
    { hint: 'Run the command again.' },
  )
}
