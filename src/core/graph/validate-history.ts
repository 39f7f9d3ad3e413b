// What is wrong with a history, by itself and beside the files.

import type { Diagnostic } from '../diagnostic.js'
import { summits, type RevisionGraph } from './graph.js'
import { appliedSet, type AppliedRevision, unfinished } from './history.js'
import { revisionTitle, type RevisionId } from './revision.js'
import { byHand, resumeCommand } from '../ways-out.js'

/** Rows that contradict each other: the table was altered by hand. `graph` knows what a missing row depended on. */
export function validateRows(graph: RevisionGraph, history: readonly AppliedRevision[]): readonly Diagnostic[] {
  const applied = appliedSet(history)
  const heads = summits(graph, applied)
  return history.flatMap((row) => {
    const missing = standsOn(row).filter((id) => !applied.has(id))
    if (missing.length === 0) return []
    return [
      {
        code: 'history.altered',
        severity: 'error',
        message: `The history says that ${row.revision} is applied, and not ${missing.join(', ')}, which it depends on.`,
        hint: `A row was deleted by hand. To put it back without running anything: mig stamp ${heads.join(' ')}`,
        revision: row.revision,
      } satisfies Diagnostic,
    ]
  })
}

/** Another number of rows than mig has written: some were deleted or added by hand. */
export function describeMiscount(
  graph: RevisionGraph,
  { history, counted }: { readonly history: readonly AppliedRevision[]; readonly counted: number },
): readonly Diagnostic[] {
  if (history.length === counted) return []
  const heads = summits(graph, appliedSet(history))
  return [
    {
      code: 'history.altered',
      severity: 'error',
      message: `mig has written ${counted} ${counted === 1 ? 'revision' : 'revisions'} into this history, and it has ${history.length}: rows were deleted or added by hand, or a migration was killed that committed by itself.`,
      hint: `\`mig log\` shows what was applied. To record what is in the database, without running anything: mig stamp ${heads.length === 0 ? 'base' : heads.join(' ')}, or a target above that.`,
    },
  ]
}

function standsOn({ downRevisions, dependsOn }: AppliedRevision): readonly RevisionId[] {
  return [...downRevisions, ...dependsOn]
}

/** Applied revisions that no file declares. When no file fits at all, the database belongs to something else. */
export function findUnknown(graph: RevisionGraph, history: readonly AppliedRevision[]): readonly Diagnostic[] {
  const unknown = history.filter(({ revision }) => !graph.revisions.has(revision))
  if (unknown.length === 0) return []
  const listed = unknown
    .map((row) => `  ${revisionTitle(row)}  (applied ${row.appliedAt} by ${row.appliedBy})`)
    .join('\n')
  const foreign = describeForeign(graph.revisions, history)
  if (foreign !== null) return [{ ...foreign, detail: listed }]
  const [first] = unknown
  return [
    {
      code: 'history.unknown-revision',
      severity: 'error',
      message: `${unknown.length === 1 ? 'A revision is' : `${unknown.length} revisions are`} applied to the database and in no file: ${unknown.map(({ revision }) => revision).join(', ')}.`,
      hint: `Is this an older checkout, or was a file deleted? Look: git log --all --oneline -- '*${first?.revision}*'. To go on without: --allow-unknown.`,
      detail: listed,
    },
  ]
}

/** What there is to say of a database none of whose revisions is in the files; null when one is, or when there are none. */
export function describeForeign(
  files: { readonly size: number; has(id: RevisionId): boolean },
  history: readonly AppliedRevision[],
): (Diagnostic & { readonly code: 'history.wrong-project' }) | null {
  if (history.length === 0 || files.size === 0 || history.some(({ revision }) => files.has(revision))) return null
  return {
    code: 'history.wrong-project',
    severity: 'error',
    message: `None of the ${history.length} revisions applied to this database is in the migrations folder: it seems to belong to another project.`,
    hint: 'Check the database URL and the environment. Nothing was changed. If the files of this project were replaced by others: --allow-unknown',
  }
}

/**
 * The database has all that the files have, and more: an older build against a newer database. It has nothing to do, and
 * may start. Null when it has something to do, or when the files hold nothing at all.
 */
export function describeAhead(graph: RevisionGraph, history: readonly AppliedRevision[]): Diagnostic | null {
  const unknown = history.filter(({ revision }) => !graph.revisions.has(revision))
  if (unknown.length === 0 || graph.revisions.size === 0) return null
  const applied = appliedSet(history)
  const names = new Set(unknown.map(({ revision }) => revision))
  const hasAll = [...graph.revisions.keys()].every((id) => applied.has(id))
  // A revision that others depend on is not ahead: its file was deleted.
  const isBelow = history.some((row) => graph.revisions.has(row.revision) && standsOn(row).some((id) => names.has(id)))
  if (!hasAll || isBelow) return null
  return {
    code: 'history.ahead',
    severity: 'warning',
    message: `The database is ahead by ${unknown.length} of these files, which are all applied: ${unknown.map(revisionTitle).join(', ')}.`,
    hint: `An older build may start. Was a file deleted? Look: git log --all --oneline -- '*${unknown[0]?.revision}*'`,
  }
}

/** Whether a database was written for a project of another name; where one of them has none, nobody can tell. */
export function isOtherProject(project: string | null, found: string | null): boolean {
  return project !== null && found !== null && project !== found
}

/** What there is to say of a database of another project; null when it is none. */
export function describeOtherProject(
  project: string | null,
  book: { readonly project: string | null; readonly history: readonly AppliedRevision[] },
): (Diagnostic & { readonly code: 'history.wrong-project' }) | null {
  if (!isOtherProject(project, book.project)) return null
  const last = book.history.at(-1)
  const when = last === undefined ? '' : `, last changed ${last.appliedAt} by ${last.appliedBy}`
  return {
    code: 'history.wrong-project',
    severity: 'error',
    message: `This database belongs to the project “${book.project}”${when}; these files are “${project}”.`,
    hint: 'Check the database URL and the environment. Nothing was changed. If the project was renamed: mig resolve --adopt',
  }
}

/** Applied revisions whose file is not what was applied. `checksumOf` answers null where the file is unknown. */
export function findChanged(
  history: readonly AppliedRevision[],
  checksumOf: (id: RevisionId) => string | null,
): readonly AppliedRevision[] {
  return history.filter((row) => {
    const now = checksumOf(row.revision)
    return now !== null && now !== row.checksum
  })
}

/** What a crash left behind; null when nothing is unfinished. */
export function describeUnfinished(history: readonly AppliedRevision[]): Diagnostic | null {
  const [first, ...others] = unfinished(history)
  if (first === undefined) return null
  const what = first.state === 'running' ? 'upgrade' : 'downgrade'
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return {
    code: 'partial.unfinished',
    severity: 'error',
    message: `The ${what} of ${revisionTitle(first)} did not finish${more}: started ${first.appliedAt} by ${first.appliedBy}. A part of it may be in the database.`,
    hint: `Go on where it stopped: ${resumeCommand(first.state === 'running' ? 'up' : 'down')}. Or ${byHand(first.revision)}`,
    revision: first.revision,
  }
}
