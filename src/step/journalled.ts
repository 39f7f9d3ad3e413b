// Ways to send a statement that mig cannot take back, each with its journal entry behind lock and fence: a statement that can be
// rolled back commits together with its entry, and one that cannot is announced before and confirmed after.

import { type EntryOf, takenBack } from '../history/journal.js'
import { again } from '../session/again.js'
import { readDone } from '../history/read-journal.js'
import { settleOwn } from './own-transaction.js'
import type { Passing } from './passing.js'
import { noteDone, refused, send, type StepRun, writeRefusal } from './send.js'
import { isOver } from './verdict.js'
import { noteUnclean } from './tally.js'
import { noteOwn } from './transaction-state.js'

/** A run that dies in between leaves a statement of which nobody knows. */
export async function sendAlone(step: StepRun, passing: Passing, entry: EntryOf): Promise<void> {
  await again(step.run.session, () => announce(step, passing, entry))
  try {
    const durationMs = await send(step, passing)
    noteDone(step, passing)
    await confirm(step, { ...entry, durationMs })
  } catch (error) {
    if (!passing.facts.allOrNothing) noteUnclean(step.trace)
    await writeRefusal(step, passing, entry, error)
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
  try {
    const durationMs = await send(step, passing)
    noteOwn(trace, entry)
    await run.journal.writeFenced({ ...entry, what: 'done', durationMs })
    noteDone(step, passing)
  } catch (error) {
    if (await isOver(step)) await settleOwn(step, false)
    throw error
  }
  if (await isOver(step)) await settleOwn(step, false)
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
    const done = await readDone(session, journal.run, entry.revision ?? '', entry.direction ?? 'up')
    if (!done.has(`${entry.ordinal} ${entry.step ?? ''}`)) throw error
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
  await writeRefusal(step, passing, entry, error)
}
