// What a run is asked to do, and with what.

import type { Listener } from '../core/event.js'
import type { Plan } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { MigrationFile } from '../files/discover.js'
import type { Migration } from '../files/load.js'
import type { Book } from './history-table.js'

export interface RunRequest {
  /** Validates what is there and plans. Called before anything changes, and again whenever the book is read anew. */
  readonly decide: (book: Book) => Plan | Promise<Plan>
  readonly files: ReadonlyMap<RevisionId, MigrationFile>
  /** Only for stamps: forget all that is applied first, whether or not the files know it. */
  readonly purge?: boolean
  /** Labels in `dependsOn` as ids, for the history. */
  readonly dependenciesOf: (id: RevisionId) => readonly RevisionId[]
  /** The functions of a migration. Throws GraphError `graph.bad-module`. */
  readonly load: (file: MigrationFile) => Promise<Migration>
  readonly lockTimeoutMs: number
  /** What runs, for others to read while they wait: "upgrade". */
  readonly command: string
  /** user@host */
  readonly appliedBy: string
  readonly migVersion: string
  readonly report: Listener
  readonly signal: AbortSignal
}
