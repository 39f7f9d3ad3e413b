// Whether an upgrade has nothing to do: asked before the headers of many migrations are read.

import { checksum } from '../core/checksum.js'
import { MigError } from '../core/errors.js'
import { settledHeads, type Written } from '../core/graph/settled.js'
import { isOtherProject } from '../core/graph/validate-history.js'
import { mayImport } from '../files/modules.js'
import { findWorldWritable } from '../files/rights.js'
import type { FileText, Texts } from '../files/texts.js'
import { readApplied } from '../runner/history-fingerprints.js'
import { withSession, type Workplace } from './open.js'
import type { RunOptions, RunOutcome } from './run.js'

/** From so many files on their headers cost more than a connection that may be for nothing. */
const many = 1000

/**
 * The outcome of an upgrade that finds everything applied. Null wherever anything is out of the ordinary, or cannot be
 * read: the long way tells what it is.
 */
export async function outcomeIfSettled(
  workplace: Workplace,
  { texts, diagnostics }: Texts,
  target: string,
  { dryRun, resume }: RunOptions,
): Promise<RunOutcome | null> {
  const { root, migrations } = workplace.config
  const isPlain = texts.length >= many && diagnostics.length === 0 && resume !== true && /^heads?$/.test(target)
  if (!isPlain || texts.some(({ text }) => mayImport(text))) return null
  if (findWorldWritable(root, migrations, []).length > 0) return null
  return look(workplace, texts, dryRun ?? false)
}

async function look(workplace: Workplace, texts: readonly FileText[], dryRun: boolean): Promise<RunOutcome | null> {
  const { report, config } = workplace
  const started = performance.now()
  try {
    // In silence, and at once: if this fails, the long way tries again, with patience and words.
    const hushed = { ...workplace, report: () => undefined, connectTimeout: 0 }
    return await withSession(hushed, 'look', async (session) => {
      const applied = await readApplied(session)
      if (applied === null || isOtherProject(config.project, applied.project)) return null
      const [head, ...others] = settledHeads(written(texts), applied.fingerprints) ?? []
      if (head === undefined || others.length > 0) return null
      const { place } = session
      report({ kind: 'database', place })
      const durationMs = Math.round(performance.now() - started)
      return { place, from: [head], to: [head], steps: [], dryRun, durationMs, diagnostics: [] }
    })
  } catch (error) {
    if (error instanceof MigError) return null
    throw error
  }
}

function* written(texts: readonly FileText[]): Generator<Written> {
  for (const { text } of texts) yield { text, checksum: () => checksum(text) }
}
