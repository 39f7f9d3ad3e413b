// Walks the steps of a plan: each is run, recorded and told, and tried again where only a lock was in the way.

import { InternalError, type MigError } from '../core/errors.js'
import type { Plan } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import { messageOf } from '../core/thrown.js'
import type { Migration } from '../files/load.js'
import { type Aftermath, examine, explain } from '../step/what-is-left.js'
import { backTo, fenced } from '../history/fence.js'
import { type Book } from '../history/book.js'
import { deleteAllRows, deleteRow, insertRow } from '../history/rows.js'
import { pauseAfter } from '../session/back-off.js'
import { assertNotAborted, pause } from '../session/pause.js'
import type { RunRequest, TransactionMode } from './request.js'
import { nextSerial, rowOf } from './row.js'
import { runSteps } from '../step/step.js'
import { newTrace, noteNotAgain, type Trace } from '../step/step-state.js'
import type { Run } from '../step/run.js'
import type { Work } from '../step/prepared-step.js'

const pace = { firstMs: 200 }

/** Runs the steps in their order; throws at the first that fails, as an error that says what is left of it. */
export async function walk(
  run: Run,
  request: RunRequest,
  book: Book,
  plan: Plan,
  migrations: ReadonlyMap<RevisionId, Migration>,
): Promise<void> {
  const works = worksOf(request, book, plan, migrations)
  for (let done = 0; done < works.length;) {
    assertNotAborted(run.signal)
    run.settings.assertAsBefore()
    const group = nextGroup(works, done, request.transaction)
    const isInside = request.transaction !== 'none' && group.every(isTransactional)
    done += await tryGroup(run, request, { group, isInside, first: done, total: works.length })
  }
}

/** Inside a transaction, unless it asks for none or goes on where another run stopped. */
function isTransactional({ step, isResumed }: Work): boolean {
  return step.revision.transaction && !isResumed
}

/** Steps that share a transaction. What asks for none was refused before, unless it is resumed. */
function nextGroup(works: readonly Work[], done: number, mode: TransactionMode): readonly Work[] {
  if (mode !== 'all') return works.slice(done, done + 1)
  const left = works.slice(done)
  const alone = left.findIndex((work) => !isTransactional(work))
  return alone < 0 ? left : left.slice(0, Math.max(1, alone))
}

function worksOf(
  request: RunRequest,
  book: Book,
  plan: Plan,
  migrations: ReadonlyMap<RevisionId, Migration>,
): readonly Work[] {
  const begun = new Map(
    book.history.filter(({ state }) => state !== 'applied').map(({ revision, checksum }) => [revision, checksum]),
  )
  let serial = nextSerial(book.history)
  return plan.steps.map((step) => {
    const { revision } = step.revision
    const migration = migrations.get(revision)
    if (migration === undefined)
      throw new InternalError('internal.unexpected', `${revision} was planned and not loaded.`)
    const row = rowOf(step, serial++, 'upgrade', request)
    const isResumed = begun.has(revision)
    return { step, migration, row, isResumed, isEdited: isResumed && begun.get(revision) !== row.checksum }
  })
}

interface Group {
  readonly group: readonly Work[]
  readonly isInside: boolean
  /** Index of its first step in the plan. */
  readonly first: number
  readonly total: number
}

/** Runs a group, again where that can help. Returns how many of its steps are done. */
async function tryGroup(run: Run, request: RunRequest, first: Group): Promise<number> {
  const { seq } = run.fence
  let group = first
  for (let attempt = 1; ; attempt++) {
    const [work] = group.group
    if (work === undefined) return 0
    const trace = newTrace(work, group.isInside, attempt)
    const started = performance.now()
    try {
      return await runGroup(run, group, trace)
    } catch (cause) {
      const elapsedMs = performance.now() - started
      backTo(run.fence, seq)
      const after = await examine(run, group.group, trace, cause)
      tellEnd(run, group, trace, after, elapsedMs)
      const isLast = group.first + group.group.length === group.total
      if (after.left === 'committed' && isLast) return group.group.length
      if (!mayTryAgain(run, group, trace, after)) throw await failed(run, trace, cause, after)
      await run.settings.restore(trace) // some databases do not roll settings back
      await waitToRetry(run, trace, after, attempt)
      group = await anew(request, group, trace).catch(async (broken: unknown) => {
        noteNotAgain(trace, `It was not tried again: ${messageOf(broken)}`)
        throw await failed(run, trace, cause, after)
      })
    }
  }
}

/** Whether another try may help, and is allowed by all that were begun. */
function mayTryAgain(run: Run, group: Group, trace: Trace, after: Aftermath): boolean {
  if (after.left !== 'nothing' || !after.isTransient) return false
  const refusing = begunIn(group, trace).find(({ step }) => !step.revision.retry)
  if (refusing === undefined) return trace.attempt <= run.lockRetries
  noteNotAgain(
    trace,
    `It was not tried again by itself, because ${refusing.step.revision.path} says \`retry = false\`.`,
  )
  return false
}

/** Those of a group that were called: all up to the one that failed. */
function begunIn({ group }: Group, { work }: Trace): readonly Work[] {
  return group.slice(0, group.indexOf(work) + 1)
}

/** What a try left in the variables of a migration must not be seen by the next one. */
async function anew(request: RunRequest, group: Group, trace: Trace): Promise<Group> {
  const begun = begunIn(group, trace)
  const fresh: Work[] = []
  for (const work of begun) fresh.push({ ...work, migration: await request.loadAnew(work.migration.file) })
  return { ...group, group: [...fresh, ...group.group.slice(begun.length)] }
}

async function runGroup(run: Run, group: Group, trace: Trace): Promise<number> {
  const started = performance.now()
  const tellStarted = (work: Work) =>
    run.report({ kind: 'step-started', step: work.step, index: indexOf(group, work), total: group.total })
  tellStarted(trace.work)
  const done = await runSteps(run, group.group, trace, tellStarted)
  const ownMs = done === 1 ? [performance.now() - started] : trace.durations // of several the commit is nobody's
  tellFinished(run, group, group.group.slice(0, done), ownMs)
  if (!trace.isInside) return done
  if (trace.touchesSession) await run.around.leave()
  await run.settings.restore(trace)
  return done
}

function indexOf({ first, group }: Group, work: Work): number {
  return first + group.indexOf(work)
}

function tellFinished(run: Run, group: Group, works: readonly Work[], ownMs: readonly number[]): void {
  const { total } = group
  for (const [at, work] of works.entries())
    run.report({
      kind: 'step-finished',
      step: work.step,
      index: indexOf(group, work),
      total,
      durationMs: ownMs[at] ?? 0,
    })
}

/** What a group that threw has come to: an error may hide a commit, of all of it or of those before the one at work. */
function tellEnd(run: Run, group: Group, trace: Trace, { left }: Aftermath, elapsedMs: number): void {
  const durationMs = elapsedMs - sum(trace.durations)
  if (left === 'committed') return tellFinished(run, group, group.group, [...trace.durations, durationMs])
  const { work } = trace
  if (trace.ended === 'committed')
    tellFinished(run, group, group.group.slice(0, group.group.indexOf(work)), trace.durations)
  run.report({ kind: 'step-failed', step: work.step, index: indexOf(group, work), total: group.total, durationMs })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** The error to throw; the journal keeps it, if it can still be written. */
async function failed(run: Run, trace: Trace, cause: unknown, after: Aftermath): Promise<MigError> {
  const error = await explain(run, trace, cause, after)
  const { direction, revision } = trace.work.step
  const sql = trace.failure?.sql
  const entry = { revision: revision.revision, direction, error: error.message, ...(sql !== undefined && { sql }) }
  if (run.session.connection.lost() === null)
    await run.journal.write([{ what: 'failed', ...entry }]).catch(() => undefined)
  return error
}

async function waitToRetry(run: Run, trace: Trace, { words }: Aftermath, attempt: number): Promise<void> {
  const waitMs = pauseAfter(attempt, pace)
  const { step } = trace.work
  const { blockers } = trace
  run.report({ kind: 'retrying', step, attempt, of: run.lockRetries, waitMs, reason: words, blockers })
  await pause(waitMs, run.signal)
  assertNotAborted(run.signal)
}

/** Stamps are rows alone: all of them in one transaction. */
export async function stampAll(
  { session, fence, journal }: Run,
  request: RunRequest,
  book: Book,
  plan: Plan,
): Promise<void> {
  let serial = nextSerial(book.history)
  await fenced(session, fence, { revisions: rowsAfter(request, book, plan) }, async () => {
    if (request.purge === true) await deleteAllRows(session)
    for (const step of plan.steps) {
      if (step.direction === 'down') {
        if (request.purge !== true) await deleteRow(session, step.revision.revision)
      } else await insertRow(session, rowOf(step, serial++, 'stamp', request))
    }
    await journal.write(
      plan.steps.map(({ direction, revision }) => ({
        what: direction === 'up' ? 'stamped' : 'unstamped',
        revision: revision.revision,
      })),
    )
  })
}

function rowsAfter({ purge }: RunRequest, { history }: Book, { steps }: Plan): number {
  const ups = steps.filter(({ direction }) => direction === 'up').length
  return purge === true ? ups : history.length + ups - (steps.length - ups)
}
