// Conducts the statements of a migration, one after the other: each is watched, and journalled where it cannot be taken
// back; or left out where an earlier run did it.

import { MigError } from '../core/errors.js'
import { again } from '../history/fence.js'
import { assertNotAborted } from '../session/pause.js'
import type { Entry } from '../history/journal.js'
import type { ControlRequest, Gate, Passing } from './passing.js'
import type { Replay } from './replay.js'
import {
  assertKeepsTransaction,
  endedItself,
  isOfSession,
  isRead,
  isTransactionControl,
  needsNoTransaction,
  onlyReads,
} from './rules.js'
import { limitLockWait } from '../session/lock-wait.js'
import type { Trace } from './step-state.js'
import type { Run } from './run.js'

export interface Conducting {
  readonly run: Run
  readonly trace: Trace
  /** Of a migration that is resumed. */
  readonly replay: Replay | null
  /** Writes into the history, in the open transaction, that the step is at work. */
  readonly mark: () => Promise<void>
}

/** In a transaction a migration may have many statements: so many of them are journalled. */
const mostEntries = 1000

/** The gate of a step's statements. They are sent one by one, however the migration sends them. */
export function conduct(conducting: Conducting): Gate {
  const { trace } = conducting
  let queue: Promise<unknown> = Promise.resolve()
  function inTurn(work: () => Promise<void>): Promise<void> {
    trace.running++
    const turn = queue.then(work).finally(() => {
      trace.running--
    })
    queue = turn.catch(() => undefined)
    return turn
  }
  return {
    pass: (passing) => inTurn(() => pass(conducting, passing)),
    control: (request) =>
      inTurn(() => (trace.calling ? passControl(conducting, request) : passAround(conducting, request))),
  }
}

async function pass(conducting: Conducting, passing: Passing): Promise<void> {
  const { run, trace } = conducting
  const { sql } = passing
  const { engine } = run.session
  if (trace.givenUp !== null && !isTransactionControl(sql)) assertNotAborted(trace.givenUp)
  if (!trace.calling) return passAround(conducting, passing)
  if (isTransactionControl(sql)) return passControl(conducting, passing)
  trace.statements++
  trace.touchesSession ||= engine.sessionState.mayChange(sql)
  trace.endsGroup ||= engine.endsGroup(sql)
  if (trace.isInside && !trace.marked) {
    assertKeepsTransaction(trace.work.step, sql)
    // What came before is gone already: nothing more must be done on its own.
    if (engine.transaction.isOver(run.session.connection)) throw endedItself(trace.work.step)
    if (engine.refusesTransaction(sql)) throw needsNoTransaction(trace.work.step, sql)
  }
  await limitLockWait(run.session, trace, sql)
  if (isOfSession(sql) || onlyReads(sql)) return passUnrecorded(conducting, passing)
  const entry = entryOf(trace, sql)
  if (trace.marked || !trace.isInside) return passForGood(conducting, passing, entry)
  return engine.commitsImplicitly(sql)
    ? passMarking(conducting, passing, entry)
    : passInside(conducting, passing, entry)
}

/**
 * Around the migration's function there are the begin and the end of mig's own transaction, and queries that a migration
 * did not wait for. The begin is held back for the fence; whatever else comes first finds it sent.
 */
async function passAround({ run, trace }: Conducting, passing: Passing | ControlRequest): Promise<void> {
  const { opening } = trace
  trace.opening = null
  if (opening === null && isHeldBack(run, trace, passing.sql)) trace.opening = passing.sql
  // What never began needs no end.
  else if (opening === null || !/^\s*rollback\b/i.test(passing.sql)) {
    if (opening !== null) await run.session.connection.query(opening)
    await sendPlainly(passing)
  }
}

function isHeldBack({ session, fence }: Run, { isInside }: Trace, sql: string): boolean {
  return isInside && session.engine.transaction.joinsBegin && fence.token === null && /^\s*begin\b/i.test(sql)
}

/** The entry of the statement that comes now, but for what became of it. */
function entryOf({ work, step, ordinals }: Trace, sql: string): Omit<Entry, 'what'> {
  const ordinal = (ordinals.get(step ?? '') ?? 0) + 1
  ordinals.set(step ?? '', ordinal)
  return { revision: work.step.revision.revision, direction: work.step.direction, ordinal, step, sql }
}

/** Transactions that the migration begins itself: inside mig's they are savepoints. */
async function passControl(conducting: Conducting, passing: Passing | ControlRequest): Promise<void> {
  const { run, trace } = conducting
  const { sql } = passing
  if (trace.isInside && !trace.marked) assertKeepsTransaction(trace.work.step, sql)
  const level = levelOf(sql)
  if (level === null) return sendPlainly(passing)
  // DDL has ended the transaction in which this would have been a savepoint: it becomes a transaction of its own.
  const isOutermost = trace.ownLevels === (level === 'open' ? 0 : 1)
  if (trace.isInside && trace.marked && isOutermost) await run.session.connection.query(statementFor(sql))
  else await sendPlainly(passing)
  trace.ownLevels = Math.max(0, trace.ownLevels + (level === 'open' ? 1 : -1))
}

/** What mig or Knex sends around the migration's own statements. */
async function sendPlainly({ send }: Passing | ControlRequest): Promise<void> {
  await send()
}

/** Whether a statement opens or closes a transaction or savepoint. */
function levelOf(sql: string): 'open' | 'close' | null {
  if (/^\s*(begin|start\s+transaction|savepoint)\b/i.test(sql)) return 'open'
  return /^\s*(commit|release|rollback)\b/i.test(sql) ? 'close' : null
}

function statementFor(sql: string): string {
  if (/^\s*savepoint\b/i.test(sql)) return 'begin'
  return /^\s*release\b/i.test(sql) ? 'commit' : 'rollback'
}

/** What only reads, or sets up the session, leaves nothing to be written down. */
async function passUnrecorded(conducting: Conducting, passing: Passing): Promise<void> {
  const { trace, replay } = conducting
  const { sql } = passing
  if (!isOfSession(sql)) replay?.assertMayRead(trace.step, trace.ordinals.get(trace.step ?? '') ?? 0, sql)
  await execute(conducting, passing)
}

/** Inside mig's transaction the entry is written at its end, and goes with it when it is rolled back. */
async function passInside(conducting: Conducting, passing: Passing, entry: Omit<Entry, 'what'>): Promise<void> {
  const durationMs = await execute(conducting, passing)
  const { entries } = conducting.trace
  if (entries.length < mostEntries) entries.push({ ...entry, what: 'done', durationMs })
}

/**
 * The first statement that commits by itself: right before it all that is known is written into the open transaction,
 * and becomes durable by the very commit that makes it necessary.
 */
async function passMarking(conducting: Conducting, passing: Passing, entry: Omit<Entry, 'what'>): Promise<void> {
  const { run, trace, mark } = conducting
  const { revision, direction } = { revision: trace.work.step.revision.revision, direction: trace.work.step.direction }
  await mark()
  await run.journal.write([{ what: 'started', revision, direction }, ...trace.entries])
  trace.entries = []
  trace.marked = true
  // Still in that transaction: what fails here has rolled the mark back, and is not tried again by itself.
  await announce(conducting, entry)
  await carryOut(conducting, passing, entry)
}

/** What cannot be taken back: left out when it is done already, else sent and written down. */
async function passForGood(conducting: Conducting, passing: Passing, entry: Omit<Entry, 'what'>): Promise<void> {
  const { run, trace, replay } = conducting
  const { engine } = run.session
  const { sql } = passing
  const decision = (await replay?.next(trace.step, entry.ordinal ?? 0, sql)) ?? 'send'
  if (decision === 'record') await run.journal.writeFenced({ ...entry, what: 'done' })
  if (decision !== 'send') return
  const canRollBack = !engine.commitsImplicitly(sql) && !engine.refusesTransaction(sql)
  if (!canRollBack) return passAlone(conducting, passing, entry)
  return trace.ownLevels > 0 ? passWithin(conducting, passing, entry) : passAtomic(conducting, passing, entry)
}

/** Announced before, confirmed after: a run that dies in between leaves a statement of which nobody knows. */
async function passAlone(conducting: Conducting, passing: Passing, entry: Omit<Entry, 'what'>): Promise<void> {
  const { session } = conducting.run
  await again(session, () => announce(conducting, entry))
  await carryOut(conducting, passing, entry)
}

async function announce({ run }: Conducting, entry: Omit<Entry, 'what'>): Promise<void> {
  const { connection, engine } = run.session
  const effect = engine.effects.of(entry.sql ?? '')
  const seen = effect === null ? null : await effect.look(connection)
  await run.journal.writeFenced({ ...entry, what: 'statement', seen })
}

async function carryOut(conducting: Conducting, passing: Passing, entry: Omit<Entry, 'what'>): Promise<void> {
  const { run, trace } = conducting
  if (run.session.engine.commitsImplicitly(passing.sql)) trace.ownLevels = 0
  const durationMs = await execute(conducting, passing, entry)
  await again(run.session, () => run.journal.write([{ ...entry, what: 'done', durationMs }]))
}

/** In the transaction of the migration itself. */
async function passWithin(conducting: Conducting, passing: Passing, entry: Omit<Entry, 'what'>): Promise<void> {
  const durationMs = await execute(conducting, passing)
  await conducting.run.journal.writeFenced({ ...entry, what: 'done', durationMs })
}

/** The statement and its entry commit together: it is never unknown. */
async function passAtomic(conducting: Conducting, passing: Passing, entry: Omit<Entry, 'what'>): Promise<void> {
  const { journal, session } = conducting.run
  const { connection } = session
  await connection.query('begin')
  try {
    const durationMs = await execute(conducting, passing)
    await journal.writeFenced({ ...entry, what: 'done', durationMs })
    await connection.query('commit')
  } catch (error) {
    await connection.query('rollback').catch(() => undefined)
    await refused(conducting, passing, entry, error)
    throw error
  }
}

/** Sends a statement and tells of it. Returns its milliseconds. With `entry` a refusal is journalled. */
async function execute(conducting: Conducting, passing: Passing, entry?: Omit<Entry, 'what'>): Promise<number> {
  const { run, trace } = conducting
  const { sql } = passing
  const started = performance.now()
  const { revision } = trace.work.step.revision
  const told = (failed: boolean) => {
    trace.current = null
    run.report({ kind: 'statement', revision, sql, durationMs: performance.now() - started, failed })
  }
  trace.current = { sql, sinceMs: started }
  try {
    await passing.send()
  } catch (error) {
    trace.failure ??= { sql, failure: passing.failureOf(error) }
    told(true)
    if (entry !== undefined) await refused(conducting, passing, entry, error)
    throw error
  }
  if (!isRead(sql)) trace.changes++
  told(false)
  return performance.now() - started
}

/** The server said no; when it was the line that broke, nothing can be written, and nothing is known. */
async function refused(
  { run }: Conducting,
  { failureOf }: Passing,
  entry: Omit<Entry, 'what'>,
  error: unknown,
): Promise<void> {
  if (error instanceof MigError || run.session.connection.lost() !== null) return
  await run.journal.write([{ ...entry, what: 'refused', error: failureOf(error).message }]).catch(() => undefined)
}
