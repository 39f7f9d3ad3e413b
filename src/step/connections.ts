// Which connection a query of a migration's Knex gets. All share the pinned one: the gate takes their statements in turn. A
// transaction of the migration's own has it for itself; what comes meanwhile, and streams, get another one beside it.

import type { Session } from '../session/session.js'
import type { Beside } from './beside.js'
import { currentCaller } from './caller.js'
import { type Refusal, refusal } from './refusal.js'

/** The pinned connection, as Knex's pool gives it out. */
export interface Pinned {
  take(): Promise<unknown>
  giveBack(raw: unknown): Promise<unknown>
}

export interface Connections {
  /** For the queries of one builder. @throws MigrationError where there is none to be had, and waiting would not end */
  forQuery(): Promise<unknown>
  forStream(): Promise<unknown>
  /** For a transaction, from its begin to its end. */
  forTransaction(): Promise<unknown>
  /** What was got for a query or a stream. */
  release(raw: unknown): Promise<void>
  endTransaction(raw: unknown): Promise<void>
}

export function shareConnections({ engine }: Session, beside: Beside, pinned: Pinned): Connections {
  /** Queries that use the pinned one at present. */
  let users = 0
  let shared: Promise<unknown> | null = null
  /** Whose transaction has the pinned one; null when none has. */
  let owner: 'mig' | 'migration' | null = null
  let onFree: (() => void) | null = null
  const inUse = new Set<unknown>()

  async function another(what: string): Promise<unknown> {
    if (engine.hasOneWriter) throw oneConnection(what)
    const { raw } = (await takeAnother()).session.connection
    return raw
  }
  async function takeAnother() {
    const lane = await beside.take()
    inUse.add(lane.session.connection.raw)
    return lane
  }
  return {
    async forQuery() {
      if (owner === 'mig') throw otherKnex()
      if (owner === 'migration') return another('a query')
      users++
      try {
        return await (shared ??= pinned.take())
      } catch (error) {
        users--
        shared = null
        throw error
      }
    },
    async forStream() {
      // Where the driver has no streams, it is a query like any other.
      return engine.streamsRows ? another('a stream') : this.forQuery()
    },
    async forTransaction() {
      if (owner === 'mig') throw otherKnex()
      if (owner === 'migration') throw twoTransactions()
      owner = currentCaller() === null ? 'mig' : 'migration'
      if (users > 0) await new Promise<void>((resolve) => (onFree = resolve))
      return pinned.take()
    },
    async release(raw) {
      const lane = beside.of(raw)
      if (lane !== null) {
        if (inUse.delete(raw)) beside.giveBack(lane)
        return
      }
      if (users === 0 || --users > 0) return
      shared = null
      await pinned.giveBack(raw)
      onFree?.()
      onFree = null
    },
    async endTransaction(raw) {
      owner = null
      await pinned.giveBack(raw)
    },
  }
}

function oneConnection(what: string): Refusal {
  return refusal(
    `${what} came while a transaction of the migration was open, and this database has one connection for both.`,
    'Send it in that transaction (with the `trx` that it gives), or after its end.',
  )
}

function twoTransactions(): Refusal {
  return refusal(
    'a second transaction was begun while one of the migration was open.',
    'Nest it in the first (`trx.transaction`), or begin it after that has ended.',
  )
}

function otherKnex(): Refusal {
  return refusal(
    'a query came by another Knex than the one that `up` and `down` are given.',
    'Use the `knex` of the function: it is the transaction in which the migration runs.',
  )
}
