// MySQL and MariaDB: their answers.

import type { Engine } from '../contract/engine.js'
import { noLosses } from '../contract/losses.js'
import { sessionLockWait } from '../contract/lock-wait.js'
import { activity } from './activity.js'
import { openConnection } from './connection.js'
import { effects } from './effects.js'
import { describe, quotedData } from './errors.js'
import { histories } from './histories.js'
import { lock } from './lock.js'
import { greet, limitOrigin, longestStatement, prepareRun } from './session.js'
import { sessionState } from './session-state.js'
import { statements } from './statements.js'
import { tables } from './tables.js'
import { transaction } from './transaction.js'
import { settingsOf } from './url.js'

export const mysql: Engine = {
  name: 'mysql',
  driver: 'mysql2',
  knexClient: 'mysql2',
  knexConfig: { client: 'mysql2' },
  transactionalDdl: false,
  hasSchemas: true,
  databasesAreSchemas: true,
  streamsRows: true,
  hasOneWriter: false,
  leaseIsolation: null,
  chainsWrites: false,
  open: openConnection,
  settingsOf,
  greet,
  prepareRun,
  limitOrigin,
  longestStatement,
  lock,
  tables,
  histories,
  transaction,
  lockWait: {
    ...sessionLockWait,
    beside: (ms) => `set session innodb_lock_wait_timeout = ${Math.ceil(ms / 1000)}`,
  },
  describe,
  quotedData,
  statements,
  sessionState,
  activity,
  effects,
  losses: noLosses,
}
