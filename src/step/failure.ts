// Why a step failed, for its author: the place in the file, the statement with a caret, the driver's words, and what
// the database holds now.

import { EngineError, type InterruptedError, LockError, MigrationError, PartialError } from '../core/errors.js'
import { revisionTitle } from '../core/graph/revision.js'
import { describePlace } from '../core/place.js'
import { sourceFrame } from '../core/position.js'
import { isError, messageOf } from '../core/thrown.js'
import { byHand, resumeCommand } from '../core/ways-out.js'
import type { DriverErrorKind } from '../engines/contract/errors.js'
import type { Session } from '../session/session.js'
import type { Trace } from './step-state.js'
import type { Work } from './prepared-step.js'
import { pastMig } from './rules.js'
import { excerpt } from '../core/render/excerpt.js'

/** The error of a step whose transaction was rolled back, or that changed nothing. `stand`: where the database is now. */
export function failed(session: Session, work: Work, trace: Trace, cause: unknown, stand: string): MigrationError {
  const { revision, direction } = work.step
  const isForeign = stand === 'base' && direction === 'up' && isTableThere(session, trace)
  const undone = direction === 'up' ? 'Nothing of it is in the database' : 'Nothing of it was taken down'
  return new MigrationError(
    'migration.failed',
    `${headline(session, work, trace, cause)} ${undone}, and the database is at ${stand}.`,
    {
      ...evidence(session, work, trace, cause),
      hint: isForeign
        ? `Was it there before mig? Then mark it as applied instead of making it: mig stamp ${revision.revision}`
        : (trace.limit ??
          waitedForItself(session, trace, cause) ??
          `Fix ${revision.path} and run the same command again.`),
      cause,
    },
  )
}

/**
 * Whether it came from a connection that the migration opened itself: no statement that mig has sent is behind it. What such
 * a connection has done is not rolled back with the rest.
 */
export function isOfOtherConnection(session: Session, trace: Trace, cause: unknown): boolean {
  return trace.thrown?.error === cause && failureBehind(session, trace, cause) === null
}

function waitedForItself(session: Session, trace: Trace, cause: unknown): string | null {
  const isLock = session.engine.describe(cause).kind === 'lock-timeout'
  if (!isLock || !isOfOtherConnection(session, trace, cause)) return null
  const { direction } = trace.work.step
  return `No statement of the Knex that \`${direction}\` is given failed so, but one of another connection: it may have waited for this very migration. Use the Knex that \`${direction}\` is given; what another one does is not rolled back.`
}

function isTableThere({ engine }: Session, { failure }: Trace): boolean {
  return failure !== null && engine.describe(failure.failure.error).kind === 'table-exists'
}

/**
 * The error of a step that stopped in the middle where nothing can be taken back. `doneCount`: how many of its statements are
 * done, those of earlier runs included; null when that could not be read.
 */
export function leftUnfinished(
  session: Session,
  work: Work,
  trace: Trace,
  cause: unknown,
  doneCount: number | null,
): PartialError {
  const { revision } = work.step.revision
  return new PartialError(
    'partial.unfinished',
    `${headline(session, work, trace, cause)} ${whyNotRolledBack(trace, whatIsThere(doneCount))}.`,
    {
      ...evidence(session, work, trace, cause),
      hint: `${trace.limit ?? `Fix ${work.step.revision.path}.`} Then go on where it stopped: ${resumeCommand(work.step.direction)}. Or ${byHand(revision)}`,
      cause,
    },
  )
}

function whyNotRolledBack({ ended, leftBehind }: Trace, there: string): string {
  if (ended === 'committed') return `${pastMig} committed the transaction that mig ran it in: ${there}`
  return leftBehind === null
    ? `It cannot be rolled back: ${there}`
    : `The rollback did not take back all of it: ${leftBehind}`
}

function whatIsThere(doneCount: number | null): string {
  if (doneCount === null || doneCount === 0) return 'a part of it may be in the database'
  if (doneCount === 1) return 'one statement that changes something was done before'
  return `${doneCount} statements that change something were done before`
}

function headline(session: Session, { step }: Work, trace: Trace, cause: unknown): string {
  const verb = step.direction === 'up' ? 'upgrade' : 'downgrade'
  const why = `${reason(session, trace, cause)}`.trim()
  return `The ${verb} of ${revisionTitle(step.revision)} failed: ${/[.!?]$/.test(why) ? why : `${why}.`}`
}

/** The server's words where a statement failed; else what was thrown. */
function reason(session: Session, trace: Trace, cause: unknown): string {
  const { engine } = session
  const failure = failureBehind(session, trace, cause)?.failure
  if (failure === undefined) return messageOf(cause)
  const code = failure.code === null ? '' : ` (${failure.code})`
  if (failure.error === cause) return `${failure.message}${code}`
  const { kind } = engine.describe(cause)
  // Knex wants to roll back what the database has rolled back by itself.
  if (kind === 'no-transaction') return `${failure.message}${code}`
  if (kind === 'aborted-transaction')
    return `an error was swallowed in it, and the transaction cannot go on: ${failure.message}${code}`
  return messageOf(cause)
}

/** The failed statement that a step failed with; null when it failed with something else, and that statement was only passed by. */
function failureBehind({ engine }: Session, { failure }: Trace, cause: unknown): Trace['failure'] {
  if (failure === null) return null
  const { error } = failure.failure
  const isBehind = (thrown: unknown): boolean =>
    thrown === error || (isError(thrown) && thrown.cause !== undefined && isBehind(thrown.cause))
  return isBehind(cause) || ofWhatFollows.has(engine.describe(cause).kind) ? failure : null
}

/** What a database says of anything that comes after the failure. */
const ofWhatFollows: ReadonlySet<DriverErrorKind> = new Set(['aborted-transaction', 'no-transaction'])

function evidence(session: Session, work: Work, trace: Trace, cause: unknown) {
  const { revision, path } = work.step.revision
  const position = work.migration.positionOf(cause)
  const failure = failureBehind(session, trace, cause)
  const detail = [
    position === null
      ? ''
      : `${path}:${position.line}:${position.column}\n${sourceFrame(work.migration.file.text, position)}`,
    failure === null ? '' : statementFrame(failure.sql, failure.failure.position),
    failure?.failure.detail ?? '',
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
  const shown = excerpt(sql, longestStatement)
  const lines = shown.split('\n').map((line) => `  ${line}`)
  if (position === null || position > shown.length) return lines.join('\n')
  const before = shown.slice(0, position - 1).split('\n')
  const caret = `  ${' '.repeat((before.at(-1) ?? '').length)}^`
  return [...lines.slice(0, before.length), caret, ...lines.slice(before.length)].join('\n')
}

/** A lock of somebody else was in the way, at each try. */
export function lockedOut(session: Session, work: Work, trace: Trace, cause: unknown): LockError {
  const { revision, direction } = work.step
  const { attempt, notAgain } = trace
  const times = attempt === 1 ? '' : `, ${attempt} times`
  const undone = `It was rolled back${attempt === 1 ? '' : ' each time'}.${notAgain === null ? '' : ` ${notAgain}`}`
  const again = direction === 'up' ? `then: mig upgrade ${revision.revision}` : 'then run the same command again.'
  return new LockError(
    'lock.timeout',
    `${revisionTitle(revision)} waited in vain for others at ${describePlace(session.place)}${times}: ${reason(session, trace, cause)}. ${forWhom(trace)}${undone}`,
    {
      ...evidence(session, work, trace, cause),
      hint: `Find the session that holds the table, or choose a quieter moment, ${again}`,
      cause,
    },
  )
}

function forWhom({ blockers }: Trace): string {
  return blockers.length === 0 ? '' : `It waited for ${blockers.join('; ')}. `
}

export function connectionLost(session: Session, trace: Trace, cause: unknown): EngineError {
  const { limit } = trace
  const { step } = trace.work
  const words = wordsOfLost(session, trace, cause).replace(/\.$/, '')
  return new EngineError(
    'engine.unreachable',
    `The connection to ${describePlace(session.place)} broke: ${words}. It broke while ${revisionTitle(step.revision)} was running, which was rolled back.`,
    {
      hint: limit ?? 'Run the same command again when the database answers.',
      revision: step.revision.revision,
      cause,
    },
  )
}

/** What is asked of a broken connection is refused with words that say less than what broke it. */
function wordsOfLost({ engine, connection }: Session, { failure }: Trace, cause: unknown): string {
  if (failure !== null && engine.describe(failure.failure.error).kind === 'lost') return failure.failure.message
  return messageOf(connection.lost() ?? cause)
}

/** The commit was not answered, and the row is there. */
export function brokenAfterCommit(session: Session, { step }: Work, cause: unknown): EngineError {
  return new EngineError(
    'engine.unreachable',
    `${session.connection.lost() === null ? `${describePlace(session.place)} answered a COMMIT with an error (${messageOf(cause)}), and` : `The connection to ${describePlace(session.place)} broke right after`} ${revisionTitle(step.revision)} was committed. The steps after it were not begun.`,
    {
      hint: 'Run the same command again: it continues there.',
      revision: step.revision.revision,
      cause,
    },
  )
}

export function outcomeUnknown(session: Session, { step }: Work, cause: unknown): PartialError {
  return new PartialError(
    'partial.outcome-unknown',
    `The connection to ${describePlace(session.place)} broke while ${revisionTitle(step.revision)} was being committed, and the database does not answer. It is there entirely or not at all.`,
    {
      hint: 'When the database answers again: mig current',
      revision: step.revision.revision,
      cause,
    },
  )
}

export function stoppedInTheMiddle(work: Work, cause: InterruptedError): PartialError {
  const { step } = work
  const { revision } = step.revision
  return new PartialError(
    'partial.unfinished',
    `${revisionTitle(step.revision)} was stopped in the middle, and its statements cannot be rolled back.`,
    {
      hint: `Go on where it stopped: ${resumeCommand(work.step.direction)}. Or ${byHand(revision)}`,
      revision,
      cause,
    },
  )
}
