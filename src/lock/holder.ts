// Who has the lock: what the server tells of the session, and what the run has said of itself.

import { readLastRun } from '../history/read-journal.js'
import { selectOrNull, textOrNull } from '../history/book.js'
import type { Session } from '../session/session.js'

/** The run that holds the lock of a database. Nulls are what nobody tells. */
export interface Holder {
  /** "mig upgrade anna@ci-7 pid 71" */
  readonly who: string | null
  /** "upgrade head" */
  readonly command: string | null
  /** When the run began: UTC, by the database's clock, ISO 8601. */
  readonly since: string | null
  /** For people: "server process 4711 from 10.0.0.7". */
  readonly session: string | null
  /** Seconds, by the server's clock. */
  readonly connectedForS: number | null
  /** What it executes at this moment. */
  readonly statement: string | null
  readonly statementForS: number | null
  /** Of a lease: its token and its heartbeat. */
  readonly lease: Lease | null
  /** Another text when the run has got further. */
  readonly progress: string
}

export interface Lease {
  readonly token: number
  readonly beat: number
  /** Seconds since the last heartbeat, by the database's clock. */
  readonly silentForS: number | null
}

/** Who holds the lock or the lease; null when nobody does, or when nobody can tell. */
export async function readHolder(session: Session): Promise<Holder | null> {
  const { engine, connection, lockKey, keepsSession } = session
  const state = await readLease(session)
  const lock = keepsSession ? await engine.lock.holder(connection, lockKey) : null
  if (state?.owner == null && lock === null) return null
  const run = await readLastRun(session, state?.owner == null ? (lock?.connection ?? null) : null)
  return {
    who: state?.owner ?? lock?.label ?? (run?.facts == null ? null : `${run.facts.user}@${run.facts.host}`),
    command: run?.facts?.command ?? null,
    since: run?.at ?? null,
    session: lock?.session ?? null,
    connectedForS: lock?.connectedForS ?? null,
    statement: lock?.statement ?? null,
    statementForS: lock?.statementForS ?? null,
    lease: state?.owner == null ? null : { token: state.token, beat: state.beat, silentForS: state.silentForS },
    progress: `${state?.seq} ${state?.token} ${state?.beat}`,
  }
}

/** "mig upgrade head by anna@ci-7 (server process 4711, connected for 12 s): alter table …" */
export function describeHolder({ who, command, session, connectedForS, statement, lease }: Holder): string {
  const label =
    who === null ? 'a session' : command === null || who.startsWith('mig ') ? who : `mig ${command} by ${who}`
  const facts = [
    ...(session === null ? [] : [session]),
    ...(connectedForS === null ? [] : [`connected for ${connectedForS} s`]),
    ...(lease === null ? [] : [describeLease(lease)]),
  ]
  return `${label}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}${statement === null ? '' : `, at: ${statement}`}`
}

/** "lease 7, silent for 95 s": a heartbeat comes every five seconds. */
export function describeLease({ token, beat, silentForS }: Lease): string {
  const isSilent = silentForS !== null && silentForS >= silenceToTellS
  return `lease ${token}, ${isSilent ? `silent for ${Math.round(silentForS)} s` : `heartbeat ${beat}`}`
}

/** Three heartbeats. */
const silenceToTellS = 15

/** The state as far as a lease is concerned. */
export interface LeaseState {
  readonly seq: number
  readonly token: number
  readonly beat: number
  /** Seconds since the last heartbeat, by the database's clock; null when there was none. */
  readonly silentForS: number | null
  /** Null when nobody holds it. */
  readonly owner: string | null
  /** The session of the server that the holder worked on last; null when it is not known. */
  readonly connection: string | null
}

/** Null when there are no tables yet. */
export async function readLease(session: Session): Promise<LeaseState | null> {
  const rows = await selectOrNull(
    session,
    `select seq, token, beat, owner, connection, ${session.engine.tables.secondsSince('beat_at')} as silent_for
       from ${session.tables.state} where id = 1`,
  )
  const [row] = rows ?? []
  if (row === undefined) return null
  return {
    seq: Number(row.seq),
    token: Number(row.token),
    beat: Number(row.beat),
    silentForS: row.silent_for === null ? null : Number(row.silent_for),
    owner: textOrNull(row.owner),
    connection: textOrNull(row.connection),
  }
}
