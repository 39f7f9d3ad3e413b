// Session: one pinned connection, with what is known about its database. Open and close.

import { createHash } from 'node:crypto'
import { EngineError } from '../core/errors.js'
import { describePlace, type Place } from '../core/place.js'
import { loadPackage } from '../engines/driver.js'
import type { Connection, ConnectionSettings, Purpose } from '../engines/contract/connection.js'
import type { Engine, KnexConfig } from '../engines/contract/engine.js'
import type { Home } from '../engines/contract/histories.js'
import type { TableNames } from '../engines/contract/tables.js'
import { sendingAgain } from './again.js'
import { withWords } from './driver-errors.js'

export interface Session {
  readonly engine: Engine
  readonly connection: Connection
  readonly place: Place
  /** "PostgreSQL 18.4" */
  readonly version: string
  /** Why nothing can be written; null when it can. */
  readonly readOnly: string | null
  /** Why a lock of the session would not hold here; null when it does. */
  readonly weakLock: string | null
  /** Whether several servers, each with a clock of its own, answer for the database. */
  readonly hasSeveralClocks: boolean
  /** Whether each statement reaches the same session of the server: behind a pooler it does not. */
  readonly keepsSession: boolean
  readonly home: Home
  /** The same, quoted. */
  readonly tables: TableNames
  /** Names the history table in its database, for the lock. 40 hexadecimal digits. */
  readonly lockKey: string
  readonly knexConfig: KnexConfig
  readonly settings: ConnectionSettings
  /** The only schemas in which mig's tables can be meant to be; null where the session alone decides. */
  readonly ownSchemas: readonly string[] | null
  /** Takes the history that is there for this session's, and for whatever is reopened from it. */
  moveTo(home: Home): void
  /** Another session to the same database, when the connection of this one is gone. */
  reopen(): Promise<Session>
  close(): Promise<void>
}

export interface SessionRequest {
  readonly engine: Engine
  readonly settings: ConnectionSettings
  readonly knexConfig: KnexConfig
  readonly purpose: Purpose
  readonly environment: string
  readonly historyTable: string
  /** Null: where the connection puts unqualified tables. */
  readonly historySchema: string | null
  /** Overrides both. */
  readonly home?: Home
}

/** A connection that is not open yet, with its place: so that a run can say where it goes before it goes there. */
export function prepareSession(request: SessionRequest): {
  readonly place: Place
  readonly open: () => Promise<Session>
  /** Ends the opening at once; `open` throws then. */
  readonly abandon: () => void
} {
  const { engine, settings, environment, purpose } = request
  const connection = engine.open(loadPackage(settings.root, engine.driver), settings, purpose)
  const place: Place = { ...connection.place, environment }
  return {
    place,
    open: () => withWords(engine, place, () => openSession(request, connection, place)),
    abandon: () => connection.abandon(),
  }
}

async function openSession(request: SessionRequest, connection: Connection, place: Place): Promise<Session> {
  const { engine, settings, knexConfig, historySchema, historyTable } = request
  try {
    await connection.connect()
    const { schema, silence, ...greeting } = await engine.greet(connection)
    if (silence !== null) throw answersNothing(place, silence)
    const home = request.home ?? homeIn((engine.hasSchemas ? historySchema : null) ?? schema, historyTable)
    if (home === null) throw noSchema(place)
    let found = namesOf(engine, home)
    return {
      ...{ ...greeting, engine, place, knexConfig, settings },
      connection: greeting.hasSeveralClocks ? sendingAgain(engine, connection) : connection,
      ownSchemas: historySchema === null ? ownDatabases(request, place, home) : [historySchema],
      get home() {
        return found.home
      },
      get tables() {
        return found.tables
      },
      get lockKey() {
        return found.lockKey
      },
      moveTo: (other) => void (found = namesOf(engine, other)),
      reopen: () => prepareSession({ ...request, home: found.home }).open(),
      close: () => connection.close().catch(() => undefined),
    }
  } catch (error) {
    // It may not be answering: nothing is waited for.
    connection.abandon()
    throw error
  }
}

/** `mig_history` has `mig_state` and `mig_journal` beside it; `x` has `x_state` and `x_journal`. Null without a schema. */
function homeIn(schema: string | null, historyTable: string): Home | null {
  const stem = historyTable.replace(/_history$/, '')
  return schema === null ? null : { schema, history: historyTable, state: `${stem}_state`, journal: `${stem}_journal` }
}

/** All that follows from where the tables are. */
function namesOf({ tables: { quote } }: Engine, home: Home) {
  const full = (table: string) => `${quote(home.schema)}.${quote(table)}`
  const key = JSON.stringify([home.schema, home.history])
  return {
    home,
    tables: { history: full(home.history), state: full(home.state), journal: full(home.journal) } satisfies TableNames,
    lockKey: createHash('sha1').update(key).digest('hex'),
  }
}

/** A session may have left the database that the connection was made for. */
function ownDatabases({ engine }: SessionRequest, { database }: Place, { schema }: Home): readonly string[] | null {
  return engine.databasesAreSchemas && database !== '' ? [database, schema] : null
}

/** It may be on its way back: whoever has time tries again. */
function answersNothing(place: Place, silence: string): EngineError {
  return new EngineError('engine.unreachable', `${describePlace(place)} answers no query, because ${silence}.`, {
    hint: 'Connect to another node, or run the same command again when this one has joined its cluster.',
  })
}

function noSchema(place: Place): EngineError {
  return new EngineError(
    'engine.unsupported',
    `${describePlace(place)} has no schema or database selected, so there is no place for the history.`,
    {
      hint: 'Name a database in the URL, or set `historySchema` in mig.config.ts.',
    },
  )
}
