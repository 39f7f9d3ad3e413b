// What a migration must not do, and what its statements are.

import { MigrationError } from '../core/errors.js'
import type { Step } from '../core/graph/plan.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Trace } from './trace.js'

/** A builder without `await` never runs, or runs when nobody waits for it. A merge has nothing to run. */
export function assertRan(step: Step, { statements, running }: Trace): void {
  const { revision, path, empty, downRevisions } = step.revision
  const name = step.direction
  if (running > 0) {
    throw new MigrationError(
      'migration.failed',
      `${running === 1 ? 'A query was' : `${running} queries were`} still running when ${name} of ${revision} (${path}) returned.`,
      {
        hint: 'Put `await` before every query.',
        revision,
        path,
      },
    )
  }
  if (statements > 0 || empty || downRevisions.length > 1 || name === 'down') return
  throw new MigrationError(
    'migration.no-statement',
    `${name} of ${revision} (${path}) ran no statement. Nothing was changed.`,
    {
      hint: 'A query without `await` never runs. If there is truly nothing to do: export const empty = true',
      revision,
      path,
    },
  )
}

/** Statements that surely change nothing: a select that calls a function may change anything. */
export function isRead(sql: string): boolean {
  if (/;\s*\S/.test(sql)) return false
  const isPlain =
    /^\s*(show|explain|describe|pragma\s+\w+\s*$|set\s+(?!global|persist))\b/i.test(sql) ||
    /^\s*select\b[^(]*$/i.test(sql)
  return isPlain || isTransactionControl(sql)
}

/** What ends a transaction belongs to mig; a nested `knex.transaction` is a savepoint and stays. */
export function assertKeepsTransaction(step: Step, sql: string): void {
  const bare = /^\s*create\b/i.test(sql) ? '' : sql.replace(/\$(\w*)\$[\s\S]*?\$\1\$|'[^']*'|--[^\n]*/g, '')
  if (/(^|;)\s*(commit|end|abort|begin|start\s+transaction|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b/i.test(bare))
    throw endedItself(step)
}

export function endedItself(step: Step): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError(
    'migration.failed',
    `${revision} (${path}) ends or begins the transaction that mig runs it in. It was rolled back.`,
    {
      hint: `Leave commit and rollback to mig. To run without its transaction: export const transaction = false`,
      revision,
      path,
    },
  )
}

export function isTransactionControl(sql: string): boolean {
  return /^\s*(begin|commit|rollback|start\s+transaction|savepoint|release)\b/i.test(sql)
}

export function objected(step: Step, objection: string): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError('migration.failed', `${revision} (${path}) was not committed: ${objection}.`, {
    hint: 'While a migration runs on SQLite, foreign keys are checked at its end and ON DELETE actions do not run: delete or correct those rows in the migration itself.',
    revision,
    path,
  })
}

export function missingDown(revision: RevisionId): MigrationError {
  return new MigrationError('migration.irreversible', `${revision} has no down.`, { revision })
}
