// After a step that threw: what is left of it is looked up, never guessed; then it is said.

import { InterruptedError, LockError, MigError, PartialError, UnsettledError } from '../core/errors.js'
import { historyGraph, appliedSet } from '../core/graph/history.js'
import { maximal } from '../core/graph/graph.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import { messageOf } from '../core/thrown.js'
import {
  brokenAfterCommit,
  connectionLost,
  failed,
  isOfOtherConnection,
  leftUnfinished,
  lockedOut,
  outcomeUnknown,
  stoppedInTheMiddle,
} from './failure.js'
import type { DriverErrorKind } from '../engines/contract/errors.js'
import { reread } from '../history/fence.js'
import { readBook, readState } from '../history/book.js'
import { readAttempt } from '../history/read-journal.js'
import { pastOf } from './past.js'
import type { Session } from '../session/session.js'
import { limitThatEnded } from '../session/time-limit.js'
import { isMarked, markForGood, unmark } from './mark.js'
import { noteLimit, type Trace } from './step-state.js'
import type { Run } from './run.js'
import type { Work } from './prepared-step.js'
import { fateOfTransaction } from './verdict.js'

/** What a look at the database showed. */
export interface Aftermath {
  /** `nothing`: rolled back. `committed`: all of it, though nobody said so. `lost`: the connection is gone, and it was rolled back. */
  readonly left: 'nothing' | 'part' | 'committed' | 'lost' | 'unknown'
  /** Whether the same step may well succeed in a moment: a lock was in the way, or another transaction. */
  readonly isTransient: boolean
  /** The server's words. */
  readonly words: string
  /** What was begun, as the beginning of a sentence: "a1 make users was", "a1 and a2 were". */
  readonly begun: string
}

/** `group`: the steps that ran in one transaction; of several, all are there or none. */
export async function examine(run: Run, group: readonly Work[], trace: Trace, cause: unknown): Promise<Aftermath> {
  const { session } = run
  const { kind, message } = session.engine.describe(cause)
  const seen = {
    isTransient: isOfWaiting(kind) && !isOfOtherConnection(session, trace, cause),
    words: trace.failure?.failure.message ?? message,
    begun: begunOf(group.slice(0, group.indexOf(trace.work) + 1)),
  }
  const isLost = session.connection.lost() !== null || kind === 'lost'
  if (isLost && !(cause instanceof InterruptedError))
    return { ...seen, left: await lookAnew(session, group.at(-1) ?? trace.work, trace), isTransient: false }
  if (trace.ended === 'committed') return { ...seen, left: 'part' }
  if (!trace.marked) return { ...seen, left: await lookAfterRollback(run, trace) }
  if (cause instanceof LockError && cause.code === 'lock.lost') return { ...seen, left: 'part' }
  return { ...seen, left: await takeBack(run, trace) }
}

function isOfWaiting(kind: DriverErrorKind): boolean {
  return kind === 'lock-timeout' || kind === 'serialization'
}

function begunOf(works: readonly Work[]): string {
  const [only, ...others] = works.map(({ step }) => step.revision)
  if (only === undefined) return 'It was'
  if (others.length === 0) return `${revisionTitle(only)} was`
  const ids = [only, ...others].map(({ revision }) => revision)
  return `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)} were`
}

/** A broken connection answers nothing: another one is asked what became of the step. */
async function lookAnew(session: Session, { step, row }: Work, trace: Trace): Promise<Aftermath['left']> {
  try {
    const other = await session.reopen()
    try {
      const state = await readState(other, row.revision)
      if (state === 'running' || state === 'reverting') return 'part'
      return (state === 'applied') === (step.direction === 'up') ? 'committed' : 'lost'
    } finally {
      await other.close()
    }
  } catch {
    return trace.committing ? 'unknown' : trace.marked ? 'part' : 'lost'
  }
}

/**
 * A commit that was answered with an error may have taken effect: the row tells. A rollback may have left what tables without
 * transactions were given, or what was committed past mig: of no statement it is known, then, whether it is there.
 */
async function lookAfterRollback(run: Run, trace: Trace): Promise<'nothing' | 'committed' | 'part'> {
  const { step, row } = trace.work
  if (trace.committing) {
    const state = await readState(run.session, row.revision)
    if ((state === 'applied') === (step.direction === 'up')) return 'committed'
  }
  const isThere = await wasCommitted(run, trace)
  if (!isThere && (trace.leftBehind === null || trace.changes === 0)) return 'nothing'
  const unknown = trace.entries.map((entry) =>
    entry.what === 'done' ? { ...entry, what: 'statement' as const } : entry,
  )
  const { revision, direction } = step
  await markForGood(run, trace.work, [{ what: 'started', revision: revision.revision, direction }, ...unknown])
  return 'part'
}

/** The migration may have ended mig's transaction past mig, and begun the one that was rolled back. */
async function wasCommitted(run: Run, trace: Trace): Promise<boolean> {
  if (trace.entered === null || trace.ended !== null) return false
  return (await fateOfTransaction({ run, trace })) === 'committed'
}

/** Whether nothing of a marked step is left: the mark goes when the step failed before or with its very first change. */
async function takeBack(run: Run, trace: Trace): Promise<'nothing' | 'part'> {
  const { session, fence } = run
  try {
    await reread(session, fence)
    if (trace.changes > 0 || trace.running > 0 || trace.isUnclean) return 'part'
    if (!(await isMarked(session, trace.work))) return 'nothing'
    await unmark(run, trace.work)
    return 'nothing'
  } catch {
    return 'part'
  }
}

/** The error that says what happened, and what the database holds now. */
export async function explain(
  { session, fence }: Run,
  trace: Trace,
  cause: unknown,
  after: Aftermath,
): Promise<MigError> {
  const { work } = trace
  const errors = [trace.failure?.failure.error, session.connection.lost(), cause]
  noteLimit(trace, await limitThatEnded(session, errors, trace.failure?.bytes ?? 0))
  switch (after.left) {
    case 'unknown':
      return outcomeUnknown(session, work, cause)
    case 'committed':
      return brokenAfterCommit(session, work, cause)
    case 'lost':
      return connectionLost(session, trace, cause)
    case 'part':
      // What became of it is the business of the run that has taken over.
      if (cause instanceof PartialError || (cause instanceof LockError && fence.token !== null)) return cause
      if (cause instanceof InterruptedError) return stoppedInTheMiddle(work, cause)
      return leftUnfinished(session, work, trace, cause, await countDone(session, work))
    case 'nothing':
      if (cause instanceof UnsettledError || cause instanceof InterruptedError) return cause.withRollback(after.begun)
      if (cause instanceof MigError) return cause
      return after.isTransient
        ? lockedOut(session, work, trace, cause)
        : failed(session, work, trace, cause, await standsAt(session))
  }
}

/** How many statements of a step are done: what was rolled back is not. Null when nobody answers. */
async function countDone(session: Session, { step }: Work): Promise<number | null> {
  const count = async (asked: Session) =>
    pastOf(await readAttempt(asked, step.revision.revision, step.direction)).doneCount
  try {
    if (session.connection.lost() === null) return await count(session)
    const other = await session.reopen()
    return await count(other).finally(() => other.close())
  } catch {
    return null
  }
}

/** Where the database stands, in words. */
async function standsAt(session: Session): Promise<string> {
  try {
    const { history } = await readBook(session)
    const heads: readonly RevisionId[] = maximal(historyGraph(history), appliedSet(history))
    return heads.length === 0 ? 'base' : heads.join(', ')
  } catch (error) {
    return `a place that could not be read (${messageOf(error)})`
  }
}
