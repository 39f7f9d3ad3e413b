// Statements in mig's own transaction: all of them, their entries and the history's row commit together. The first one that
// commits by itself ends that: then the history is marked first, in the commit that makes it necessary.

import { MigError } from '../core/errors.js'
import { backTo, foresee } from '../history/fence.js'
import type { EntryOf } from '../history/journal.js'
import { control } from './control.js'
import { entryOf, flushEntries, startedEntries } from './entries.js'
import { announce, confirm, noteRefusal } from './journalled.js'
import { markInside } from './mark.js'
import { withTablesOfMig } from './outside.js'
import type { Passing } from './passing.js'
import { routeInside } from './route.js'
import { endedItself, needsNoTransaction } from './rules.js'
import { refusalOf } from './refused.js'
import { noteDone, send, type StepRun } from './send.js'
import { fateOfTransaction, isOver, judgeEnd } from './verdict.js'
import { keepEntry, noteStart, takeEntries } from './tally.js'
import { forgetLevels, noteMarked, noteTables } from './transaction-state.js'

/** @throws MigrationError for what mig does not send; what the driver throws; PartialError when the transaction is gone */
export async function passInside(step: StepRun, passing: Passing): Promise<void> {
  const { trace } = step
  const { facts } = passing
  switch (routeInside(facts)) {
    case 'ends-transaction':
      throw endedItself(trace.work.step, passing.sql)
    case 'needs-no-transaction':
      throw needsNoTransaction(trace.work.step, passing.sql)
    case 'control':
      return control(step, { ...passing, kind: 'savepoint', savepoint: null, ...facts.control }, true)
    case 'marking':
      return passMarking(step, passing)
    case 'unrecorded':
      return sendInside(step, passing, null)
    case 'recorded':
      await sendInside(step, passing, entryOf(step, passing))
      return flushEntries(step)
  }
}

/** Sends, and has the server say that the transaction is still there. */
async function sendInside(step: StepRun, passing: Passing, entry: EntryOf | null): Promise<void> {
  const { trace } = step
  const failure = await send(step, passing).then(
    (durationMs) => {
      if (entry !== null) keepEntry(trace, { ...entry, what: 'done', durationMs })
      noteDone(step, passing)
      return null
    },
    (error: unknown) => ({ error }),
  )
  // While rows are on their way the server says nothing else.
  if (!passing.isStream && (await isOver(step))) await judgeEnd(step, passing.sql, failure)
  if (failure === null) return
  if (entry !== null) await keepRefusal(step, passing, entry, failure.error)
  throw failure.error
}

/** The migration may let it pass, and what is done later may be committed for good: then the journal has to know of it. */
async function keepRefusal(step: StepRun, passing: Passing, entry: EntryOf, error: unknown): Promise<void> {
  const { run, trace } = step
  if (error instanceof MigError || run.session.connection.lost() !== null) return
  keepEntry(trace, await refusalOf(step, passing, entry, { error, isWithin: true }))
}

const beforeMark = 'mig_mark'

/**
 * Right before a statement that commits by itself all that is known is written into the open transaction, and becomes durable
 * by the very commit that makes it necessary.
 */
async function passMarking(step: StepRun, passing: Passing): Promise<void> {
  const { run, trace } = step
  const { fence, journal, session } = run
  const entry = passing.facts.ofSession ? null : entryOf(step, passing)
  const before = { seq: fence.seq, isStartWritten: trace.isStartWritten }
  await session.connection.query(`savepoint ${beforeMark}`)
  await markInside(session, trace)
  await journal.write([...startedEntries(trace), ...trace.entries])
  // From here on the counter is as this transaction has left it.
  if (trace.entered !== null) foresee(fence, trace.entered)
  if (entry !== null) await announce(step, passing, entry)
  const isLocking = passing.facts.tableLocks === 'take' && passing.facts.count === 1
  const sent = isLocking ? withTablesOfMig(step, passing) : passing
  const failure = await send(step, sent).then(
    () => null,
    (error: unknown) => ({ error }),
  )
  // What only sets up the session is not taken back with the transaction.
  const outcome = await outcomeOfMark(step, failure !== null || entry === null)
  if (outcome !== 'marked') {
    backTo(fence, before.seq)
    noteStart(trace, before.isStartWritten)
  }
  if (outcome === 'rolled back') await judgeEnd(step, passing.sql, failure, outcome)
  if (outcome === 'marked') await afterMark(step, sent, entry, failure)
  if (failure === null) return
  if (outcome === 'as before' && entry !== null) await keepRefusal(step, sent, entry, failure.error)
  throw failure.error
}

/** `as before`: the statement did not commit, and the transaction goes on without the mark. */
async function outcomeOfMark(step: StepRun, leavesNothing: boolean): Promise<'marked' | 'as before' | 'rolled back'> {
  const { connection } = step.run.session
  // Where the line is gone, another connection will be asked.
  if (connection.lost() !== null) return 'marked'
  if (!(await isOver(step))) {
    if (leavesNothing) {
      await connection.query(`rollback to savepoint ${beforeMark}`)
      return 'as before'
    }
    // It did not commit after all: then mig does, so that what is written down of it holds.
    await connection.query('commit')
  }
  return (await fateOfTransaction(step)) === 'committed' ? 'marked' : 'rolled back'
}

async function afterMark(
  step: StepRun,
  passing: Passing,
  entry: EntryOf | null,
  failure: { readonly error: unknown } | null,
): Promise<void> {
  const { trace } = step
  noteMarked(trace)
  takeEntries(trace)
  forgetLevels(trace)
  noteTables(trace, passing.facts.tableLocks === 'take' && failure === null)
  if (failure === null) noteDone(step, passing)
  if (entry === null) return
  if (failure === null) await confirm(step, entry)
  else await noteRefusal(step, passing, entry, { error: failure.error, isWithin: false })
}
