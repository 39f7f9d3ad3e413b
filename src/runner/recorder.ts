// The recorder: a Knex on the session's one connection, through which every statement of a migration passes.

import type { Knex } from 'knex'
import { EngineError } from '../core/errors.js'
import { messageOf } from '../core/thrown.js'
import { loadPackage } from '../engines/driver.js'
import type { Session } from './session.js'

/** A statement after it ran. */
export interface Statement {
  /** With placeholders, as it was sent. */
  readonly sql: string
  readonly durationMs: number
  /** Null when it succeeded. */
  readonly failure: StatementFailure | null
}

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

/** Who watches the statements of the step at hand. */
export interface Watch {
  /** Before a statement is sent; it waits for the promise. */
  readonly before: (sql: string) => Promise<void>
  readonly after: (statement: Statement) => void
}

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
  checkVersion?(raw: unknown): Promise<unknown>
  _query(raw: unknown, query: Query): Promise<unknown>
  _stream(raw: unknown, query: Query, ...others: unknown[]): Promise<unknown>
}
interface Query {
  readonly sql: string
  readonly bindings?: readonly unknown[]
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

  async function recorded<T>({ sql, bindings }: Query, send: () => Promise<T>): Promise<T> {
    const watch = watching
    if (watch === null) throw new Error('The migration that this query belongs to has ended; put `await` before it.')
    let started = performance.now()
    const told = (failure: StatementFailure | null) =>
      watch.after({ sql, durationMs: performance.now() - started, failure })
    try {
      await watch.before(sql).catch(refused)
      started = performance.now()
      const result = await send()
      told(null)
      return result
    } catch (error) {
      told(failureOf(session, error, bindings ?? []))
      throw error
    }
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
    destroyRawConnection(): Promise<void> {
      return Promise.resolve()
    }
    validateConnection(): boolean {
      return connection.lost() === null
    }
    override _query(raw: unknown, query: Query): Promise<unknown> {
      return recorded(query, () => super._query(raw, query))
    }
    override _stream(raw: unknown, query: Query, ...others: unknown[]): Promise<unknown> {
      return recorded(query, () => super._stream(raw, query, ...others))
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
function refused(cause: unknown): never {
  throw new Error(messageOf(cause), { cause })
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
