// The recorder: a Knex on the session's one connection, through which every statement of a migration passes.

import type { Knex } from 'knex'
import { EngineError, PartialError } from '../core/errors.js'
import { messageOf } from '../core/thrown.js'
import { loadPackage } from '../engines/driver.js'
import type { Session } from '../session/session.js'

export interface StatementFailure {
  /** What the driver threw. Knex writes the statement with its values into the message later; ours is safe. */
  readonly error: unknown
  /** The server's words, bound values taken out. */
  readonly message: string
  readonly detail: string | null
  readonly code: string | null
  /** In the statement, from 1. */
  readonly position: number | null
}

/** A statement on its way to the database. */
export interface Passing {
  /** With placeholders, as it is sent. */
  readonly sql: string
  /** Sends it. What the driver throws is thrown as it is. */
  readonly send: () => Promise<unknown>
  /** What the driver threw, without bound values. */
  readonly failureOf: (error: unknown) => StatementFailure
}

/** The answer to a statement that was not sent because an earlier run did it: whoever looks into it is told so. */
export const skipped = Symbol('skipped')

/** Stands between a migration and its database: sends each statement on, refuses it, or answers `skipped`. */
export type Watch = (passing: Passing) => Promise<unknown>

export interface Recorder {
  /** Gives out the session's connection and no other. */
  readonly knex: Knex
  /** Watches what is sent while `work` runs. */
  watch<T>(watch: Watch, work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** What the recorder uses of a Knex client. */
interface Client {
  version?: unknown
  pool?: { readonly interval?: NodeJS.Timeout | null } | null
  checkVersion?(raw: unknown): Promise<unknown>
  acquireConnection(): Promise<unknown>
  releaseConnection(raw: unknown): Promise<unknown>
  _query(raw: unknown, query: Query): Promise<unknown>
  _stream(raw: unknown, query: Query, ...others: unknown[]): Promise<unknown>
  processResponse(query: Query, runner: unknown): unknown
}
interface Query {
  readonly sql: string
  readonly bindings?: readonly unknown[]
  response?: unknown
}
type ClientClass = new (...parameters: unknown[]) => Client
type KnexFactory = (config: Knex.Config) => Knex

export function createRecorder(session: Session): Recorder {
  const { engine, connection, settings, knexOptions } = session
  const createKnex = loadPackage(settings.root, 'knex') as KnexFactory
  const driver = loadPackage(settings.root, engine.driver)
  const { constructor: Base } = createKnex({ client: engine.knexClient, useNullAsDefault: true }).client as {
    readonly constructor: ClientClass
  }
  let watching: Watch | null = null
  let streamed: Query | null = null

  /** The answer of `send`; `whenSkipped` where the watch did not send it. */
  async function pass<T>({ sql, bindings }: Query, send: () => Promise<T>, whenSkipped: () => T): Promise<T> {
    const watch = watching
    if (watch === null) throw new Error('The migration that this query belongs to has ended; put `await` before it.')
    let answer: { readonly value: T } | undefined
    let failure: unknown
    const passing: Passing = {
      sql,
      send: async () => {
        try {
          answer = { value: await send() }
          assertCommitted(session, sql, answer.value)
        } catch (error) {
          failure = error
          throw error
        }
      },
      failureOf: (error) => failureOf(session, error, bindings ?? []),
    }
    try {
      await watch(passing)
    } catch (error) {
      throw error === failure ? error : refused(error)
    }
    return answer === undefined ? whenSkipped() : answer.value
  }

  // Knex makes the client of a transaction from the class's prototype alone, so all state is in this closure.
  class RecordedClient extends Base {
    _driver(): unknown {
      return driver
    }
    async acquireRawConnection(): Promise<unknown> {
      const lost = connection.lost()
      if (lost !== null)
        throw new EngineError('engine.unreachable', `The connection broke: ${lost.message}`, { cause: lost })
      const version = await this.checkVersion?.(connection.raw)
      if (typeof version === 'string') this.version ??= version
      return connection.raw
    }
    override async acquireConnection(): Promise<unknown> {
      const acquired = await super.acquireConnection()
      this.releaseProcess()
      return acquired
    }
    override async releaseConnection(released: unknown): Promise<unknown> {
      const result = await super.releaseConnection(released)
      this.releaseProcess()
      return result
    }
    /** The timer of Knex's pool would keep a process alive in which nothing can happen any more. */
    private releaseProcess(): void {
      this.pool?.interval?.unref()
    }
    destroyRawConnection(): Promise<void> {
      return Promise.resolve()
    }
    validateConnection(): boolean {
      return connection.lost() === null
    }
    override _query(raw: unknown, query: Query): Promise<unknown> {
      // Where the driver has no streams, Knex makes one of the statement's answer.
      if (query === streamed) return super._query(raw, query)
      return pass<unknown>(
        query,
        () => super._query(raw, query),
        () => Object.assign(query, { response: skipped }),
      )
    }
    override _stream(raw: unknown, query: Query, ...others: unknown[]): Promise<unknown> {
      const send = () => {
        streamed = query
        return super._stream(raw, query, ...others).finally(() => (streamed = null))
      }
      return pass(query, send, noRows)
    }
    override processResponse(query: Query, runner: unknown): unknown {
      return query.response === skipped ? sealed(query.sql) : super.processResponse(query, runner)
    }
  }

  const knex = createKnex({
    ...(engine.name === 'sqlite' && { useNullAsDefault: true }),
    asyncStackTraces: true,
    ...knexOptions,
    compileSqlOnError: false,
    client: RecordedClient as unknown as typeof Knex.Client,
    connection: { ...settings.driver },
    pool: { min: 0, max: 1 },
  })
  return {
    knex,
    async watch(watch, work) {
      watching = watch
      try {
        return await work()
      } finally {
        watching = null
      }
    },
    close: () => knex.destroy(),
  }
}

/** Knex writes the statement into the message of what is thrown: ours travels as the cause, and stays as it is. */
function refused(cause: unknown): Error {
  return new Error(messageOf(cause), { cause })
}

/** A failed transaction is "committed" by a rollback, and Knex does not look at the answer. */
function assertCommitted({ engine }: Session, sql: string, answer: unknown): void {
  if (!/^\s*commit\b/i.test(sql)) return
  const { response } = (answer ?? {}) as { readonly response?: unknown }
  if (!engine.transaction.isCommitted(response))
    throw new Error('the server answered COMMIT with a rollback: a statement of the transaction had failed')
}

/**
 * The result of a statement that an earlier run did: nobody knows it any more. It can be awaited, and not be looked into.
 */
function sealed(sql: string): unknown {
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (key === 'then') return undefined
        throw unknownResult(sql)
      },
      has() {
        throw unknownResult(sql)
      },
      ownKeys() {
        throw unknownResult(sql)
      },
    },
  )
}

function noRows(): never {
  throw unknownResult('a stream')
}

function unknownResult(sql: string): Error {
  const cause = new PartialError(
    'partial.cannot-resume',
    `The migration uses the result of a statement that an earlier run did, and nobody knows it any more: ${sql.slice(0, 200)}`,
    {
      hint: 'Give the parts of the migration names, with `await step(...)`: a part that is done is left out as a whole.',
    },
  )
  return new Error(cause.message, { cause })
}

function failureOf({ engine }: Session, error: unknown, bindings: readonly unknown[]): StatementFailure {
  const { message, detail, code, position } = engine.describe(error)
  return {
    error,
    message: withoutValues(message, bindings),
    detail: detail === null ? null : withoutValues(detail, bindings),
    code,
    position,
  }
}

/** Servers quote the offending value; values are the users' data and do not belong into logs. */
function withoutValues(text: string, bindings: readonly unknown[]): string {
  const values = bindings
    .filter((value) => typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    .map(String)
    .filter((value) => value.length >= 3)
    .sort((a, b) => b.length - a.length)
  return values.reduce((masked, value) => masked.replaceAll(value, '?'), text)
}
