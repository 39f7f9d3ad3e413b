// Statements that mig cannot take back: without a transaction of mig, or after one that committed by itself.

import type { BesideLane } from './beside.js'
import { control } from './control.js'
import { settleOwn } from './own-transaction.js'
import { entryOf } from './entries.js'
import { sendAlone, sendAtomic, sendWithin } from './journalled.js'
import type { Passing } from './passing.js'
import type { Replay } from './replay.js'
import { type OutsideRoute, routeOutside } from './route.js'
import { transactionBeside } from './rules.js'
import { send, type StepRun } from './send.js'
import { isOver } from './verdict.js'
import { noteTables } from './transaction-state.js'

export interface ResumableStep extends StepRun {
  /** Of a migration that is resumed. */
  readonly replay: Replay | null
}

export async function passOutside(given: ResumableStep, passing: Passing): Promise<void> {
  const { facts, beside } = passing
  const step = beside === null ? given : through(given, beside)
  const { run, trace } = step
  const status = await run.session.connection.transactionStatus()
  const route = routeOutside(facts, { status, holdsTables: beside === null && trace.holdsTables })
  if (beside !== null && route === 'lock-tables') throw transactionBeside(trace.work.step, passing.sql)
  switch (route) {
    case 'control':
      return control(step, { ...passing, kind: 'savepoint', savepoint: null, ...facts.control }, true)
    case 'read':
      assertMayRead(step, passing)
      await send(step, passing)
      return
    case 'session':
      await send(step, passing)
      if (facts.tableLocks === 'free') noteTables(trace, false)
      return
    case 'lock-tables':
      await send(step, withTablesOfMig(step, passing))
      noteTables(trace, true)
      return
    default:
      return passJournalled(step, passing, route)
  }
}

/** Statement and entry go through the connection beside the pinned one. */
function through(step: ResumableStep, { session, journal }: BesideLane): ResumableStep {
  return { ...step, run: { ...step.run, session, journal } }
}

function assertMayRead({ trace, replay }: ResumableStep, { caller, sql }: Passing): void {
  const name = caller === null ? trace.step : caller.step
  replay?.assertMayRead(name, trace.ordinals.get(name ?? '') ?? 0, sql)
}

const ways = { alone: sendAlone, within: sendWithin, atomic: sendAtomic }

/** Left out when it is done already, else sent and written down. */
async function passJournalled(
  step: ResumableStep,
  passing: Passing,
  route: Extract<OutsideRoute, keyof typeof ways>,
): Promise<void> {
  const { run, replay } = step
  const entry = entryOf(step, passing)
  const decision = (await replay?.next(entry, passing)) ?? 'send'
  if (decision === 'record') await run.journal.writeFenced({ ...entry, what: 'done' })
  if (decision === 'send') await ways[route](step, passing, entry)
}

/** A session that has locked tables can use no others: not even mig, to write its journal. */
export function withTablesOfMig({ run }: StepRun, passing: Passing): Passing {
  const { state, history, journal } = run.session.tables
  const own = [state, history, journal].map((table) => `${table} write`).join(', ')
  return { ...passing, send: () => passing.send(`${passing.sql.replace(/;\s*$/, '')}\n, ${own}`) }
}

/** Frees what the migration left locked, and rolls back what it left open: neither is mig's to keep. Returns whether it left a transaction with work in it. */
export async function closeOwn(step: StepRun): Promise<boolean> {
  const { run, trace } = step
  const { connection } = run.session
  if (trace.holdsTables) await connection.query('unlock tables')
  noteTables(trace, false)
  if (await isOver(step)) return false
  const hasWork = trace.own.some(({ isUndone }) => !isUndone)
  await connection.query('rollback')
  await settleOwn(step, false)
  return hasWork
}
