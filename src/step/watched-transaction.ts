// The transactions of a migration's Knex: each says by its methods what it asks of the database, so that nobody has to
// recognise it by its text.

import type { Connections } from './connections.js'
import type { ControlKind } from '../engines/contract/statements.js'

/** What is used of a transaction of Knex (`knex/lib/execution/transaction.js`); each dialect has a class of its own. */
export interface KnexTransaction {
  readonly txid: string
  readonly client: TransactionClient
  acquireConnection(config: TransactionConfig | undefined, work: (raw: unknown) => unknown): Promise<unknown>
  begin(raw: unknown): Promise<unknown>
  savepoint(raw: unknown): Promise<unknown>
  commit(raw: unknown, value?: unknown): Promise<unknown>
  release(raw: unknown, value?: unknown): Promise<unknown>
  rollback(raw: unknown, error?: unknown): Promise<unknown>
  rollbackTo(raw: unknown, error?: unknown): Promise<unknown>
  query(raw: unknown, sql: unknown, status?: number, value?: unknown): Promise<unknown>
}

/** What a transaction is made by: the client of the Knex, or that of the transaction around it. */
interface TransactionClient {
  readonly transacting?: boolean
}

interface TransactionConfig {
  readonly connection?: unknown
}

export type TransactionClass = new (...parameters: unknown[]) => KnexTransaction

/** What a query of a transaction asks for. */
export interface Asked {
  readonly kind: ControlKind
  readonly savepoint: string | null
  /** Why it was not done; set by the client. */
  failure: { readonly error: unknown } | null
  /** Of what ends a transaction: to be called with its answer. Knex itself lets go of the connection some ticks later. */
  readonly whenAnswered: () => Promise<unknown>
}

/** Queries that a transaction sent of itself: Knex hands them from the transaction to the client as they are. */
export type AskedQueries = WeakMap<object, Asked>

/**
 * The dialect's class, whose methods mark what they send in `asked`. Where Knex calls the container of a transaction that
 * could not be begun, and resolves a commit that failed, it rejects.
 */
export function watchedTransaction(
  Base: TransactionClass,
  asked: AskedQueries,
  connections: () => Pick<Connections, 'forTransaction' | 'endTransaction'>,
): TransactionClass {
  class Watched extends Base {
    /** What the method at work asks for. */
    private asking: Asked | null = null
    /** Frees what was acquired for it; once. */
    private free = nothingToFree

    override async acquireConnection(
      config: TransactionConfig | undefined,
      work: (raw: unknown) => unknown,
    ): Promise<unknown> {
      const { client } = this
      if (client.transacting === true || config?.connection != null) return super.acquireConnection(config, work)
      const connection = (await connections().forTransaction()) as { __knexTxId?: unknown }
      let freed: Promise<void> | undefined
      this.free = () => {
        if (freed === undefined) delete connection.__knexTxId
        return (freed ??= connections().endTransaction(connection))
      }
      try {
        return await super.acquireConnection({ ...config, connection }, work)
      } finally {
        await this.free()
      }
    }
    override begin(raw: unknown): Promise<unknown> {
      return this.orItsError('begin', () => super.begin(raw))
    }
    override savepoint(raw: unknown): Promise<unknown> {
      return this.orItsError('savepoint', () => super.savepoint(raw))
    }
    override commit(raw: unknown, value?: unknown): Promise<unknown> {
      return this.orItsError('commit', () => super.commit(raw, value))
    }
    override release(raw: unknown, value?: unknown): Promise<unknown> {
      return this.orItsError('release', () => super.release(raw, value))
    }
    // These must not reject: nobody would handle it where Knex calls them.
    override rollback(raw: unknown, error?: unknown): Promise<unknown> {
      this.ask('rollback')
      return super.rollback(raw, error)
    }
    override rollbackTo(raw: unknown, error?: unknown): Promise<unknown> {
      this.ask('rollback to')
      return super.rollbackTo(raw, error)
    }
    override query(raw: unknown, sql: unknown, status?: number, value?: unknown): Promise<unknown> {
      return super.query(raw, this.asking === null ? sql : marked(String(sql), this.asking, asked), status, value)
    }

    private ask(kind: ControlKind): Asked {
      const isNested = kind === 'savepoint' || kind === 'release' || kind === 'rollback to'
      const whenAnswered = kind === 'commit' || kind === 'rollback' ? this.free : nothingToFree
      return (this.asking = { kind, savepoint: isNested ? this.txid : null, failure: null, whenAnswered })
    }
    /** Knex catches what the database answers, and settles its own promise of the transaction with it. */
    private orItsError(kind: ControlKind, send: () => Promise<unknown>): Promise<unknown> {
      const what = this.ask(kind)
      const answered = send().then((answer) => {
        if (what.failure !== null) throw what.failure.error
        return answer
      })
      // A migration may leave out `await` here.
      answered.catch(() => undefined)
      return answered
    }
  }
  return named(Base.name, Watched)
}

const nothingToFree = (): Promise<void> => Promise.resolve()

/** Knex takes a query for its text as an object, too; where it reads the text itself, it gets it. */
function marked(sql: string, what: Asked, asked: AskedQueries): object {
  const query = Object.defineProperty({ sql }, 'toString', { value: () => sql })
  asked.set(query, what)
  return query
}

/** Subclasses keep the name of the dialect's class: migrations ask for it. */
export function named<T extends object>(name: string, type: T): T {
  return Object.defineProperty(type, 'name', { value: name })
}
