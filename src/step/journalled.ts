// Ways to send a statement that mig cannot take back, each with its journal entry behind lock and fence: a statement that can be
// rolled back commits together with its entry, and one that cannot is announced before and confirmed after.

import { MigError } from '../core/errors.js'
import { type Entry, type EntryOf, keyOf, takenBack } from '../history/journal.js'
import { again } from '../session/again.js'
import { readWritten } from '../history/read-journal.js'
import { leavesSomething, settleOwn, settlePart, writeForGood } from './own-transaction.js'
import type { Passing } from './passing.js'
import { refusalOf, type Refused, refused } from './refused.js'
import { noteDone, send, type StepRun } from './send.js'
import { stop } from './step-state.js'
import { isOver } from './verdict.js'
import { noteUnclean } from './tally.js'
import { noteOwn, noteOwnRefusal } from './transaction-state.js'

/** A run that dies in between leaves a statement of which nobody knows. */
export async function sendAlone(step: StepRun, passing: Passing, entry: EntryOf): Promise<void> {
  const { run, trace } = step
  await again(run.session, () => announce(step, passing, entry))
  const durationMs = await sendOrNote(step, passing, entry, false)
  noteDone(step, passing)
  const where = await whereAfter(step, passing)
  if (where === 'in its own') {
    // It may have ended one transaction and begun another.
    await settlePart(step, undefined)
    noteOwn(trace, entry)
  }
  await confirm(step, { ...entry, durationMs })
  if (where === 'in none') await settleOwn(step, false)
}

/** Where the session stands: in the migration's own transaction or in none; beside the pinned one there is nothing of those. */
async function whereAfter(step: StepRun, { beside }: Passing): Promise<'in its own' | 'in none' | 'beside'> {
  if (beside !== null) return 'beside'
  return (await isOver(step)) ? 'in none' : 'in its own'
}

async function sendOrNote(step: StepRun, passing: Passing, entry: EntryOf, isWithin: boolean): Promise<number> {
  try {
    return await send(step, passing)
  } catch (error) {
    await noteRefusal(step, passing, entry, { error, isWithin })
    throw error
  }
}

/** Writes that the statement comes now, and what the catalog shows of its effect before. */
export async function announce({ run }: StepRun, { sql }: Passing, entry: EntryOf): Promise<void> {
  const { engine, connection } = run.session
  const effect = engine.effects.of(sql)
  const seen = effect === null ? null : await effect.look(connection)
  await run.journal.writeFenced({ ...entry, what: 'statement', seen })
}

/** What was done is written also when the lock was lost meanwhile: then nothing more is sent. */
export async function confirm({ run }: StepRun, entry: EntryOf): Promise<void> {
  const { session, fence, journal } = run
  const done = { ...entry, what: 'done' as const }
  await again(session, () => (fence.token === null ? journal.write([done]) : journal.writeFenced(done)))
}

/** In the transaction of the migration itself. */
export async function sendWithin(step: StepRun, passing: Passing, entry: EntryOf): Promise<void> {
  const { run, trace } = step
  const durationMs = await sendOrNote(step, passing, entry, true)
  noteOwn(trace, entry)
  noteDone(step, passing)
  try {
    await run.journal.writeFenced({ ...entry, what: 'done', durationMs })
  } finally {
    if (await isOver(step)) await settleOwn(step, false)
  }
}

/** A migration may let a refusal pass and go on: then the journal has to know of it. */
export async function noteRefusal(step: StepRun, passing: Passing, entry: EntryOf, how: Refused): Promise<void> {
  const { run, trace } = step
  const { error } = how
  if (error instanceof MigError || run.session.connection.lost() !== null) return
  const refusal = await refusalOf(step, passing, entry, how)
  if (refusal.note === undefined) noteUnclean(trace)
  try {
    const where = await whereAfter(step, passing)
    if (where === 'in its own' || (where === 'in none' && (await isToCome(step))))
      return await writeInOwn(step, refusal)
    if (where === 'in none') await settleOwn(step, false)
    await writeForGood(step, [refusal])
  } catch {
    // What is not written down is followed by nothing; and what the server said of the statement says more.
    stop(trace, error)
  }
}

/** Without autocommit a transaction begins with its first row, and a savepoint may wait for that. */
async function isToCome({ run, trace: { levels, own } }: StepRun): Promise<boolean> {
  return levels.length > 0 && own.length === 0 && (await run.session.connection.transactionStatus()) === 'implicit'
}

/** In a transaction that has failed nothing can be written before it is rolled back. */
async function writeInOwn({ run: { session, journal }, trace }: StepRun, refusal: Entry): Promise<void> {
  noteOwnRefusal(trace, refusal)
  if ((await session.connection.transactionStatus()) !== 'failed') await journal.write([refusal])
}

/** The statement and its entry commit together: it is never unknown. */
export async function sendAtomic(step: StepRun, passing: Passing, entry: EntryOf): Promise<void> {
  const { run } = step
  const { connection } = run.session
  await connection.query('begin')
  try {
    const durationMs = await send(step, passing)
    const hasCommitted = await isOver(step)
    await run.journal.writeFenced({ ...entry, what: 'done', durationMs })
    if (!hasCommitted) await commit(step, entry)
  } catch (error) {
    await takeBack(step, passing, entry, error)
    throw error
  }
  noteDone(step, passing)
}

/** A commit that is answered with an error may have taken effect: the entry tells. */
async function commit({ run }: StepRun, entry: EntryOf): Promise<void> {
  const { session, journal } = run
  try {
    await session.connection.query('commit')
  } catch (error) {
    if (session.connection.lost() !== null) throw error
    await session.connection.query('rollback').catch(() => undefined)
    const written = await readWritten(session, journal.run, entry.revision ?? '', entry.direction ?? 'up')
    if (!written.has(keyOf(entry))) throw error
  }
}

async function takeBack(step: StepRun, passing: Passing, entry: EntryOf, error: unknown): Promise<void> {
  const { run, trace } = step
  const { connection } = run.session
  if (connection.lost() !== null) return
  if (!(await isOver(step))) {
    await connection.query('rollback').catch(() => undefined)
    const isThere = await leavesSomething(step)
    // Nobody knows which part of it is there.
    if (isThere) noteUnclean(trace)
    return run.journal.write([
      isThere ? { ...entry, what: 'statement' } : { ...refused(passing, entry, error), note: takenBack },
    ])
  }
  await noteRefusal(step, passing, entry, { error, isWithin: false })
}
