// SQLite: its answers.

import type { Engine } from '../contract/engine.js'
import { sessionLockWait } from '../contract/lock-wait.js'
import { activity } from './activity.js'
import { openConnection } from './connection.js'
import { effects } from './effects.js'
import { describe } from './errors.js'
import { histories } from './histories.js'
import { lock } from './lock.js'
import { losses } from './losses.js'
import { greet, prepareRun, settingsOf } from './session.js'
import { sessionState } from './session-state.js'
import { statements } from './statements.js'
import { tables } from './tables.js'
import { transaction } from './transaction.js'

export const sqlite: Engine = {
  name: 'sqlite',
  driver: 'better-sqlite3',
  knexClient: 'better-sqlite3',
  knexConfig: { client: 'better-sqlite3', useNullAsDefault: true },
  transactionalDdl: true,
  hasSchemas: false,
  databasesAreSchemas: false,
  streamsRows: false,
  hasOneWriter: true,
  leaseIsolation: null,
  chainsWrites: false,
  open: openConnection,
  settingsOf,
  greet,
  prepareRun,
  limitOrigin: () => Promise.resolve(null),
  longestStatement: () => Promise.resolve(null),
  lock,
  tables,
  histories,
  transaction,
  lockWait: sessionLockWait,
  describe,
  quotedData: [],
  statements,
  sessionState,
  activity,
  effects,
  losses,
}
