// The journal entries of a step that runs in mig's transaction: kept until its end, or written in batches when there are many.

import { type Entry, type EntryOf, mostEntriesAtOnce } from '../history/journal.js'
import type { Passing } from './passing.js'
import type { StepRun } from './send.js'
import type { Trace } from './step-state.js'

/** The entry of the statement that comes now, but for what became of it. */
export function entryOf({ work, step, ordinals }: Trace, { sql, values }: Passing): EntryOf {
  const ordinal = (ordinals.get(step ?? '') ?? 0) + 1
  ordinals.set(step ?? '', ordinal)
  return { revision: work.step.revision.revision, direction: work.step.direction, ordinal, step, sql, values }
}

/** What opens the entries of a step, once. */
export function startedEntries(trace: Trace): readonly Entry[] {
  if (trace.isStartWritten) return []
  trace.isStartWritten = true
  const { revision, direction } = trace.work.step
  return [{ what: 'started', revision: revision.revision, direction }]
}

/**
 * A migration may have any number of statements, and memory has an end. Not while a savepoint of the migration is open: it
 * would take the entries of statements before it along.
 */
export async function flushEntries({ run, trace }: StepRun): Promise<void> {
  if (trace.entries.length < mostEntriesAtOnce || trace.levels.length > 0) return
  await run.journal.write([...startedEntries(trace), ...trace.entries])
  trace.entries = []
}
