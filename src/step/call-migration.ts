// Calls `up` or `down`: with its context, its named steps, and a watch over the time that it takes.

import type { Knex } from 'knex'
import { MigrationError } from '../core/errors.js'
import { isError, messageOf } from '../core/thrown.js'
import type { MigrationContext } from '../files/load.js'
import { untilAborted } from './abort.js'
import { assertNotAborted } from '../session/pause.js'
import { assertNoneForgotten, assertNonePending, forgotten, remarksOn } from './awaited.js'
import { calledBy, type Caller, callerOf } from './caller.js'
import type { ResumableStep } from './outside.js'
import type { Replay } from './replay.js'
import { lost, lostForGood, missingDown } from './rules.js'
import { enterStep, leaveStep, noteCalling, noteThrown, type Trace, useName } from './step-state.js'
import { watchTime } from './watch-time.js'
import type { Run } from './run.js'
import { keepEntry, noteStatement } from './tally.js'

/** Calls the function of the step at hand; when the run is stopped, its statement is cancelled and the call is given up. */
export async function call(run: Run, trace: Trace, knex: Knex, replay: Replay | null): Promise<void> {
  const { step, migration } = trace.work
  const { direction, revision } = step
  const work = direction === 'up' ? migration.up : migration.down
  if (work === undefined) throw missingDown(revision.revision)
  const caller = callerOf(trace.work, null, null)
  const time = watchTime(run, trace)
  const signal = time.expired === null ? run.signal : AbortSignal.any([run.signal, time.expired])
  const context: MigrationContext = {
    engine: run.session.engine.name,
    revision: revision.revision,
    direction,
    log: (message) => run.report({ kind: 'log', revision: revision.revision, message: String(message) }),
    step: (name, part) => namedStep({ run, trace, replay }, caller, name, part),
    signal,
  }
  assertNotAborted(signal)
  noteCalling(trace, true)
  try {
    await untilAborted(run.session, signal, trace, () => calledBy(caller, async () => work(knex, context)))
  } catch (thrown) {
    // Knex takes a rejection with `undefined` for a wish to roll back in silence.
    const error = isError(thrown) ? thrown : new Error(messageOf(thrown), { cause: thrown })
    noteThrown(trace, error)
    throw error
  } finally {
    noteCalling(trace, false)
    time.stop()
  }
  if (trace.stopped !== null) throw trace.stopped.error as Error
  const unused = forgotten(trace.work, run.recorder.takeUnused(trace.work))
  assertNonePending(caller, trace.running)
  assertNoneForgotten(trace.work, unused)
  replay?.assertAllMet()
  await assertNothingLost(run, trace)
  for (const diagnostic of remarksOn(trace, unused)) run.report({ kind: 'remark', diagnostic })
}

/** A part of a migration that is done as a whole, or not yet: when it is resumed, what is done is left out. */
async function namedStep<T>(
  { run, trace, replay }: ResumableStep,
  outer: Caller,
  name: string,
  part: () => Promise<T> | T,
): Promise<T | undefined> {
  const { revision } = outer.work.step.revision
  if (trace.work !== outer.work || !trace.calling) throw mistake(outer, `step “${name}” came after its end`)
  assertName(outer, name)
  if (trace.step !== null) throw mistake(outer, `step “${name}” was begun inside of step “${trace.step}”`)
  if (trace.namedSteps.has(name)) throw mistake(outer, `two steps are called “${name}”`)
  useName(trace, name)
  if (replay?.isStepDone(name) === true) {
    noteStatement(trace)
    return undefined
  }
  enterStep(trace, name)
  const started = performance.now()
  const caller = callerOf(outer.work, name, outer)
  const result = await calledBy(caller, async () => part())
  assertNonePending(caller, trace.running)
  const { direction } = outer.work.step
  const entry = { what: 'step' as const, revision, direction, step: name, durationMs: performance.now() - started }
  if (trace.marked || !trace.isInside) await run.journal.writeFenced(entry)
  else keepEntry(trace, entry)
  leaveStep(trace)
  return result
}

/** In a transaction that can be rolled back it is an error; where nothing can be taken back, the way to make it again is said. */
async function assertNothingLost({ session, report }: Run, trace: Trace): Promise<void> {
  if (trace.thingsBefore === null) return
  const losses = await session.engine.losses.since(session.connection, trace.thingsBefore.seen)
  if (losses.length === 0) return
  if (trace.isInside && !trace.marked) throw lost(trace.work.step, losses)
  report({ kind: 'remark', diagnostic: lostForGood(trace.work.step, losses) })
}

const longestName = 200

function assertName(caller: Caller, name: unknown): void {
  if (typeof name !== 'string' || name.trim() === '' || name.length > longestName)
    throw mistake(caller, `a step requires a name of 1 to ${longestName} characters`)
}

function mistake({ work }: Caller, what: string): MigrationError {
  const { revision, path } = work.step.revision
  return new MigrationError('migration.failed', `${revision} (${path}): ${what}.`, {
    hint: `Steps have names of their own and run one after the other: await step('add price', () => …)`,
    revision,
    path,
  })
}
