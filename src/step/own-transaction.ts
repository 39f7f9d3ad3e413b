// Transactions and savepoints that a migration begins itself: what the server rolled back with them is written down, so that a
// resumed migration does it again.

import { readDone } from '../history/read-journal.js'
import type { StepRun } from './send.js'
import type { Level, Trace } from './step-state.js'

export function openLevel(trace: Trace, name: string | null, as: Level['as']): void {
  trace.levels.push({ name, as, before: trace.entries.length })
}

/** The innermost level of that name; undefined when there is none. */
export function levelOf(trace: Trace, name: string | null): Level | undefined {
  return trace.levels.findLast((level) => level.name === name)
}

/** Ends a level and those within it. */
export function closeLevel(trace: Trace, level: Level | undefined): void {
  if (level !== undefined) trace.levels.length = trace.levels.indexOf(level)
}

/** In mig's transaction: what was rolled back to a savepoint is known by heart. */
export function undoSince(trace: Trace, { before }: Level): void {
  trace.entries = trace.entries.map((entry, at) =>
    at >= before && entry.what === 'done' ? { ...entry, what: 'undone' } : entry,
  )
}

/**
 * The migration's own transaction is over: the journal, which was written in it, tells what of it is there. `isSure`: the
 * server has said that it was committed as a whole.
 */
export async function settleOwn({ run, trace }: StepRun, isSure: boolean): Promise<void> {
  const { own } = trace
  trace.own = []
  trace.levels = []
  if (own.length === 0 || (isSure && !trace.isOwnInDoubt)) return
  trace.isOwnInDoubt = false
  const { revision, direction } = trace.work.step
  const done = await readDone(run.session, run.journal.run, revision.revision, direction)
  const undone = own.filter(({ ordinal, step }) => !done.has(`${ordinal} ${step ?? ''}`))
  trace.changes -= undone.length
  if (undone.length > 0) await run.journal.write(undone.map((entry) => ({ ...entry, what: 'undone' })))
}
