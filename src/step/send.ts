// Sends one statement of a migration, and reports it.

import { bytesOf } from '../core/values.js'
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
  const { sql, values } = passing
  keepFailure(trace, { sql, bytes: bytesOf(sql, values), failure: passing.failureOf(error) })
}

/** A statement that is done and may have changed something. */
export function noteDone({ trace }: StepRun, { facts }: Passing): void {
  if (!facts.reads && !facts.ofSession && facts.control === null) noteChange(trace)
}
