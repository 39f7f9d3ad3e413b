// Where a database stands beside a project: read by the commands that look.

import type { Diagnostic } from '../../core/diagnostic.js'
import { EngineError, HistoryError } from '../../core/errors.js'
import type { RevisionGraph } from '../../core/graph/graph.js'
import { type AppliedRevision, currentHeads, unfinished } from '../../core/graph/history.js'
import type { Standing } from '../../core/graph/resolve.js'
import type { RevisionId } from '../../core/graph/revision.js'
import { describeUnfinished } from '../../core/graph/validate-history.js'
import { describePlace, type Place } from '../../core/place.js'
import { describeAttempted, readAttempted } from '../../history/attempt.js'
import type { Project } from '../../files/project.js'
import { findBook, type Own } from '../../history/elsewhere.js'
import { describeHolder, readHolder } from '../../lock/holder.js'
import type { Session } from '../../session/session.js'
import { withSession, type Workplace } from './open.js'

/** What a database says, and what is worth knowing about it. */
export interface Look {
  /** Null when the database could not be asked. */
  readonly place: Place | null
  readonly history: readonly AppliedRevision[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The history as targets are read against. */
export function standingOf(graph: RevisionGraph, history: readonly AppliedRevision[]): Standing {
  return { graph, applied: history.map(({ revision }) => revision), current: currentHeads(graph, history) }
}

/** Whose history is looked for, where there is none in its place. */
export function ownOf({ config, graph }: Pick<Project, 'config' | 'graph'>): Own {
  return { project: config.project, revisions: new Set(graph.revisions.keys()), mayBegin: false }
}

/**
 * Reads the history of the database; creates nothing.
 * @throws HistoryError `history.elsewhere`: to say that nothing is applied would be untrue
 */
export function look(place: Workplace, graph: RevisionGraph): Promise<Look> {
  return withSession(place, 'look', async (session) => {
    const { history } = await findBook(session, ownOf({ config: place.config, graph }))
    return { place: session.place, history, diagnostics: await describeRunning(session, history) }
  })
}

/** As `look`; a database that cannot be asked is a remark, for commands that have something to say without it. */
export async function lookIfPossible(place: Workplace, graph: RevisionGraph): Promise<Look> {
  try {
    return await look(place, graph)
  } catch (error) {
    if (!(error instanceof EngineError) && !isElsewhere(error)) throw error
    const { code, message, hint } = error
    return {
      place: null,
      history: [],
      diagnostics: [
        {
          code,
          severity: 'warning',
          message: `What is applied is not known: ${message}`,
          ...(hint !== undefined && { hint }),
        },
      ],
    }
  }
}

function isElsewhere(error: unknown): error is HistoryError {
  return error instanceof HistoryError && error.code === 'history.elsewhere'
}

/** What is left unfinished; while another run holds the lock it is simply at work. */
export async function describeRunning(
  session: Session,
  history: readonly AppliedRevision[],
): Promise<readonly Diagnostic[]> {
  const finding = describeUnfinished(history)
  const [row] = unfinished(history)
  if (finding === null || row === undefined) return []
  const holder = await readHolder(session).catch(() => null)
  if (holder === null) {
    const detail = describeAttempted(await readAttempted(session, row))
    return [{ ...finding, ...(detail !== null && { detail }) }]
  }
  const names = unfinished(history).map(({ revision }) => revision)
  return [
    {
      code: finding.code,
      severity: 'info',
      message: `${names.join(', ')} is being run now at ${describePlace(session.place)}: ${describeHolder(holder)}.`,
    },
  ]
}

/** How a revision stands: what the database says of it. */
export type Status = 'applied' | 'current' | 'pending' | 'running' | 'reverting' | 'unknown'

/** The status of each revision of the graph and of the history; null when the database was not asked. */
export function statusesOf(graph: RevisionGraph, { place, history }: Look): ReadonlyMap<RevisionId, Status> | null {
  if (place === null) return null
  const statuses = new Map<RevisionId, Status>([...graph.revisions.keys()].map((id) => [id, 'pending']))
  const heads = new Set(currentHeads(graph, history))
  for (const { revision, state } of history) {
    const known = graph.revisions.has(revision)
    statuses.set(
      revision,
      state !== 'applied' ? state : !known ? 'unknown' : heads.has(revision) ? 'current' : 'applied',
    )
  }
  return statuses
}
