// Rows of a history, made from a drawn graph.

import { linked, type RevisionGraph } from '../../src/core/graph/graph.js'
import type { AppliedRevision } from '../../src/core/graph/history.js'

/** The rows of `applied` (ids parted by blanks), one second after the other. */
export function rows(graph: RevisionGraph, applied: string): readonly AppliedRevision[] {
  const ids = applied.split(' ').filter((id) => id !== '')
  return ids.map((id, index) => {
    const downRevisions = linked(graph.parents.down, id)
    return {
      serial: index + 1,
      revision: id,
      downRevisions,
      dependsOn: linked(graph.parents.all, id).filter((parent) => !downRevisions.includes(parent)),
      message: '',
      checksum: `sum of ${id}`,
      source: null,
      origin: 'upgrade',
      state: 'applied',
      appliedAt: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`,
      durationMs: 1,
      appliedBy: 'me@here',
      migVersion: '0.1.0',
    }
  })
}
