// The history row that a step writes.

import { normalizeSource } from '../core/checksum.js'
import type { AppliedRevision } from '../core/graph/history.js'
import type { Step } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { MigrationFile } from '../files/discover.js'
import { keptModules, keptText } from '../history/kept-source.js'
import type { RunRequest } from './request.js'
import type { NewRow, Source } from '../history/rows.js'

/** What a row has from its file. */
export function sourceOf(file: MigrationFile, dependsOn: readonly RevisionId[]): Source {
  return {
    downRevisions: file.revision.downRevisions,
    dependsOn,
    checksum: file.checksum(),
    source: keptText(normalizeSource(file.text)),
    modules: keptModules(file.modules()),
  }
}

export function rowOf({ revision }: Step, serial: number, origin: 'upgrade' | 'stamp', request: RunRequest): NewRow {
  const file = request.files.get(revision.revision)
  return {
    serial,
    revision: revision.revision,
    downRevisions: revision.downRevisions,
    dependsOn: request.dependenciesOf(revision.revision),
    message: revision.message,
    checksum: file?.checksum() ?? '',
    source: file === undefined ? null : keptText(normalizeSource(file.text)),
    modules: file === undefined ? null : keptModules(file.modules()),
    origin,
    state: 'applied',
    durationMs: null,
    appliedBy: `${request.who.user}@${request.who.host}`,
    migVersion: request.migVersion,
  }
}

export function nextSerial(history: readonly AppliedRevision[]): number {
  return history.reduce((highest, { serial }) => Math.max(highest, serial), 0) + 1
}
