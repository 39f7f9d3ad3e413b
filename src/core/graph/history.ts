// The applied set: the rows of the history table, and what follows from them. Heads are derived, never stored.

import { buildGraph, dependenciesOf, maximal, type RevisionGraph } from './graph.js'
import type { Step } from './plan.js'
import type { Revision, RevisionId } from './revision.js'

/** How a row came to be there. */
export type Origin = 'upgrade' | 'stamp' | 'import'

/** `running` and `reverting` outlive a crash only where a migration ran without a transaction. */
export type AppliedState = 'applied' | 'running' | 'reverting'

/** A row of the history table. */
export interface AppliedRevision {
  /** The order of application; rises, and may have gaps after downgrades. */
  readonly serial: number
  readonly revision: RevisionId
  /** Kept, so that the table is a graph by itself. */
  readonly downRevisions: readonly RevisionId[]
  /** Ids, with labels resolved. */
  readonly dependsOn: readonly RevisionId[]
  readonly message: string
  /** SHA-256 of the source; see `checksum.ts`. */
  readonly checksum: string
  /** What was applied, so that it can be explained without its file. `null` when it was not read for this command. */
  readonly source: string | null
  readonly origin: Origin
  readonly state: AppliedState
  /** UTC, by the database's clock, ISO 8601. */
  readonly appliedAt: string
  /** `null` for a stamp, and while it runs. */
  readonly durationMs: number | null
  /** user@host */
  readonly appliedBy: string
  readonly migVersion: string
}

/** The ids of all rows. An unfinished row counts: its migration is not to be run again unasked. */
export function appliedSet(history: readonly AppliedRevision[]): ReadonlySet<RevisionId> {
  return new Set(history.map(({ revision }) => revision))
}

/** The maximal applied revisions by both kinds of link, whether or not the folder knows them. In tie order. */
export function currentHeads(graph: RevisionGraph, history: readonly AppliedRevision[]): readonly RevisionId[] {
  return headsAfter(graph, history, [])
}

/** The heads after some steps of a plan. */
export function headsAfter(
  graph: RevisionGraph,
  history: readonly AppliedRevision[],
  steps: readonly Step[],
): readonly RevisionId[] {
  const taken = new Set(steps.filter(({ direction }) => direction === 'down').map(({ revision }) => revision.revision))
  const rows = history.filter(({ revision }) => !taken.has(revision))
  const added = steps.filter(({ direction }) => direction === 'up').map(({ revision }) => revision)
  const applied = new Set([...appliedSet(rows), ...added.map(({ revision }) => revision)])
  if (rows.every(({ revision }) => graph.revisions.has(revision))) return maximal(graph, applied)
  const resolved = added.map((revision) => ({
    ...revision,
    branchLabels: [],
    dependsOn: dependenciesOf(graph, revision.revision),
  }))
  return maximal(buildGraph([...rows.map(asRevision), ...resolved]), applied)
}

/** The rows left in the middle of an `up` or a `down`. */
export function unfinished(history: readonly AppliedRevision[]): readonly AppliedRevision[] {
  return history.filter(({ state }) => state !== 'applied')
}

/** The graph that the history table is by itself, without any file. */
export function historyGraph(history: readonly AppliedRevision[]): RevisionGraph {
  return buildGraph(history.map(asRevision))
}

function asRevision(row: AppliedRevision): Revision {
  const { revision, downRevisions, dependsOn, message } = row
  return {
    revision,
    downRevisions,
    dependsOn,
    branchLabels: [],
    message,
    path: '',
    transaction: true,
    retry: true,
    irreversible: null,
    empty: false,
  }
}
