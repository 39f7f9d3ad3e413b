// Ways to send a statement that mig cannot take back, each with its journal entry behind lock and fence: a statement that can be
// rolled back commits together with its entry, and one that cannot is announced before and confirmed after.

import { MigError } from '../core/errors.js'
import { type Entry, type EntryOf, takenBack } from '../history/journal.js'
import { again } from '../session/again.js'
import { readWritten } from '../history/read-journal.js'
import { settleOwn, settlePart, writeForGood } from './own-transaction.js'
import type { Passing } from './passing.js'
import { refusalOf, refused } from './refused.js'
import { noteDone, send, type StepRun } from './send.js'
import { stop } from './step-state.js'
import { isOver } from './verdict.js'
import { noteUnclean } from './tally.js'
import { noteOwn } from './transaction-state.js'

/** A run that dies in between leaves a statement of which nobody knows. */
export async function sendAlone(step: StepRun, passing: Passing, entry: EntryOf): Promise<void> {
  const { run, trace } = step
  await again(run.session, () => announce(step, passing, entry))
  const durationMs = await sendOrNote(step, passing, entry)
  noteDone(step, passing)
  const isOwn = !(await isOver(step))
  // It may have ended one transaction and begun another.
  if (isOwn) await settlePart(step, undefined)
  if (isOwn) noteOwn(trace, { otherwise: { ...entry, what: 'undone' }, isUndone: false })
  await confirm(step, { ...entry, durationMs })
  if (!isOwn) await settleOwn(step, false)
}

async function sendOrNote(step: StepRun, passing: Passing, entry: EntryOf): Promise<number> {
  try {
    return await send(step, passing)
  } catch (error) {
    await noteRefusal(step, passing, entry, error)
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
  const durationMs = await sendOrNote(step, passing, entry)
  noteOwn(trace, { otherwise: { ...entry, what: 'undone' }, isUndone: false })
  noteDone(step, passing)
  try {
    await run.journal.writeFenced({ ...entry, what: 'done', durationMs })
  } finally {
    if (await isOver(step)) await settleOwn(step, false)
  }
}

/** A migration may let a refusal pass and go on: then the journal has to know of it. */
export async function noteRefusal(step: StepRun, passing: Passing, entry: EntryOf, error: unknown): Promise<void> {
  const { run, trace } = step
  if (error instanceof MigError || run.session.connection.lost() !== null) return
  const refusal = await refusalOf(step, passing, entry, error)
  if (refusal.note === undefined) noteUnclean(trace)
  try {
    if (await isOver(step)) await writeAfter(step, refusal)
    else await writeInOpen(step, refusal)
  } catch {
    // What is not written down is followed by nothing; and what the server said of the statement says more.
    stop(trace, error)
  }
}

async function writeAfter(step: StepRun, refusal: Entry): Promise<void> {
  await settleOwn(step, false)
  await writeForGood(step, [refusal])
}

/** In a transaction that has failed nothing can be written before it is rolled back. */
async function writeInOpen({ run: { session, journal }, trace }: StepRun, refusal: Entry): Promise<void> {
  noteOwn(trace, { otherwise: refusal, isUndone: true })
  if ((await session.connection.transactionStatus()) === 'open') await journal.write([refusal])
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
    if (!written.has(`${entry.ordinal} ${entry.step ?? ''}`)) throw error
  }
}

async function takeBack(step: StepRun, passing: Passing, entry: EntryOf, error: unknown): Promise<void> {
  const { run, trace } = step
  const { connection, engine } = run.session
  if (connection.lost() !== null) return
  if (!(await isOver(step))) {
    await connection.query('rollback').catch(() => undefined)
    const isThere = (await engine.transaction.leftBehind(connection)) !== null
    // Nobody knows which part of it is there.
    if (isThere) noteUnclean(trace)
    return run.journal.write([
      isThere ? { ...entry, what: 'statement' } : { ...refused(passing, entry, error), note: takenBack },
    ])
  }
  await noteRefusal(step, passing, entry, error)
}
