// The recorder: a Knex on the session's one connection, through which every statement of a migration passes.

import type { Knex } from 'knex'
import { EngineError } from '../core/errors.js'
import { loadPackage } from '../engines/driver.js'
import type { Session } from '../session/session.js'
import { createGateway, type Query } from './gateway.js'
import type { Gate } from './passing.js'
import { noRows, sealed, skipped } from './skipped.js'
import { type AskedQueries, type TransactionClass, watchedTransaction } from './watched-transaction.js'

export interface Recorder {
  /** Gives out the session's connection and no other. */
  readonly knex: Knex
  /** What is sent while `work` runs passes `gate`. */
  through<T>(gate: Gate, work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** What the recorder uses of a Knex client. */
interface Client {
  version?: unknown
  pool?: { readonly interval?: NodeJS.Timeout | null } | null
  checkVersion?(raw: unknown): Promise<unknown>
  acquireConnection(): Promise<unknown>
  releaseConnection(raw: unknown): Promise<unknown>
  transaction(...parameters: unknown[]): unknown
  _query(raw: unknown, query: Query): Promise<unknown>
  _stream(raw: unknown, query: Query, ...others: unknown[]): Promise<unknown>
  processResponse(query: Query, runner: unknown): unknown
}
type ClientClass = new (...parameters: unknown[]) => Client
type KnexFactory = (config: Knex.Config) => Knex

export function createRecorder(session: Session): Recorder {
  const { engine, connection, settings, knexOptions } = session
  const createKnex = loadPackage(settings.root, 'knex') as KnexFactory
  const driver = loadPackage(settings.root, engine.driver)
  const { client: plain } = createKnex({ client: engine.knexClient, useNullAsDefault: true }) as {
    readonly client: Client
  }
  const Base = plain.constructor as ClientClass
  const gateway = createGateway(session)
  const asked: AskedQueries = new WeakMap()
  const Transaction = watchedTransaction(transactionClass(plain), asked)
  let streamed: Query | null = null

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
    override transaction(...parameters: unknown[]): unknown {
      return new Transaction(this, ...parameters)
    }
    override _query(raw: unknown, query: Query): Promise<unknown> {
      // Where the driver has no streams, Knex makes one of the statement's answer.
      if (query === streamed) return super._query(raw, query)
      return gateway.pass<unknown>(query, asked.get(query), {
        send: () => super._query(raw, query),
        whenSkipped: () => Object.assign(query, { response: skipped }),
      })
    }
    override _stream(raw: unknown, query: Query, ...others: unknown[]): Promise<unknown> {
      const send = () => {
        streamed = query
        return super._stream(raw, query, ...others).finally(() => (streamed = null))
      }
      return gateway.pass(query, undefined, { send, whenSkipped: noRows })
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
    through: (gate, work) => gateway.through(gate, work),
    close: () => knex.destroy(),
  }
}

/** The dialect's own class, of a transaction that never begins: the client has no connections. */
function transactionClass(client: Client): TransactionClass {
  const transaction = client.transaction(() => undefined, {}) as Promise<unknown>
  transaction.catch(() => undefined)
  return transaction.constructor as unknown as TransactionClass
}
