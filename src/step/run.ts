// What is the same for all steps of a run.

import type { Listener } from '../core/event.js'
import type { Around } from './around.js'
import type { Aside } from '../session/second-connection.js'
import type { Fence } from '../history/fence.js'
import type { Journal } from '../history/journal.js'
import type { HeldLock } from '../lock/lock.js'
import type { Finding } from './past.js'
import type { Recorder } from './watched-knex.js'
import type { SessionGuard } from './session-guard.js'
import type { Session } from '../session/session.js'

export interface Run {
  readonly session: Session
  readonly recorder: Recorder
  readonly journal: Journal
  readonly held: HeldLock
  readonly fence: Fence
  readonly aside: Aside
  readonly settings: SessionGuard
  readonly around: Around
  readonly report: Listener
  /** Aborted when the run is stopped, or has lost its lease. */
  readonly signal: AbortSignal
  /** How long one migration may take; null: as long as it likes. */
  readonly timeoutMs: number | null
  readonly lockRetries: number
  /** What a person knows of the statements that are in doubt, in their order. */
  readonly interrupted: readonly Finding[]
}
