// A second connection of a run, opened when it is first needed: to see what the first one waits for, and who waits for it.

import type { OtherSession } from '../engines/contract/activity.js'
import type { Session } from './session.js'

export interface Aside {
  /** Whom the run's own session waits for; empty when it is not known. */
  blockers(): Promise<readonly OtherSession[]>
  /** Who waits for it, likewise. */
  waiters(): Promise<readonly OtherSession[]>
  close(): Promise<void>
}

/** `connectionId` null: there is nothing to ask. */
export function openAside(session: Session, connectionId: string | null): Aside {
  let other: Promise<Session> | undefined
  const ask = async (question: 'blockers' | 'waiters') => {
    if (connectionId === null) return []
    try {
      const { engine, connection } = await (other ??= session.reopen())
      return await engine.activity[question](connection, connectionId)
    } catch {
      return [] // it is only told; the run itself does not depend on it
    }
  }
  return {
    blockers: () => ask('blockers'),
    waiters: () => ask('waiters'),
    async close() {
      await (await other?.catch(() => undefined))?.close()
    },
  }
}

/** "server process 4711 (psql, anna), idle in transaction for 30 s: select …" */
export function describeOther({ session, state, statement, forS }: OtherSession): string {
  const time = forS === null ? '' : ` for ${Math.round(forS)} s`
  const doing = state === null ? time : `, ${state}${time}`
  return `${session}${doing}${statement === null ? '' : `: ${statement}`}`
}
