// The graph as lanes of text: one line for each revision, newest first, branches and merges drawn beside it.

import { linked, type RevisionGraph } from '../graph/graph.js'
import type { RevisionId } from '../graph/revision.js'

/** Signs to draw with; every sign is one column wide. */
export interface LaneSigns {
  readonly lane: string
  /** A lane that ends in another to its left. */
  readonly join: string
  /** A lane that leaves another to the right. */
  readonly fork: string
  readonly across: string
  readonly tee: string
}

export const unicodeSigns: LaneSigns = { lane: '│', join: '┘', fork: '┐', across: '─', tee: '├' }
export const asciiSigns: LaneSigns = { lane: '|', join: "'", fork: '.', across: '-', tee: '|' }

export interface LaneLine {
  readonly lanes: string
  /** Null for a line that only draws links. */
  readonly revision: RevisionId | null
}

/**
 * Draws `order`, which lists children before parents. `mark` gives the sign of a revision, one column wide.
 * Dependencies are not drawn, only down links.
 */
export function drawLanes(
  graph: RevisionGraph,
  order: readonly RevisionId[],
  mark: (id: RevisionId) => string,
  signs: LaneSigns,
): readonly LaneLine[] {
  const shown = new Set(order)
  const lines: LaneLine[] = []
  /** What each lane leads down to; null for a free lane. */
  const lanes: (RevisionId | null)[] = []
  for (const id of order) {
    const into = lanes.flatMap((target, lane) => (target === id ? [lane] : []))
    const [own = openLane(lanes, id), ...others] = into
    if (others.length > 0) {
      lines.push({ lanes: linkLine(lanes, own, others, signs.join, signs), revision: null })
      for (const lane of others) lanes[lane] = null
    }
    lines.push({ lanes: revisionLine(lanes, own, mark(id), signs), revision: id })
    const parents = linked(graph.parents.down, id).filter((parent) => shown.has(parent))
    lanes[own] = parents[0] ?? null
    const opened = parents.slice(1).map((parent) => openLane(lanes, parent, own + 1))
    if (opened.length > 0) lines.push({ lanes: linkLine(lanes, own, opened, signs.fork, signs), revision: null })
    while (lanes.length > 0 && lanes.at(-1) === null) lanes.pop()
  }
  return lines
}

/** The leftmost free lane, not before `from`: forks go to the right. */
function openLane(lanes: (RevisionId | null)[], id: RevisionId, from = 0): number {
  const free = lanes.indexOf(null, from)
  const lane = free < 0 ? lanes.length : free
  lanes[lane] = id
  return lane
}

function revisionLine(lanes: readonly (RevisionId | null)[], own: number, sign: string, signs: LaneSigns): string {
  return lanes
    .map((target, lane) => (lane === own ? sign : target === null ? ' ' : signs.lane))
    .join(' ')
    .trimEnd()
}

/** Lanes that come from or go to the lane `own`: `├─┘` and `├─┐`. */
function linkLine(
  lanes: readonly (RevisionId | null)[],
  own: number,
  ends: readonly number[],
  end: string,
  signs: LaneSigns,
): string {
  const first = Math.min(own, ...ends)
  const last = Math.max(own, ...ends)
  const cells = lanes.map((target, lane) => {
    const across = lane >= first && lane < last ? signs.across : ' '
    const sign =
      lane === own
        ? signs.tee
        : ends.includes(lane)
          ? end
          : target !== null
            ? signs.lane
            : lane > first && lane < last
              ? signs.across
              : ' '
    return sign + across
  })
  return cells.join('').trimEnd()
}
