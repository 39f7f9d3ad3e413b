// What a run is asked to do, and with what.

import type { Listener } from '../core/event.js'
import type { Plan } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { MigrationFile } from '../files/discover.js'
import type { Migration } from '../files/load.js'
import type { Book } from '../history/book.js'
import type { Finding } from '../step/past.js'
import type { Applied } from '../history/fingerprints.js'
import type { LockKind } from '../lock/wait.js'
import type { Session } from '../session/session.js'
import type { Who } from '../session/who.js'

/** `each`: every migration in its own; `all`: one for all of them; `none`: statement by statement. */
export type TransactionMode = 'each' | 'all' | 'none'

/** While another run is at work: `wait` for it, `fail` at once, or `follow` it until it has done what this run would do. */
export type OnLock = 'wait' | 'fail' | 'follow'

export interface RunRequest {
  /** Reads the history before anything is locked; where there is none, it is looked for. */
  readonly find: (session: Session) => Promise<Book>
  /** Validates what is there and plans. Called before anything changes, and again whenever the book is read anew. */
  readonly decide: (book: Book) => Plan | Promise<Plan>
  /** The plan when what is applied shows already that there is nothing to do; else null. */
  readonly planEarly?: ((applied: Applied) => Plan | null) | undefined
  readonly files: ReadonlyMap<RevisionId, MigrationFile>
  /** Only for stamps: forget all that is applied first, whether or not the files know it. */
  readonly purge?: boolean
  /** Labels in `dependsOn` as ids, for the history. */
  readonly dependenciesOf: (id: RevisionId) => readonly RevisionId[]
  /** The functions of a migration. Throws GraphError `graph.bad-module`. */
  readonly load: (file: MigrationFile) => Promise<Migration>
  /** A new copy of them, for another try: nothing of the first one is left in it. Throws as `load` does. */
  readonly loadAnew: (file: MigrationFile) => Promise<Migration>
  readonly interrupted: readonly Finding[]
  readonly transaction: TransactionMode
  /** How long one migration may take; null: as long as it likes. */
  readonly timeoutMs: number | null
  /** How often a migration is tried again that was rolled back because it waited for others, or met them. */
  readonly lockRetries: number
  readonly lockTimeoutMs: number
  readonly lock: LockKind | undefined
  readonly onLock: OnLock
  /** Whose migrations these are; null when the configuration does not say. */
  readonly project: string | null
  /** What runs, for others to read while they wait: "upgrade head". */
  readonly command: string
  readonly who: Who
  readonly migVersion: string
  readonly report: Listener
  readonly signal: AbortSignal
}
