// Sends one statement of a migration, and reports it.

import { MigError } from '../core/errors.js'
import type { Entry, EntryOf } from '../history/journal.js'
import type { Passing } from './passing.js'
import type { Run } from './run.js'
import type { Trace } from './step-state.js'
import { keepFailure, noteChange, noteCurrent } from './tally.js'

/** What the gate works with while a step runs. */
export interface StepRun {
  readonly run: Run
  readonly trace: Trace
}

/** Sends a statement; what fails is kept for whoever explains it. Returns its milliseconds. */
export async function send({ run, trace }: StepRun, passing: Passing): Promise<number> {
  const { sql } = passing
  const started = performance.now()
  const { revision } = trace.work.step.revision
  const report = (failed: boolean) => {
    noteCurrent(trace, null)
    run.report({ kind: 'statement', revision, sql, durationMs: performance.now() - started, failed })
  }
  noteCurrent(trace, { sql, sinceMs: started })
  try {
    await passing.send()
  } catch (error) {
    noteFailure({ run, trace }, passing, error)
    report(true)
    throw error
  }
  report(false)
  return performance.now() - started
}

/** Of several failures the last one counts, but for the refusals that follow one in its transaction. */
function noteFailure({ run, trace }: StepRun, passing: Passing, error: unknown): void {
  const { kind } = run.session.engine.describe(error)
  if (kind === 'aborted-transaction' && trace.failure !== null) return
  keepFailure(trace, { sql: passing.sql, failure: passing.failureOf(error) })
}

/** A statement that is done and may have changed something. */
export function noteDone({ trace }: StepRun, { facts }: Passing): void {
  if (!facts.reads && !facts.ofSession && facts.control === null) noteChange(trace)
}

/** The server said no. When it was the line that broke, nothing can be written, and nothing is known. */
export async function writeRefusal({ run }: StepRun, passing: Passing, entry: EntryOf, error: unknown): Promise<void> {
  if (error instanceof MigError || run.session.connection.lost() !== null) return
  await run.journal.write([refused(passing, entry, error)]).catch(() => undefined)
}

export function refused({ failureOf }: Passing, entry: EntryOf, error: unknown): Entry {
  return { ...entry, what: 'refused', error: failureOf(error).message }
}
