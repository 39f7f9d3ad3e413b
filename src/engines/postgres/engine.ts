// PostgreSQL: its answers.

import type { Engine } from '../contract/engine.js'
import { noLosses } from '../contract/losses.js'
import { activity } from './activity.js'
import { openConnection } from './connection.js'
import { effects } from './effects.js'
import { describe, quotedData } from './errors.js'
import { histories } from './histories.js'
import { lock } from './lock.js'
import { greet, limitOrigin, prepareRun } from './session.js'
import { sessionState } from './session-state.js'
import { statements } from './statements.js'
import { tables } from './tables.js'
import { transaction } from './transaction.js'
import { settingsOf } from './url.js'

export const postgres: Engine = {
  name: 'postgres',
  driver: 'pg',
  knexClient: 'pg',
  knexConfig: { client: 'pg' },
  transactionalDdl: true,
  hasSchemas: true,
  databasesAreSchemas: false,
  streamsRows: true,
  hasOneWriter: false,
  leaseIsolation: 'read committed',
  chainsWrites: true,
  open: openConnection,
  settingsOf,
  greet,
  prepareRun,
  limitOrigin,
  longestStatement: () => Promise.resolve(null),
  lock,
  tables,
  histories,
  transaction,
  lockWait: {
    setting: 'lock_timeout',
    limit: (ms, scope) => `set ${scope === 'transaction' ? 'local ' : ''}lock_timeout = ${ms}`,
    beside: (ms) => `set lock_timeout = ${ms}`,
    expression: (ms) => `pg_catalog.set_config('lock_timeout', '${ms}', true)`,
  },
  describe,
  quotedData,
  statements,
  sessionState,
  activity,
  effects,
  losses: noLosses,
}
