// Engine: the few answers in which databases differ. It grows by answers, never by copies of the program.

import type { Knex } from 'knex'
import type { EngineName } from '../../core/place.js'
import type { ActivityAnswers } from './activity.js'
import type { Connection, ConnectionSettings, DatabaseUrl, Purpose } from './connection.js'
import type { EffectAnswers } from './effects.js'
import type { DriverError } from './errors.js'
import type { HistoryAnswers } from './histories.js'
import type { LossAnswers } from './losses.js'
import type { LockWaitAnswers } from './lock-wait.js'
import type { LockAnswers } from './lock.js'
import type { SessionStateAnswers } from './session-state.js'
import type { Greeting } from './session.js'
import type { StatementAnswers } from './statements.js'
import type { TableAnswers } from './tables.js'
import type { TransactionAnswers } from './transaction.js'

/** A Knex configuration whose client is named. */
export type KnexConfig = Knex.Config & { readonly client: string }

export interface Engine {
  readonly name: EngineName
  /** The npm package of the driver. */
  readonly driver: string
  /** Of the Knex client names that it serves (see the list of engines), the one whose driver is `driver`. */
  readonly knexClient: string
  /** How Knex is configured where the project only says a URL. */
  readonly knexConfig: KnexConfig
  /** Whether DDL can be rolled back. */
  readonly transactionalDdl: boolean
  /** Whether tables are in schemas that a configuration can name. */
  readonly hasSchemas: boolean
  /** Whether a database is a schema, and a connection names the one it is for. */
  readonly databasesAreSchemas: boolean
  /** Whether the driver hands rows on while a statement runs; else Knex makes its streams of whole answers. */
  readonly streamsRows: boolean
  /** Whether one session at a time can write: what others want to write waits for the whole transaction. */
  readonly hasOneWriter: boolean
  /** The isolation that a transaction needs where others write the row of the fence meanwhile; null: that of the session. */
  readonly leaseIsolation: 'read committed' | null
  /** Whether several writes can be one statement: `with a as (insert …) insert …`. */
  readonly chainsWrites: boolean
  /** A connection that is not yet open. `driver` is the module; `settings` are the driver's own, or parts of a URL. */
  readonly open: (driver: unknown, settings: ConnectionSettings, purpose: Purpose) => Connection
  /** What a URL says, as driver settings. Files that it names are looked for from `root`. Throws UsageError `config.bad-url`. */
  readonly settingsOf: (url: DatabaseUrl, root: string) => Readonly<Record<string, unknown>>
  /** Facts of an open connection, in one round trip. */
  readonly greet: (connection: Connection) => Promise<Greeting>
  /** Settings of the session for a run that changes something. `label` says who runs, for others to see. */
  readonly prepareRun: (connection: Connection, label: string) => Promise<void>
  /** Who set a limit of time (`DriverError.limit`), in words that follow its name; null where nobody outside of the run did. */
  readonly limitOrigin: (connection: Connection, name: string) => Promise<string | null>
  /** How many bytes of a statement the server takes, and by which setting; null where nothing limits them. */
  readonly longestStatement: (connection: Connection) => Promise<LongestStatement | null>
  readonly lock: LockAnswers
  readonly tables: TableAnswers
  readonly histories: HistoryAnswers
  readonly transaction: TransactionAnswers
  /** What an error of the driver means. Never throws. */
  readonly describe: (error: unknown) => DriverError
  /** Parts of the server's messages that are made of rows: they may hold what was bound, shortened or written in another way. */
  readonly quotedData: readonly RegExp[]
  /** How long a statement of a migration may wait for the locks of others. */
  readonly lockWait: LockWaitAnswers
  readonly statements: StatementAnswers
  readonly sessionState: SessionStateAnswers
  readonly activity: ActivityAnswers
  readonly effects: EffectAnswers
  readonly losses: LossAnswers
}

export interface LongestStatement {
  readonly bytes: number
  readonly setting: string
}
