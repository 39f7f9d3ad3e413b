// What is applied, in one query and as little as it takes to see that there is nothing to do.

import type { Fingerprint } from '../core/graph/settled.js'
import { format, selectOrNull, textOrNull } from './history-table.js'
import type { Session } from './session.js'

export interface Applied {
  /** Whose database it is; null when it was written for no named project. */
  readonly project: string | null
  /** One for each applied revision, in no order. */
  readonly fingerprints: readonly Fingerprint[]
}

/** Null when something is unfinished, or when the tables are not as this mig writes them: `readBook` has words for that. */
export async function readApplied(session: Session): Promise<Applied | null> {
  const { state, history } = session.tables
  const rows = await selectOrNull(
    session,
    `select null as revision, project as checksum, null as down_revisions, null as depends_on, cast(format as char(9)) as state from ${state}
      union all select revision, checksum, down_revisions, depends_on, state from ${history}`,
  ).catch(() => null)
  const [own, ...others] = rows ?? []
  if (own === undefined || own.revision !== null || Number(own.state) !== format) return null
  if (others.some((row) => row.state !== 'applied')) return null
  return {
    project: textOrNull(own.checksum),
    fingerprints: others.map(({ revision, checksum, down_revisions: downRevisions, depends_on: dependsOn }) => ({
      revision: String(revision),
      checksum: String(checksum),
      downRevisions: String(downRevisions),
      dependsOn: String(dependsOn),
    })),
  }
}
