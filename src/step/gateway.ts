// The way from a Knex client to the gate: what Knex sends becomes a statement or a request of its transaction.

import { messageOf } from '../core/thrown.js'
import { withoutValues } from '../core/values.js'
import type { Session } from '../session/session.js'
import type { Beside, BesideLane } from './beside.js'
import { currentCaller } from './caller.js'
import type { Query } from './dialect.js'
import type { Gate, Passing, StatementFailure } from './passing.js'
import type { Asked } from './watched-transaction.js'

/** How Knex sends a statement, and what is answered when the gate leaves it out. */
export interface Sending<T> {
  readonly send: () => Promise<T>
  readonly whenSkipped: () => T
}

export interface Gateway {
  /** What passes while `work` runs passes `gate`. */
  through<T>(gate: Gate, work: () => Promise<T>): Promise<T>
  pass<T>(sent: Sent, sending: Sending<T>): Promise<T>
}

/** What Knex sends, and by which connection of the driver. */
export interface Sent {
  readonly query: Query
  readonly raw: unknown
  /** Of a statement that a transaction of Knex sends of itself: what it asks for. */
  readonly asked?: Asked | undefined
  readonly isStream?: boolean
}

export function createGateway(session: Session, beside: Beside): Gateway {
  const begins = new Set<string>()
  let open: Gate | null = null
  /** Before a transaction MySQL sets how isolated it is, with a statement like any other. Knex has few ways to begin one. */
  function isSetBefore({ kind }: Asked, { sql }: Query): boolean {
    if (kind !== 'begin' || begins.has(sql)) return false
    if (session.engine.statements.read(sql).control === null) return true
    begins.add(sql)
    return false
  }
  return {
    async through(gate, work) {
      open = gate
      try {
        return await work()
      } finally {
        open = null
      }
    },
    async pass({ query, raw, asked, isStream = false }, sending) {
      const lane = beside.of(raw)
      if (open === null) throw new Error('The migration that this query belongs to has ended; put `await` before it.')
      const gate = open
      if (asked === undefined || isSetBefore(asked, query))
        return answered(sending, (send) => gate.pass(statement(session, { query, isStream, beside: lane }, send)))
      return control({ session, gate, lane }, query.sql, asked, sending)
    },
  }
}

interface Way {
  readonly session: Session
  readonly gate: Gate
  readonly lane: BesideLane | null
}

async function control<T>({ session, gate, lane }: Way, sql: string, asked: Asked, sending: Sending<T>): Promise<T> {
  const { kind, savepoint } = asked
  const checked = async () => {
    const answer = await sending.send()
    if (kind === 'commit') assertCommitted(session, answer)
    return answer
  }
  try {
    return await answered({ ...sending, send: checked }, (send) =>
      gate.control({ kind, savepoint, sql, beside: lane, caller: currentCaller(), send }),
    )
  } catch (error) {
    asked.failure = { error }
    throw error
  } finally {
    await asked.whenAnswered()
  }
}

interface Statement extends Pick<Passing, 'isStream' | 'beside'> {
  readonly query: Query
}

function statement(session: Session, { query, isStream, beside }: Statement, send: () => Promise<unknown>): Passing {
  const { sql, bindings = [] } = query
  return {
    sql,
    values: bindings,
    facts: session.engine.statements.read(sql),
    beside,
    isStream,
    caller: currentCaller(),
    send: (text) => {
      if (text !== undefined) query.sql = text
      return send()
    },
    failureOf: (error) => failureOf(session, error, query),
  }
}

/** What the gate lets pass is answered by the database; the gate's own errors travel as a cause. */
async function answered<T>(
  { send, whenSkipped }: Sending<T>,
  pass: (send: () => Promise<T>) => Promise<unknown>,
): Promise<T> {
  let answer: { readonly value: T } | undefined
  let failure: unknown
  try {
    await pass(async () => {
      try {
        answer = { value: await send() }
        return answer.value
      } catch (error) {
        failure = error
        throw error
      }
    })
  } catch (error) {
    throw error === failure ? error : refused(error)
  }
  return answer === undefined ? whenSkipped() : answer.value
}

/** Knex writes the statement into the message of what is thrown: ours travels as the cause, and stays as it is. */
function refused(cause: unknown): Error {
  return new Error(messageOf(cause), { cause })
}

/** A failed transaction is "committed" by a rollback, and Knex does not look at the answer. */
function assertCommitted({ engine }: Session, answer: unknown): void {
  const { response } = (answer ?? {}) as { readonly response?: unknown }
  if (!engine.transaction.isCommitted(response))
    throw new Error('the server answered COMMIT with a rollback: a statement of the transaction had failed')
}

function failureOf({ engine }: Session, error: unknown, { sql, bindings = [] }: Query): StatementFailure {
  const { kind, message, detail, code, position } = engine.describe(error)
  const about = { sql, values: bindings, isRaised: kind === 'raised', quotedData: engine.quotedData }
  return {
    error,
    message: withoutValues(message, about),
    detail: detail === null ? null : withoutValues(detail, about),
    code,
    position,
  }
}
