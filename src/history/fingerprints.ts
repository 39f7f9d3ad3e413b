// What is applied, in one query and as little as it takes to see that there is nothing to do.

import type { Fingerprint } from '../core/graph/up-to-date.js'
import { format, type Row, selectOrNull, textOrNull } from './book.js'
import type { Session } from '../session/session.js'

export interface Applied {
  /** Whose database it is; null when it was written for no named project. */
  readonly project: string | null
  /** One for each applied revision, in no order. */
  readonly fingerprints: readonly Fingerprint[]
}

/**
 * Null when something is unfinished, when fewer rows are seen than were written, or when the tables are not as this mig
 * writes them: `readBook` has words for that.
 */
export async function readApplied(session: Session): Promise<Applied | null> {
  const { state, history } = session.tables
  const isUnfinished = `exists (select 1 from ${history} where state <> 'applied')`
  const counted = `case when ${isUnfinished} then -1 else revisions end`
  // What all rows have in common is asked once: there may be thousands.
  const rows = await selectOrNull(
    session,
    `select null as revision, project as checksum, cast(format as char(9)) as down_revisions, cast(${counted} as char(20)) as depends_on from ${state}
      union all select revision, checksum, down_revisions, nullif(depends_on, '[]') from ${history}`,
  ).catch(() => null)
  const [own, ...others] = rows ?? []
  if (own === undefined || own.revision !== null || Number(own.down_revisions) !== format) return null
  if (Number(own.depends_on) !== others.length) return null
  return { project: textOrNull(own.checksum), fingerprints: others.map(fingerprintOf) }
}

function fingerprintOf({ revision, checksum, down_revisions: downRevisions, depends_on: dependsOn }: Row): Fingerprint {
  return {
    revision: String(revision),
    checksum: String(checksum),
    downRevisions: String(downRevisions),
    dependsOn: textOrNull(dependsOn) ?? '[]',
  }
}
