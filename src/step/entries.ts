// The journal entries of a step that runs in mig's transaction: kept until its end, or written in batches when there are many.

import { hashOf } from '../core/checksum.js'
import { type Entry, type EntryOf, hashOfValues, longestSql, mostEntriesAtOnce } from '../history/journal.js'
import type { Passing } from './passing.js'
import type { StepRun } from './send.js'
import type { Trace } from './step-state.js'
import { nextOrdinal, noteStart, takeEntries } from './tally.js'

/** The entry of the statement that comes now, but for what became of it. It keeps neither a long text nor the values. */
export function entryOf({ run, trace }: StepRun, { sql, values, caller }: Passing): EntryOf {
  const { work } = trace
  const step = caller === null ? trace.step : caller.step
  const { revision, direction } = work.step
  const ordinal = nextOrdinal(trace, step ?? '')
  const valuesHash = hashOfValues(run.journal.run, values)
  const text = sql.length > longestSql ? { sql: sql.slice(0, longestSql + 1), sqlHash: hashOf(sql) } : { sql }
  return { revision: revision.revision, direction, ordinal, step, ...text, valuesHash }
}

/** What opens the entries of a step, once. */
export function startedEntries(trace: Trace): readonly Entry[] {
  if (trace.isStartWritten) return []
  noteStart(trace, true)
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
  takeEntries(trace)
}
