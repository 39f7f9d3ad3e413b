// PostgreSQL: its answers.

import { type Engine, plainTransaction } from '../engine.js'
import { openConnection } from './connection.js'
import { describe } from './errors.js'
import { greet, prepareRun, settingsOf } from './session.js'
import { lock } from './lock.js'
import { tables } from './tables.js'

export const postgres: Engine = {
  name: 'postgres',
  driver: 'pg',
  knexClients: ['pg', 'postgres', 'postgresql'],
  knexClient: 'pg',
  transactionalDdl: true,
  open: openConnection,
  settingsOf,
  greet,
  prepareRun,
  lock,
  tables,
  transaction: plainTransaction,
  lockWait: {
    limit: (ms, scope) => `set ${scope === 'transaction' ? 'local ' : ''}lock_timeout = ${ms}`,
    // A limit on these leaves an invalid index behind, or stops a check that blocks nobody.
    isExempt: (sql) => /\bconcurrently\b|\bvalidate\s+constraint\b/i.test(sql),
  },
  describe,
  commitsImplicitly: () => false,
  // A failed CREATE INDEX CONCURRENTLY leaves an invalid index behind (manual, CREATE INDEX, "Building Indexes Concurrently"); a
  // procedure may commit by itself; several statements in one text are one transaction.
  isAllOrNothing: (sql) => !/\bconcurrently\b|^\s*(call|do)\b/i.test(sql),
}
