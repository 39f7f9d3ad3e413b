// A second connection of a run, opened when it is first needed: to see what the first one waits for.

import type { Blocker } from '../engines/contract/activity.js'
import type { Session } from './session.js'

export interface Aside {
  /** Whom the run's own session waits for, in words; empty when it cannot be told. */
  blockers(): Promise<readonly string[]>
  close(): Promise<void>
}

/** `connectionId` null: there is nothing to ask. */
export function openAside(session: Session, connectionId: string | null): Aside {
  let other: Promise<Session> | undefined
  return {
    async blockers() {
      if (connectionId === null) return []
      try {
        const { engine, connection } = await (other ??= session.reopen())
        return (await engine.activity.blockers(connection, connectionId)).map(describeBlocker)
      } catch {
        return [] // it is only told; the run itself does not depend on it
      }
    },
    async close() {
      await (await other?.catch(() => undefined))?.close()
    },
  }
}

/** "server process 4711 (psql, anna), idle in transaction for 30 s: select …" */
function describeBlocker({ session, state, statement, forS }: Blocker): string {
  const time = forS === null ? '' : ` for ${Math.round(forS)} s`
  const doing = state === null ? time : `, ${state}${time}`
  return `${session}${doing}${statement === null ? '' : `: ${statement}`}`
}
