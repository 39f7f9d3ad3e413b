// SQLite: its answers.

import { type Engine, sessionLockWait } from '../engine.js'
import { openConnection } from './connection.js'
import { describe } from './errors.js'
import { lock } from './lock.js'
import { greet, prepareRun, settingsOf } from './session.js'
import { tables } from './tables.js'
import { transaction } from './transaction.js'

export const sqlite: Engine = {
  name: 'sqlite',
  driver: 'better-sqlite3',
  knexClients: ['better-sqlite3', 'sqlite3', 'sqlite'],
  knexClient: 'better-sqlite3',
  transactionalDdl: true,
  open: openConnection,
  settingsOf,
  greet,
  prepareRun,
  lock,
  tables,
  transaction,
  lockWait: sessionLockWait,
  describe,
  commitsImplicitly: () => false,
  isAllOrNothing: (sql) => !/;\s*\S/.test(sql),
}
