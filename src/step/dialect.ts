// The part of Knex's inside that a migration's Knex is built on (`knex/lib/client.js`), and the dialect's class for it.

import type { Knex } from 'knex'
import { loadPackage } from '../engines/driver.js'
import type { Session } from '../session/session.js'
import type { Builder } from './builders.js'
import { named, type TransactionClass } from './watched-transaction.js'

/** What Knex hands to a dialect for one statement. */
export interface Query {
  sql: string
  readonly bindings?: readonly unknown[]
  response?: unknown
}

/** What is used of the pool of Knex, which waits at its end for what was acquired and not given back. */
export interface Pool {
  readonly interval?: NodeJS.Timeout | null
  readonly used: readonly { readonly resource: unknown }[]
  release(resource: unknown): boolean
}

/** What is used of a client of Knex. */
export interface Client {
  readonly config: Knex.Config
  logger: { readonly constructor: new (config: Knex.Config) => Client['logger'] }
  version?: unknown
  pool?: Pool | null
  connectionSettings: unknown
  connectionConfigExpirationChecker: unknown
  initializePool(config: Knex.Config): void
  checkVersion?(raw: unknown): Promise<unknown>
  acquireConnection(): Promise<unknown>
  releaseConnection(raw: unknown): Promise<unknown>
  transaction(...parameters: unknown[]): unknown
  queryBuilder(): Builder
  schemaBuilder(): Builder
  raw(...parameters: unknown[]): Builder
  queryCompiler(builder: object, ...others: unknown[]): unknown
  schemaCompiler(builder: object, ...others: unknown[]): unknown
  runner(builder: object): Runner
  readonly transacting?: boolean
  query(raw: unknown, query: Query | string): Promise<unknown>
  _query(raw: unknown, query: Query): Promise<unknown>
  stream(raw: unknown, query: Query | string, ...others: unknown[]): unknown
  _stream(raw: unknown, query: Query, ...others: unknown[]): Promise<unknown>
  processResponse(query: Query, runner: unknown): unknown
}

/** Carries out one builder (`knex/lib/execution/runner.js`). */
export interface Runner {
  client: Client
  run(): Promise<unknown>
  stream(...parameters: unknown[]): unknown
}

export type ClientClass = new (config: Knex.Config) => Client

export type KnexFactory = (config: Knex.Config) => Knex

/** A class of Knex for the driver that mig connects with. */
export interface Dialect {
  readonly Client: ClientClass
  readonly Transaction: TransactionClass
}

/**
 * The class that works with mig's driver, under the name of the one that the project's Knex would use: of the clients
 * of an engine, Knex derives the one for mig's driver from the others.
 */
export function dialectFor({ engine, settings, knexConfig }: Session, createKnex: KnexFactory): Dialect {
  const project = bare(createKnex, String(knexConfig.client))
  const own = bare(createKnex, engine.knexClient)
  const { driverName } = project as { readonly driverName?: string }
  const driver = driverOf(settings.root, driverName ?? engine.driver, engine.driver)
  class OnDriver extends (own.constructor as ClientClass) {
    _driver(): unknown {
      return driver
    }
  }
  Object.assign(OnDriver.prototype, { driverName })
  return { Client: named<ClientClass>(project.constructor.name, OnDriver), Transaction: transactionClass(project) }
}

/** Without a connection: it loads no driver. */
function bare(createKnex: KnexFactory, client: string): Client {
  return createKnex({ client, useNullAsDefault: true }).client as Client
}

/** Migrations may use the driver of their project, though mig connects with its own. */
function driverOf(root: string, named: string, own: string): unknown {
  try {
    return loadPackage(root, named)
  } catch (error) {
    if (named === own) throw error
    return loadPackage(root, own)
  }
}

/** The dialect's own class, of a transaction that never begins: the client has no connections. */
function transactionClass(client: Client): TransactionClass {
  const transaction = client.transaction(() => undefined, {}) as Promise<unknown>
  transaction.catch(() => undefined)
  return transaction.constructor as unknown as TransactionClass
}
