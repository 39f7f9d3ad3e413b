// What a migration must not do, and what its statements are.

import type { Diagnostic } from '../core/diagnostic.js'
import { MigrationError, PartialError, UnsettledError } from '../core/errors.js'
import type { Step } from '../core/graph/plan.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import { byHand, resumeCommand } from '../core/ways-out.js'
import type { Loss } from '../engines/contract/losses.js'
import type { Caller } from './caller.js'
import type { Trace } from './step-state.js'
import { excerpt, shownOfStatement } from '../core/render/excerpt.js'

/** Found before it is sent: the server would only refuse it, and roll back what came before. */
export function needsNoTransaction({ revision: { revision, path } }: Step, sql: string): MigrationError {
  return new MigrationError(
    'migration.needs-no-transaction',
    `${revision} (${path}) has a statement that cannot run inside a transaction. It was not sent, and nothing was changed.`,
    {
      hint: `Add this line to ${path}, best with that statement alone in the migration: export const transaction = false`,
      detail: `  ${excerpt(sql, shownOfStatement)}`,
      revision,
      path,
    },
  )
}

/** What ends a transaction belongs to mig; a nested `knex.transaction` is a savepoint and stays. `sql`: where it is a text. */
export function endedItself(step: Step, sql: string | null = null): UnsettledError {
  const { revision, path } = step.revision
  return new UnsettledError(`${revision} (${path}) ends or begins the transaction that mig runs it in.`, {
    hint: `Leave commit and rollback to mig. To run without its transaction: export const transaction = false`,
    ...(sql !== null && { detail: `  ${excerpt(sql, shownOfStatement)}` }),
    revision,
    path,
  })
}

/** What ended a transaction when no statement that mig saw did. */
export const pastMig = 'Something that did not pass mig (the raw connection?)'

/** A statement committed mig's transaction, and nothing foresaw it: what is there is marked, and nothing more was sent. */
export function committedByItself(trace: Trace, sql: string | null): PartialError {
  const { step } = trace.work
  const changes = trace.changes - trace.changesBefore
  const { revision, path } = step.revision
  const what = sql === null ? pastMig : 'A statement'
  const verb = step.direction === 'up' ? 'upgrade' : 'downgrade'
  return new PartialError(
    'partial.unfinished',
    `The ${verb} of ${revisionTitle(step.revision)} was stopped: ${lowerFirst(what)} committed the transaction that mig runs it in. ${committed(changes)}, and nothing after ${changes === 1 ? 'it' : 'them'} was sent.`,
    {
      hint: `Give it no transaction, and go on where it stopped: write \`export const transaction = false\` into ${path}, then: ${resumeCommand(step.direction)}. Or ${byHand(revision)}`,
      ...(sql !== null && { detail: `  ${excerpt(sql, shownOfStatement)}` }),
      revision,
      path,
    },
  )
}

function committed(changes: number): string {
  if (changes === 0) return 'No statement of it that changes something was done before'
  return changes === 1
    ? 'One statement that changes something is in the database'
    : `${changes} statements that change something are in the database`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** A statement rolled mig's transaction back and reported no error. */
export function rolledBackByItself(step: Step, sql: string | null): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError(
    'migration.failed',
    `${revisionTitle(step.revision)} (${path}) cannot go on: ${sql === null ? 'something that did not pass mig' : 'a statement'} rolled back the transaction that mig runs it in. Nothing of it is in the database.`,
    {
      hint: 'Leave commit and rollback to mig. A procedure that handles a deadlock by itself hides that all was rolled back: let the error through.',
      ...(sql !== null && { detail: `  ${excerpt(sql, shownOfStatement)}` }),
      revision,
      path,
    },
  )
}

/** A query that came after `up`, or the named step, had returned: nobody waits for it, and it belongs to no record. */
export function lateQuery({ work, step }: Pick<Caller, 'work' | 'step'>, sql: string): MigrationError {
  const { revision, path } = work.step.revision
  const what = step === null ? work.step.direction : `step “${step}”`
  return new MigrationError(
    'migration.failed',
    `A query of ${revision} (${path}) came after its ${what} had returned, and was not sent.`,
    { hint: 'Put `await` before every query.', detail: `  ${excerpt(sql, shownOfStatement)}`, revision, path },
  )
}

/** What begins or ends a transaction as text, while one of the migration is open that it does not belong to. */
export function transactionBeside(step: Step, sql: string): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError(
    'migration.failed',
    `${revision} (${path}) begins or ends a transaction beside one of its own that is open. It was not sent.`,
    {
      hint: 'Nest it in the first (`trx.transaction`), or begin it after that has ended.',
      detail: `  ${excerpt(sql, shownOfStatement)}`,
      revision,
      path,
    },
  )
}

/** The migration returned while a transaction was open that it had begun. */
export function leftOpen(step: Step): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError(
    'migration.failed',
    `${revision} (${path}) returned while a transaction was open that it had begun itself; that was rolled back.`,
    { hint: 'Commit it in the migration, or leave transactions to mig.', revision, path },
  )
}

export function objected(step: Step, objection: string): MigrationError {
  const { revision, path } = step.revision
  return new MigrationError('migration.failed', `${revision} (${path}) was not committed: ${objection}.`, {
    hint: 'While a migration runs on SQLite, foreign keys are checked at its end and ON DELETE actions do not run: delete or correct those rows in the migration itself.',
    revision,
    path,
  })
}

/** A table was rebuilt, and what hung on it went with the old one. */
export function lost({ revision: { revision, path } }: Step, losses: readonly Loss[]): MigrationError {
  return new MigrationError(
    'migration.lost',
    `${revision} (${path}) was not committed: it rebuilds a table, and ${namesOf(losses)} would be lost with the old one.`,
    {
      hint: `Make it again at the end of ${path}, as above. If it is meant to go: drop it in a migration before this one.`,
      detail: losses.map(({ sql }) => sql.replace(/^/gm, '  ')).join('\n\n'),
      revision,
      path,
    },
  )
}

/** The same where it cannot be rolled back. */
export function lostForGood({ revision: { revision, path } }: Step, losses: readonly Loss[]): Diagnostic {
  return {
    code: 'migration.lost',
    severity: 'warning',
    message: `${revision} rebuilt a table, and ${namesOf(losses)} went with the old one.`,
    hint: 'If that was not meant, make it again in a new migration, as above.',
    detail: losses.map(({ sql }) => sql.replace(/^/gm, '  ')).join('\n\n'),
    revision,
    path,
  }
}

function namesOf(losses: readonly Loss[]): string {
  return losses.map(({ what }) => what).join(', ')
}

export function missingDown(revision: RevisionId): MigrationError {
  return new MigrationError('migration.irreversible', `${revision} has no down.`, { revision })
}
