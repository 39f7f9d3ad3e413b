// Whether an upgrade has nothing to do: told before the headers of many migrations are read.

import { hashOf } from '../../core/checksum.js'
import { settledHeads, type Written } from '../../core/graph/settled.js'
import { isOtherProject } from '../../core/graph/validate-history.js'
import type { Config } from '../../files/config.js'
import { mayImport } from '../../files/modules.js'
import { findWorldWritable } from '../../files/rights.js'
import type { FileText, Texts } from '../../files/texts.js'
import { readApplied } from '../../history/fingerprints.js'
import type { Session } from '../../session/session.js'
import type { RunOptions, RunOutcome } from './run.js'

/** From so many files on their headers cost more than the question; mistakes in them are then told after it. */
const many = 1000

/** Whether `settledOutcome` may be asked: nothing is to be said of the files, and nothing out of the ordinary is wanted. */
export function maySettle(
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
export async function settledOutcome(
  session: Session,
  { project }: Config,
  { texts }: Texts,
): Promise<RunOutcome | null> {
  const started = performance.now()
  const applied = await readApplied(session)
  if (applied === null || isOtherProject(project, applied.project)) return null
  const [head, ...others] = settledHeads(written(texts), applied.fingerprints) ?? []
  if (head === undefined || others.length > 0) return null
  const durationMs = Math.round(performance.now() - started)
  return { place: session.place, from: [head], to: [head], steps: [], dryRun: false, durationMs, diagnostics: [] }
}

function* written(texts: readonly FileText[]): Generator<Written> {
  for (const { text } of texts) yield { text, checksum: () => hashOf(text) }
}
