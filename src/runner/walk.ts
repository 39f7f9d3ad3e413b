// Walks the steps of a plan: each is run, recorded and told, and tried again where only a lock was in the way.

import { setTimeout as sleep } from 'node:timers/promises'
import type { MigEvent } from '../core/event.js'
import { InternalError } from '../core/errors.js'
import type { Plan, Step } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Migration } from '../files/load.js'
import { type Aftermath, examine, explain } from './aftermath.js'
import type { RunRequest } from './request.js'
import { type Book, claim, deleteAllRows, deleteRow, inTransaction, insertRow } from './history-table.js'
import { assertNotAborted } from './lock.js'
import { createRecorder } from './recorder.js'
import { nextSerial, rowOf } from './row.js'
import type { Session } from './session.js'
import { runStep, type StepRun, type Work } from './step.js'
import { newTrace } from './trace.js'

/** How often a migration is tried again that was rolled back because it waited for others, or met them. */
const retries = 5
const firstPauseMs = 200

/** Runs the steps in their order; throws at the first that fails, as an error that says what is left of it. */
export async function walk(
  session: Session,
  request: RunRequest,
  book: Book,
  plan: Plan,
  migrations: ReadonlyMap<RevisionId, Migration>,
): Promise<void> {
  const recorder = createRecorder(session)
  const run: StepRun = { session, recorder, report: request.report, signal: request.signal }
  const total = plan.steps.length
  let seq = book.seq
  let serial = nextSerial(book.history)
  try {
    for (const [index, step] of plan.steps.entries()) {
      const migration = migrations.get(step.revision.revision)
      if (migration === undefined)
        throw new InternalError('internal.unexpected', `${step.revision.revision} was planned and not loaded.`)
      assertNotAborted(request.signal)
      request.report({ kind: 'step-started', step, index, total })
      const started = performance.now()
      const ended = (kind: 'step-finished' | 'step-failed'): MigEvent => ({
        kind,
        step,
        index,
        total,
        durationMs: performance.now() - started,
      })
      try {
        seq = await tryStep(
          run,
          { step, migration, row: rowOf(step, serial++, 'upgrade', request) },
          seq,
          index === total - 1,
        )
      } catch (error) {
        request.report(ended('step-failed'))
        throw error
      }
      request.report(ended('step-finished'))
    }
  } finally {
    await recorder.close()
  }
}

/** Runs one step, again where that can help. Returns the counter that stands in the database afterwards. */
async function tryStep(run: StepRun, work: Work, seen: number, isLast: boolean): Promise<number> {
  let seq = seen
  for (let attempt = 1; ; attempt++) {
    const trace = newTrace()
    try {
      return await runStep(run, work, seq, trace)
    } catch (cause) {
      const after = await examine(run.session, work, trace, cause, seq)
      if (after.left === 'committed' && isLast) return seq + 1
      if (after.left !== 'nothing' || !after.isTransient || attempt > retries)
        throw await explain(run.session, work, trace, cause, after)
      seq = after.seq
      await pause(run, work.step, after, attempt)
    }
  }
}

async function pause({ report, signal }: StepRun, step: Step, { words }: Aftermath, attempt: number): Promise<void> {
  const waitMs = firstPauseMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2)
  report({ kind: 'retrying', step, attempt, of: retries, waitMs, reason: words })
  await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  assertNotAborted(signal)
}

/** Stamps are rows alone: all of them in one transaction. */
export async function stampAll(session: Session, request: RunRequest, book: Book, plan: Plan): Promise<void> {
  let serial = nextSerial(book.history)
  await inTransaction(session, async () => {
    await claim(session, book.seq)
    if (request.purge === true) await deleteAllRows(session)
    for (const step of plan.steps) {
      if (step.direction === 'down') {
        if (request.purge !== true) await deleteRow(session, step.revision.revision)
      } else await insertRow(session, rowOf(step, serial++, 'stamp', request))
    }
  })
}
