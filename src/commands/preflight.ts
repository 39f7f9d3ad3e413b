// Before a run: everything that forbids it, found before anything changes.

import type { Diagnostic } from '../core/diagnostic.js'
import { assertNoErrors, HistoryError, PartialError } from '../core/errors.js'
import type { AppliedRevision } from '../core/graph/history.js'
import { revisionTitle } from '../core/graph/revision.js'
import { describeUnfinished, findChanged, findUnknown, validateRows } from '../core/graph/validate-history.js'
import { isSameProgram } from '../files/program.js'
import type { Project } from '../files/project.js'
import { diffSources } from '../files/source-diff.js'
import { type Book, readSource } from '../runner/history-table.js'
import type { Session } from '../runner/session.js'

export interface Allowances {
  readonly allowChanged?: boolean | undefined
  readonly allowUnknown?: boolean | undefined
}

/**
 * Refuses a run on a history that is unfinished, altered, of another project, or that the files contradict.
 * @throws PartialError `partial.unfinished`; HistoryError `history.*` with all findings
 */
export async function assertRunnable(
  session: Session,
  project: Project,
  book: Book,
  allowed: Allowances,
): Promise<void> {
  assertFinished(book)
  assertNoErrors(HistoryError, [
    ...validateRows(project.graph, book.history),
    ...(allowed.allowUnknown === true ? [] : findUnknown(project.graph, book.history)),
    ...(allowed.allowChanged === true ? [] : await describeChanged(session, project, book.history)),
  ])
}

/** @throws PartialError `partial.unfinished` */
export function assertFinished({ history }: Book): void {
  const finding = describeUnfinished(history)
  if (finding !== null)
    throw new PartialError('partial.unfinished', finding.message, { hint: finding.hint, revision: finding.revision })
}

/**
 * Applied revisions whose files have changed, each with its difference. A file that is still the same program (comments,
 * layout and types do not count) is only noted.
 */
export async function describeChanged(
  session: Session,
  project: Project,
  history: readonly AppliedRevision[],
): Promise<readonly Diagnostic[]> {
  const changed = findChanged(history, (id) => project.files.get(id)?.checksum() ?? null)
  return Promise.all(changed.map((row) => describeChange(session, project, row)))
}

async function describeChange(session: Session, project: Project, row: AppliedRevision): Promise<Diagnostic> {
  const file = project.files.get(row.revision)
  const stored = await readSource(session, row.revision)
  const path = file?.revision.path ?? ''
  const about = { revision: row.revision, path }
  if (stored !== null && file !== undefined && isSameProgram(stored, file.text)) {
    return {
      code: 'history.reformatted',
      severity: 'info',
      message: `${revisionTitle(row)} (${path}) was reformatted since it was applied; it is the same program.`,
      ...about,
    }
  }
  return {
    code: 'history.checksum-mismatch',
    severity: 'error',
    message: `${revisionTitle(row)} (${path}) has changed since it was applied on ${row.appliedAt} by ${row.appliedBy}.`,
    hint: `Restore the file: mig show ${row.revision} --stored > '${path}'. Or accept it: mig resolve ${row.revision} --accept. Or restore it and write a new revision. To go on this once: --allow-changed.`,
    ...about,
    ...(stored !== null && file !== undefined && { detail: await diffSources(stored, file.text) }),
  }
}
