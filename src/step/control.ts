// What begins and ends transactions: mig's own around a migration, and those of the migration within.

import { cancellable } from '../session/cancellable.js'
import type { ControlRequest } from './passing.js'
import { enterTransaction } from './identity.js'
import { stop, type Trace } from './step-state.js'
import { settleOwn, settlePart, undoSince } from './own-transaction.js'
import { endedItself, transactionBeside } from './rules.js'
import type { StepRun } from './send.js'
import { isOver } from './verdict.js'
import {
  closeLevel,
  forgetLevels,
  takeOwn,
  levelOf,
  noteCommitting,
  noteLeftBehind,
  openLevel,
} from './transaction-state.js'

/** `isText`: written by the migration, and not asked for by a transaction of Knex. */
export async function control(step: StepRun, request: ControlRequest, isText = false): Promise<void> {
  const { trace } = step
  if (!trace.calling) return controlOfMig(step, request)
  if (request.beside !== null) throw transactionBeside(trace.work.step, request.sql)
  return trace.isInside && !trace.marked ? controlInside(step, request, isText) : controlOutside(step, request)
}

/** The fence is the begin; a rollback of what is over already is none. */
async function controlOfMig(step: StepRun, request: ControlRequest): Promise<void> {
  const { run, trace } = step
  if (request.kind === 'begin') return enterTransaction(step, request)
  if (request.kind === 'commit') noteCommitting(trace)
  if (request.kind === 'rollback' && (await isOver(step))) return
  // A commit may be long: it checks what was put off to it.
  await (request.kind === 'commit' ? cancellable(run.session, run.signal, request.send) : request.send())
  if (request.kind === 'rollback')
    noteLeftBehind(trace, await run.session.engine.transaction.leftBehind(run.session.connection))
}

/** Within mig's transaction a migration has savepoints. Its end belongs to mig. */
async function controlInside({ trace }: StepRun, request: ControlRequest, isText: boolean): Promise<void> {
  const { kind, savepoint } = request
  if (kind === 'rollback') {
    // Knex does not look at the answer to a rollback: the end of the step does.
    stop(trace, endedItself(trace.work.step))
    return
  }
  if (kind === 'begin' || kind === 'commit') throw endedItself(trace.work.step)
  await request.send()
  if (kind === 'savepoint') return openLevel(trace, { name: savepoint, as: 'savepoint', before: trace.entries.length })
  const level = levelOf(trace, savepoint)
  if (kind === 'rollback to' && level !== undefined) undoSince(trace, level)
  // A savepoint stays after a rollback to it; Knex never comes back to it.
  if (kind === 'release' || !isText) closeLevel(trace, level)
}

/** Without a transaction of mig the migration's transactions are its own. */
async function controlOutside(step: StepRun, request: ControlRequest): Promise<void> {
  const { run, trace } = step
  const { connection } = run.session
  const { kind, savepoint } = request
  if (kind === 'begin' || kind === 'savepoint') return beginOwn(step, request)
  const level = levelOf(trace, savepoint)
  const isNested = kind === 'release' || kind === 'rollback to'
  // DDL has ended the transaction in which it was a savepoint: there is nothing to be sent.
  if (isNested && level === undefined && wantsTransaction(trace)) return
  const isFailed = (await connection.transactionStatus()) === 'failed'
  try {
    if (isNested && level?.as === 'transaction') await connection.query(kind === 'release' ? 'commit' : 'rollback')
    else await request.send()
  } catch (error) {
    if (await isOver(step)) await settleOwn(step, false)
    throw error
  }
  // PostgreSQL answers the commit of a transaction that has failed with a rollback.
  const isCommitted = !isFailed && (kind === 'commit' || kind === 'release')
  if (await isOver(step)) return settleOwn(step, isCommitted)
  if (kind === 'rollback to') return settlePart(step, level)
  if (kind === 'release') return closeLevel(trace, level)
  await settleChained(step, isCommitted)
}

/** Another transaction is open already. What is written down of the one before goes with it when it is rolled back, too. */
async function settleChained(step: StepRun, isCommitted: boolean): Promise<void> {
  if (isCommitted) takeOwn(step.trace)
  else await settlePart(step, undefined)
  forgetLevels(step.trace)
  openLevel(step.trace, { name: null, as: 'transaction', before: 0 })
}

/** DDL has ended the transaction in which this would have been a savepoint: it becomes a transaction of its own. */
async function beginOwn(step: StepRun, request: ControlRequest): Promise<void> {
  const { run, trace } = step
  const wasOver = await isOver(step)
  const isRaised = request.kind === 'savepoint' && wantsTransaction(trace) && wasOver
  if (isRaised) await run.session.connection.query('begin')
  else await request.send()
  // Where a transaction is open, `begin` commits it.
  if (request.kind === 'begin' && !wasOver) await settleOwn(step, true)
  const as = isRaised || request.kind === 'begin' ? 'transaction' : 'savepoint'
  openLevel(trace, { name: request.savepoint, as, before: trace.own.length })
}

/** Also when it is resumed, and has none any more: its savepoints were written for the transaction of mig. */
function wantsTransaction({ isInside, work }: Trace): boolean {
  return isInside || work.step.revision.transaction
}
