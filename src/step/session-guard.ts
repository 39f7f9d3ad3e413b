// Settings of the session that a migration leaves changed are set back, so that the next one finds it as the first did.

import type { Diagnostic } from '../core/diagnostic.js'
import { revisionTitle } from '../core/graph/revision.js'
import type { SessionState } from '../engines/contract/session-state.js'
import type { Trace } from './step-state.js'
import type { Listener } from '../core/event.js'
import type { Session } from '../session/session.js'

export interface SessionKeeper {
  /** After a step: looks if the step may have changed something, sets back what it did, and tells it. */
  readonly settle: (trace: Trace) => Promise<void>
}

/** Mig itself sets it, where a migration has no transaction. */
const lockTimeout = 'lock_timeout'

/** Behind a pooler a session belongs to nobody, and settings are not kept. */
export async function keepSession(session: Session, report: Listener): Promise<SessionKeeper> {
  const { connection, engine, keepsSession } = session
  if (!keepsSession) return { settle: () => Promise.resolve() }
  const wanted = await engine.sessionState.read(connection)
  return {
    async settle(trace) {
      // Without a transaction mig sets the limit for locks in the session itself.
      const { touchesSession } = trace
      trace.touchesSession = false
      if (!touchesSession && trace.isInside) return
      const found = await engine.sessionState.read(connection)
      const changed = Object.keys(wanted).filter((name) => found[name] !== wanted[name])
      if (changed.length === 0) return
      await engine.sessionState.restore(connection, wanted, found)
      if (touchesSession && changed.some((name) => name !== lockTimeout))
        report({ kind: 'remark', diagnostic: leftChanged(trace, wanted, found, changed) })
    },
  }
}

function leftChanged(
  { work }: Trace,
  wanted: SessionState,
  found: SessionState,
  changed: readonly string[],
): Diagnostic {
  const { revision } = work.step
  const list = changed.map((name) => `${name} (${shown(wanted[name])} → ${shown(found[name])})`).join(', ')
  return {
    code: 'migration.session-changed',
    severity: 'warning',
    message: `${revisionTitle(revision)} left the session changed: ${list}. It was set back.`,
    hint: 'Let the migration set it back itself; on PostgreSQL `set local` ends with the transaction.',
    revision: revision.revision,
    path: revision.path,
  }
}

function shown(value: string | undefined): string {
  return value === undefined || value === '' ? '(empty)' : value
}
