// What a migration's Knex hands to the gate on its way to the database: statements, and what its transactions ask for.

import type { BesideLane } from './beside.js'
import type { Caller } from './caller.js'
import type { ControlKind, StatementFacts } from '../engines/contract/statements.js'

/** Stands between a migration and its database. */
export interface Gate {
  /** One statement. Sends it on, refuses it, or leaves it out: then it is answered as `skipped`. */
  readonly pass: (statement: Passing) => Promise<unknown>
  /** What a transaction of Knex asks for. What is not sent counts as done. */
  readonly control: (request: ControlRequest) => Promise<unknown>
}

/** A statement on its way to the database. */
export interface Passing {
  /** Null where that is not known: it counts for the migration at work then. */
  readonly caller: Caller | null
  /** With placeholders, as it is sent. */
  readonly sql: string
  /** What is bound to the placeholders. */
  readonly values: readonly unknown[]
  readonly facts: StatementFacts
  /** The connection that carries it; null: the pinned one. */
  readonly beside: BesideLane | null
  /** Whether its rows come after it: it is sent, and has not ended. */
  readonly isStream: boolean
  /** Sends it, or another text in its place. What the driver throws is thrown as it is. */
  readonly send: (sql?: string) => Promise<unknown>
  /** What the driver threw, without bound values. */
  readonly failureOf: (error: unknown) => StatementFailure
}

/** What a transaction of Knex asks of the database, known by its method and not by its text. */
export interface ControlRequest {
  /** As of a statement. */
  readonly caller: Caller | null
  readonly kind: ControlKind
  /** Of `savepoint`, `release` and `rollback to`: its name; else null. */
  readonly savepoint: string | null
  readonly sql: string
  /** As of a statement. */
  readonly beside: BesideLane | null
  /** Sends it as Knex would have. What the driver throws is thrown as it is; so is a `commit` that was none. */
  readonly send: () => Promise<unknown>
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
