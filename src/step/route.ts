// Which way a statement takes through the gate: a pure function of its facts and of where the transaction stands.

import type { TransactionStatus } from '../engines/contract/connection.js'
import type { StatementFacts } from '../engines/contract/statements.js'

/** In the transaction of mig that a migration runs in. */
export type InsideRoute =
  /** It ends or begins a transaction: refused, not sent. */
  | 'ends-transaction'
  /** The server would refuse it in a transaction: refused, not sent. */
  | 'needs-no-transaction'
  /** A savepoint of the migration. */
  | 'control'
  /** It commits by itself: the history is marked in the same commit. */
  | 'marking'
  /** It leaves nothing that could be written down. */
  | 'unrecorded'
  /** It is written down with the step. */
  | 'recorded'

export function routeInside(facts: StatementFacts): InsideRoute {
  if (facts.endsTransaction) return 'ends-transaction'
  if (facts.control !== null) return 'control'
  if (facts.refusesTransaction) return 'needs-no-transaction'
  if (facts.commits) return 'marking'
  return facts.reads || facts.ofSession ? 'unrecorded' : 'recorded'
}

/** Where nothing can be taken back by mig. */
export type OutsideRoute =
  /** A transaction or savepoint of the migration itself. */
  | 'control'
  | 'lock-tables'
  | 'read'
  /** It sets up the session: sent again when the migration is resumed. */
  | 'session'
  /** Announced before, confirmed after. */
  | 'alone'
  /** In the migration's own transaction, with its entry. */
  | 'within'
  /** In a transaction of its own, with its entry. */
  | 'atomic'

export interface Standing {
  readonly status: TransactionStatus
  /** Whether the session holds locks of tables: a transaction would free them. */
  readonly holdsTables: boolean
}

export function routeOutside(facts: StatementFacts, { status, holdsTables }: Standing): OutsideRoute {
  if (facts.control !== null) return 'control'
  if (facts.reads) return 'read'
  if (facts.tableLocks === 'take' && facts.count === 1) return 'lock-tables'
  if (facts.ofSession) return 'session'
  // It refuses whatever comes, mig's own entries too.
  if (status === 'failed') return 'within'
  const isApart = facts.commits || facts.refusesTransaction || facts.mayControl || facts.endsTransaction
  if (holdsTables || isApart) return 'alone'
  return status === 'none' ? 'atomic' : 'within'
}
