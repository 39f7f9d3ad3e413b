// Why a step failed, for its author: the place in the file, the statement with a caret, the driver's words, and what
// the database holds now.

import { LockError, MigError, MigrationError, PartialError } from '../core/errors.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import { describePlace } from '../core/place.js'
import { positionInStack, sourceFrame } from '../core/position.js'
import { messageOf } from '../core/thrown.js'
import type { Session } from './session.js'
import type { Trace, Work } from './step.js'

/** The error of a step whose transaction was rolled back, or that changed nothing. */
export function failed(
  session: Session,
  work: Work,
  trace: Trace,
  cause: unknown,
  heads: readonly RevisionId[],
): MigError {
  if (isBusy(session, cause)) return busy(session, work, cause)
  const { revision } = work.step
  const undone = work.step.direction === 'up' ? 'Nothing of it is in the database' : 'Nothing of it was taken down'
  const now = `${undone}, and the database stands at ${heads.length === 0 ? 'base' : heads.join(', ')}.`
  return new MigrationError('migration.failed', `${headline(work, trace, cause)} ${now}`, {
    ...evidence(work, trace, cause),
    hint: `Mend ${revision.path} and run the same command again.`,
    cause,
  })
}

/** The error of a step that stopped in the middle where nothing can be taken back. */
export function leftUnfinished(work: Work, trace: Trace, cause: unknown): PartialError {
  const { revision } = work.step.revision
  const done =
    trace.changes === 1
      ? 'one statement that changes something was'
      : `${trace.changes} statements that change something were`
  return new PartialError(
    'partial.unfinished',
    `${headline(work, trace, cause)} It cannot be rolled back: ${done} done before.`,
    {
      ...evidence(work, trace, cause),
      hint: `Look what is there, complete or undo it by hand, then: mig resolve ${revision} --applied, or: mig resolve ${revision} --not-applied`,
      cause,
    },
  )
}

function headline({ step }: Work, trace: Trace, cause: unknown): string {
  const verb = step.direction === 'up' ? 'upgrade' : 'downgrade'
  const why = `${reason(trace, cause)}`.trim()
  return `The ${verb} of ${revisionTitle(step.revision)} failed: ${/[.!?]$/.test(why) ? why : `${why}.`}`
}

/** The server's words where a statement failed; else what was thrown. */
function reason(trace: Trace, cause: unknown): string {
  const failure = trace.failure?.failure
  if (failure === undefined) return messageOf(cause)
  const code = failure.code === null ? '' : ` (${failure.code})`
  if (failure.error === cause) return `${failure.message}${code}`
  if (isAbortedTransaction(cause))
    return `an error was swallowed in it, and the transaction cannot go on: ${failure.message}${code}`
  return messageOf(cause)
}

/** PostgreSQL: "current transaction is aborted". */
function isAbortedTransaction(cause: unknown): boolean {
  return (cause as { readonly code?: unknown } | null)?.code === '25P02'
}

function evidence(work: Work, trace: Trace, cause: unknown) {
  const { file } = work.migration
  const { revision, path } = work.step.revision
  const position = positionInStack(cause, file.file)
  const detail = [
    position === null ? '' : `${path}:${position.line}:${position.column}\n${sourceFrame(file.text, position)}`,
    trace.failure === null ? '' : statementFrame(trace.failure.sql, trace.failure.failure.position),
    trace.failure?.failure.detail ?? '',
  ].filter((part) => part !== '')
  return {
    revision,
    path,
    line: position?.line,
    column: position?.column,
    detail: detail.length === 0 ? undefined : detail.join('\n\n'),
  }
}

const longestStatement = 2000

/** The statement, with a caret below the place that the driver names. */
function statementFrame(sql: string, position: number | null): string {
  const shown = sql.length > longestStatement ? `${sql.slice(0, longestStatement)} …` : sql
  const lines = shown.split('\n').map((line) => `  ${line}`)
  if (position === null || position > shown.length) return lines.join('\n')
  const before = shown.slice(0, position - 1).split('\n')
  const caret = `  ${' '.repeat((before.at(-1) ?? '').length)}^`
  return [...lines.slice(0, before.length), caret, ...lines.slice(before.length)].join('\n')
}

/** Another program holds what mig needs to write at all. */
function isBusy(session: Session, cause: unknown): boolean {
  return (
    session.engine.name === 'sqlite' &&
    !(cause instanceof MigError) &&
    session.engine.describe(cause).kind === 'lock-timeout'
  )
}

function busy(session: Session, { step }: Work, cause: unknown): LockError {
  return new LockError(
    'lock.held',
    `Another program is writing to ${describePlace(session.place)}; ${step.revision.revision} was not applied.`,
    {
      hint: 'Close the program that holds the file, and run the command again.',
      cause,
    },
  )
}
