// The recorder: a Knex on the session's one connection, through which every statement of a migration passes.

import type { Readable } from 'node:stream'
import type { Knex } from 'knex'
import { EngineError } from '../core/errors.js'
import { loadPackage } from '../engines/driver.js'
import type { Session } from '../session/session.js'
import type { Beside } from './beside.js'
import { type Builder, createBuilders, type Unused } from './builders.js'
import { type Client, dialectFor, type KnexFactory, type Query, type Runner } from './dialect.js'
import { pending } from './caller.js'
import { type Connections, shareConnections } from './connections.js'
import { assertUndamaged } from './damaged.js'
import { createGateway } from './gateway.js'
import { type DriverWords, noting, withoutValues, withStack } from './knex-errors.js'
import type { Gate } from './passing.js'
import type { Work } from './prepared-step.js'
import { withLine } from './refusal.js'
import { watchStreams } from './streams.js'
import { noRows, sealed, skipped } from './skipped.js'
import { type AskedQueries, named, watchedTransaction } from './watched-transaction.js'

export interface Recorder {
  /** Gives out the session's connection and no other. */
  readonly knex: Knex
  /** What is sent while `work` runs passes `gate`. */
  through<T>(gate: Gate, work: () => Promise<T>): Promise<T>
  /** What was built for a migration and neither compiled nor run; asked for once. */
  takeUnused(work: Work): readonly Unused[]
  close(): Promise<void>
}

export function createRecorder(session: Session, beside: Beside): Recorder {
  const { connection, settings, knexConfig } = session
  const createKnex = loadPackage(settings.root, 'knex') as KnexFactory
  const dialect = dialectFor(session, createKnex)
  const gateway = createGateway(session, beside)
  const asked: AskedQueries = new WeakMap()
  const Transaction = watchedTransaction(dialect.Transaction, asked, () => connections)
  const builders = createBuilders()
  const streams = watchStreams(session)
  const words: DriverWords = new WeakMap()
  let connections: Connections

  // Knex makes the client of a transaction from the class's prototype alone, so all state is in this closure.
  class Watched extends dialect.Client {
    constructor(config: Knex.Config) {
      // What Knex remarks on a configuration, the project has seen.
      super({ ...config, client: knexConfig.client, log: silent })
      withLog(this, config.log)
      connections = shareConnections(session, beside, {
        take: async () => {
          const acquired = await super.acquireConnection()
          this.releaseProcess()
          return acquired
        },
        giveBack: async (raw) => {
          // A stream may be closed when the run is over.
          if (this.pool == null) return
          await super.releaseConnection(raw)
          this.releaseProcess()
        },
      })
      // As Knex has them once a function was asked for them, which mig has done.
      if (typeof config.connection !== 'function') return
      this.connectionSettings = settings.driver
      this.connectionConfigExpirationChecker = null
    }
    override initializePool(config: Knex.Config): void {
      super.initializePool({ ...config, pool: { min: 0, max: 1 } })
    }
    async acquireRawConnection(): Promise<unknown> {
      const lost = connection.lost()
      if (lost !== null)
        throw new EngineError('engine.unreachable', `The connection broke: ${lost.message}`, { cause: lost })
      const version = await this.checkVersion?.(connection.raw)
      if (typeof version === 'string') this.version ??= version
      return connection.raw
    }
    override acquireConnection(): Promise<unknown> {
      return connections.forQuery()
    }
    override releaseConnection(raw: unknown): Promise<unknown> {
      return connections.release(raw)
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
    override queryBuilder(): Builder {
      return builders.made(super.queryBuilder())
    }
    override schemaBuilder(): Builder {
      return builders.made(super.schemaBuilder())
    }
    override raw(...parameters: unknown[]): Builder {
      return builders.made(super.raw(...parameters))
    }
    override queryCompiler(builder: object, ...others: unknown[]): unknown {
      builders.used(builder)
      return super.queryCompiler(builder, ...others)
    }
    override schemaCompiler(builder: object, ...others: unknown[]): unknown {
      builders.used(builder)
      return super.schemaCompiler(builder, ...others)
    }
    override runner(builder: object): Runner {
      const origin = builders.originOf(builder)
      const runner = whilePending(withStack(super.runner(builder), origin), origin)
      return this.transacting === true ? runner : streamingBeside(runner, connections)
    }
    override async query(raw: unknown, query: Query | string): Promise<unknown> {
      assertUndamaged(session, query)
      try {
        return await super.query(raw, query)
      } catch (error) {
        throw withoutValues(words, query, error)
      }
    }
    override stream(raw: unknown, query: Query | string, ...others: unknown[]): unknown {
      assertUndamaged(session, query)
      return super.stream(raw, query, ...others)
    }
    override _query(raw: unknown, query: Query): Promise<unknown> {
      return noting(
        words,
        gateway.pass<unknown>(
          { query, raw, asked: asked.get(query) },
          {
            send: () => streams.behind(raw, () => super._query(raw, query)),
            whenSkipped: () => Object.assign(query, { response: skipped }),
          },
        ),
      )
    }
    override _stream(raw: unknown, query: Query, stream: Readable, ...others: unknown[]): Promise<unknown> {
      // Where the driver has no streams, Knex makes one of a query's answer.
      if (!session.engine.streamsRows) return super._stream(raw, query, stream, ...others)
      let ended: Promise<unknown> | undefined
      const send = () => {
        streams.opened(raw, query.sql, stream)
        ended = super._stream(raw, query, stream, ...others)
        ended.catch(() => undefined) // its reader is told
        return Promise.resolve()
      }
      // It has passed the gate when it is sent: other statements may pass while its rows come.
      const passed = gateway.pass({ query, raw, isStream: true }, { send, whenSkipped: noRows })
      // Knex tells the reader only of what its own client threw at once.
      const told = passed.catch((error: unknown) => {
        stream.destroy(error as Error)
        throw error
      })
      return told.then(() => ended)
    }
    override processResponse(query: Query, runner: unknown): unknown {
      return query.response === skipped ? sealed(query.sql) : super.processResponse(query, runner)
    }
  }

  const knex = createKnex({
    ...knexConfig,
    client: named(dialect.Client.name, Watched) as unknown as typeof Knex.Client,
  })
  return {
    knex,
    through: (gate, work) => gateway.through(gate, work),
    takeUnused: (work) => builders.takeUnused(work),
    close: () => {
      giveBack(knex.client as Client)
      return knex.destroy()
    },
  }
}

/** What a migration acquired and kept; the connection itself is the session's. */
function giveBack({ pool }: Pick<Client, 'pool'>): void {
  for (const { resource } of [...(pool?.used ?? [])]) pool?.release(resource)
}

/** A stream gets a connection for itself: the pinned one is needed by what is sent for its rows. Knex gives it back twice. */
function streamingBeside(runner: Runner, connections: Connections): Runner {
  const stream = runner.stream.bind(runner)
  let released: Promise<void> | undefined
  runner.stream = (...parameters) => {
    runner.client = Object.create(runner.client, {
      acquireConnection: { value: () => connections.forStream() },
      releaseConnection: { value: (raw: unknown) => (released ??= connections.release(raw)) },
    }) as Client
    return stream(...parameters)
  }
  return runner
}

function whilePending(runner: Runner, origin: Error | undefined): Runner {
  const run = runner.run.bind(runner)
  runner.run = () =>
    pending(run).catch((error: unknown) => {
      throw withLine(error, origin)
    })
  return runner
}

const silent: Knex.Logger = { warn: () => undefined }

/** The client's log, as it is configured. */
function withLog(client: Client, log: Knex.Logger | undefined): void {
  if (log === undefined) delete client.config.log
  else client.config.log = log
  client.logger = new client.logger.constructor(client.config)
}
