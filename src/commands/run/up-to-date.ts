// Whether a run has nothing to do: as in most deploys, one query shows it. With many migrations it is sent before their
// headers are read, and needs no graph.

import { hashOf } from '../../core/checksum.js'
import { dependenciesOf, heads } from '../../core/graph/graph.js'
import type { Plan } from '../../core/graph/plan.js'
import type { Standing } from '../../core/graph/resolve.js'
import { headsIfUpToDate, type Written } from '../../core/graph/up-to-date.js'
import { isOtherProject } from '../../core/graph/validate-history.js'
import type { Config } from '../../files/config.js'
import { mayImport } from '../../files/modules.js'
import type { Project } from '../../files/project.js'
import { findWorldWritable } from '../../files/rights.js'
import type { FileText, Texts } from '../../files/texts.js'
import { type Applied, readApplied } from '../../history/fingerprints.js'
import type { Session } from '../../session/session.js'
import type { RunOptions } from './options.js'
import type { RunOutcome } from './outcome.js'

/** What `plan` makes of a database that has everything as the files have it; null where this one has not. */
export function planIfUpToDate(
  project: Project,
  applied: Applied,
  plan: (standing: Standing) => Plan | null,
): Plan | null {
  const { graph } = project
  if (!isUpToDate(project, applied)) return null
  return plan({ graph, applied: [...graph.revisions.keys()], current: heads(graph, 'all') })
}

/** Whether the database has what the files have, all of it and nothing else, and nothing was edited since. */
function isUpToDate({ config, graph, files }: Project, { fingerprints, project }: Applied): boolean {
  if (isOtherProject(config.project, project) || fingerprints.length !== graph.revisions.size) return false
  return fingerprints.every(({ revision, checksum, downRevisions, dependsOn }) => {
    const file = files.get(revision)
    return (
      file?.checksum() === checksum &&
      JSON.stringify(file.revision.downRevisions) === downRevisions &&
      JSON.stringify(dependenciesOf(graph, revision)) === dependsOn
    )
  })
}

/** From so many files on their headers cost more than the question; mistakes in them are then reported after it. */
const many = 1000

/** Whether `outcomeIfUpToDate` may be asked: nothing is to be said of the files, and nothing out of the ordinary is wanted. */
export function mayAskBeforeHeaders(
  { root, migrations }: Config,
  { texts, diagnostics }: Texts,
  target: string,
  { dryRun, resume }: RunOptions,
): boolean {
  return (
    texts.length >= many &&
    diagnostics.length === 0 &&
    dryRun !== true &&
    resume !== true &&
    /^heads?$/.test(target) &&
    !texts.some(({ text }) => mayImport(text)) &&
    findWorldWritable(root, migrations, []).length === 0
  )
}

/** The outcome of an upgrade that finds everything applied; null when only headers and a graph can tell. */
export async function outcomeIfUpToDate(
  session: Session,
  { project }: Config,
  { texts }: Texts,
): Promise<RunOutcome | null> {
  const started = performance.now()
  const applied = await readApplied(session)
  if (applied === null || isOtherProject(project, applied.project)) return null
  const [head, ...others] = headsIfUpToDate(written(texts), applied.fingerprints) ?? []
  if (head === undefined || others.length > 0) return null
  const durationMs = Math.round(performance.now() - started)
  return { place: session.place, from: [head], to: [head], steps: [], dryRun: false, durationMs, diagnostics: [] }
}

function* written(texts: readonly FileText[]): Generator<Written> {
  for (const { text } of texts) yield { text, checksum: () => hashOf(text) }
}
