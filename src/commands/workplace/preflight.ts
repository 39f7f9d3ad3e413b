// Before a run: everything that forbids it, found before anything changes.

import { posix } from 'node:path'
import type { Diagnostic } from '../../core/diagnostic.js'
import { assertNoErrors, HistoryError, PartialError } from '../../core/errors.js'
import { type AppliedRevision, unfinished } from '../../core/graph/history.js'
import type { Step } from '../../core/graph/plan.js'
import { revisionTitle, type RevisionId } from '../../core/graph/revision.js'
import {
  describeForeign,
  describeMiscount,
  describeOtherProject,
  describeAhead,
  describeUnfinished,
  findChanged,
  findUnknown,
  validateRows,
} from '../../core/graph/validate-history.js'
import type { Project } from '../../files/project.js'
import type { MigrationFile } from '../../files/discover.js'
import { changedPrograms, diffFiles, type FileChange } from '../../files/source-diff.js'
import { describeAttempted, readAttempted } from '../../history/attempt.js'
import { type Book, readSource, type StoredSource } from '../../history/book.js'
import { comparable } from '../../history/kept-source.js'
import type { Session } from '../../session/session.js'

export interface Allowances {
  readonly allowChanged?: boolean | undefined
  readonly allowUnknown?: boolean | undefined
  /** Goes on with what stopped in the middle. */
  readonly resume?: boolean | undefined
}

/**
 * Refuses a run on a history that is unfinished, altered, of another project, or that the files contradict. Returns what
 * is worth knowing of a history that it can run on.
 * @throws PartialError `partial.unfinished`; HistoryError `history.*` with all findings
 */
export async function assertRunnable(
  session: Session,
  project: Project,
  book: Book,
  allowed: Allowances,
  direction: Step['direction'],
): Promise<readonly Diagnostic[]> {
  assertSameProject(project.config.project, book)
  if (allowed.resume === true) assertResumes(book, direction)
  else await assertFinished(session, book)
  const finished = book.history.filter(({ state }) => state === 'applied')
  const ahead = direction === 'up' ? describeAhead(project.graph, book.history) : null
  const unknown = ahead === null ? findUnknown(project.graph, book.history) : [ahead]
  assertNoErrors(HistoryError, [
    ...describeMiscount(project.graph, book),
    ...validateRows(project.graph, book.history),
    ...(allowed.allowUnknown === true ? [] : unknown),
    ...(allowed.allowChanged === true ? [] : await describeChanged(session, project, finished)),
  ])
  return ahead === null ? [] : [ahead]
}

/**
 * A database says whose it is; nothing is done to one of another project, whatever else is allowed.
 * @throws HistoryError `history.wrong-project`
 */
export function assertSameProject(project: string | null, book: Book): void {
  const finding = describeOtherProject(project, book)
  if (finding !== null) throw new HistoryError(finding.code, finding.message, { hint: finding.hint })
}

/**
 * The same, told from the revisions: none of those that are applied is in the files.
 * @throws HistoryError `history.wrong-project`
 */
export function assertNotForeign(
  files: { readonly size: number; has(id: RevisionId): boolean },
  { history }: Book,
): void {
  const finding = describeForeign(files, history)
  if (finding !== null) throw new HistoryError(finding.code, finding.message, { hint: finding.hint })
}

/** @throws PartialError `partial.unfinished`, with what the journal says of it */
export async function assertFinished(session: Session, { history }: Book): Promise<void> {
  const finding = describeUnfinished(history)
  if (finding === null) return
  const [row] = unfinished(history)
  const detail = row === undefined ? null : describeAttempted(await readAttempted(session, row))
  const { message, hint, revision } = finding
  throw new PartialError('partial.unfinished', message, { hint, revision, ...(detail !== null && { detail }) })
}

/** @throws PartialError `partial.unfinished` when what was begun goes the other way */
function assertResumes({ history }: Book, direction: Step['direction']): void {
  const other = unfinished(history).find(({ state }) => (state === 'running') !== (direction === 'up'))
  if (other === undefined) return
  const begun = other.state === 'running' ? 'upgrade' : 'downgrade'
  throw new PartialError(
    'partial.unfinished',
    `It is the ${begun} of ${revisionTitle(other)} that stopped in the middle.`,
    { hint: `mig ${begun} --resume`, revision: other.revision },
  )
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
  const changes = file === undefined || stored.source === null ? null : await changedPrograms(filesOf(file, stored))
  if (changes?.length === 0) {
    return {
      code: 'history.reformatted',
      severity: 'info',
      message: `${revisionTitle(row)} (${path}) was reformatted since it was applied; it is the same program.`,
      ...about,
    }
  }
  const modules = (changes ?? []).filter((change) => change.path !== path).map((change) => change.path)
  const isOnlyModules = modules.length === changes?.length
  const what = isOnlyModules ? ` imports ${modules.join(' and ')}, and that` : ''
  const restore = isOnlyModules
    ? `Restore ${modules.join(' and ')}: mig show ${row.revision} --stored --json has what was applied.`
    : `Restore the file: mig show ${row.revision} --stored > '${path}'.`
  return {
    code: 'history.checksum-mismatch',
    severity: 'error',
    message: `${revisionTitle(row)} (${path})${what} has changed since it was applied on ${row.appliedAt} by ${row.appliedBy}.`,
    hint: `${restore} Or accept it: mig resolve ${row.revision} --accept. Or restore it and write a new revision. To go on this once: --allow-changed.`,
    ...about,
    ...(changes !== null && { detail: await diffFiles(changes) }),
  }
}

/** The migration first, then the local modules of then and now. A module is named without its extension. */
function filesOf(file: MigrationFile, stored: StoredSource): readonly FileChange[] {
  const { path } = file.revision
  const now = file.modules()
  const names = [...new Set([...Object.keys(stored.modules), ...Object.keys(now)])].sort()
  return [
    { path, stored: stored.source, text: file.text },
    ...names.map((name) => ({
      path: posix.join(posix.dirname(path), name),
      stored: comparable(stored.modules[name] ?? null, now[name] ?? null),
      text: now[name] ?? null,
    })),
  ]
}
