// Session: one pinned connection, with what is known about its database. Open and close.

import { createHash } from 'node:crypto'
import { EngineError } from '../core/errors.js'
import { describePlace, type Place } from '../core/place.js'
import { loadPackage } from '../engines/driver.js'
import type { Connection, ConnectionSettings, Purpose } from '../engines/contract/connection.js'
import type { Engine, KnexConfig } from '../engines/contract/engine.js'
import type { TableNames } from '../engines/contract/tables.js'
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
  /** Whether each statement reaches the same session of the server: behind a pooler it does not. */
  readonly keepsSession: boolean
  readonly tables: TableNames
  /** Names the history table in its database, for the lock. 40 hexadecimal digits. */
  readonly lockKey: string
  readonly knexConfig: KnexConfig
  readonly settings: ConnectionSettings
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
}

/** A connection that is not open yet, with its place: so that a run can say where it goes before it goes there. */
export function prepareSession(request: SessionRequest): {
  readonly place: Place
  readonly open: () => Promise<Session>
} {
  const { engine, settings, environment, purpose } = request
  const connection = engine.open(loadPackage(settings.root, engine.driver), settings, purpose)
  const place: Place = { ...connection.place, environment }
  return { place, open: () => withWords(engine, place, () => openSession(request, connection, place)) }
}

async function openSession(request: SessionRequest, connection: Connection, place: Place): Promise<Session> {
  const { engine, settings, knexConfig, historySchema, historyTable } = request
  try {
    await connection.connect()
    const { schema, readOnly, version, weakLock, keepsSession } = await engine.greet(connection)
    const home = engine.name === 'sqlite' ? null : (historySchema ?? schema)
    if (home === null && engine.name !== 'sqlite') throw noSchema(place)
    return {
      engine,
      connection,
      place,
      version,
      readOnly,
      weakLock,
      keepsSession,
      tables: tableNames(engine, home, historyTable),
      lockKey: createHash('sha1')
        .update(JSON.stringify([home, historyTable]))
        .digest('hex'),
      knexConfig,
      settings,
      reopen: () => prepareSession(request).open(),
      close: () => connection.close().catch(() => undefined),
    }
  } catch (error) {
    await connection.close().catch(() => undefined)
    throw error
  }
}

/** `mig_history` has `mig_state` and `mig_journal` beside it; `x` has `x_state` and `x_journal`. */
function tableNames(engine: Engine, schema: string | null, historyTable: string): TableNames {
  const { quote } = engine.tables
  const full = (table: string) => (schema === null ? quote(table) : `${quote(schema)}.${quote(table)}`)
  const stem = historyTable.replace(/_history$/, '')
  return { history: full(historyTable), state: full(`${stem}_state`), journal: full(`${stem}_journal`) }
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
