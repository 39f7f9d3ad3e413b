// What a migration must not do, and what its statements are.

import { MigrationError, PartialError } from '../core/errors.js'
import type { Step } from '../core/graph/plan.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import type { Trace } from './step-state.js'

/** A builder without `await` never runs, or runs when nobody waits for it. A merge has nothing to run. */
export function assertRan({ work: { step }, statements, running }: Trace): void {
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

/** Functions of SQL that only compute: a select with no other one has no effect but its result. */
const pure =
  /^(select|in|and|or|not|on|as|exists|values|where|from|any|all|case|when|then|count|sum|min|max|avg|coalesce|nullif|lower|upper|length|trim|cast|convert|concat|replace|substr|substring|round|abs|now|date|current_schema|current_database|current_setting|database|schema|version|to_regclass|format_type|obj_description|pg_get_expr|json_extract|group_concat|string_agg|array_agg|row_number|over|pragma_table_info|pragma_index_list|pragma_foreign_key_list|table_info|index_list|foreign_key_list|varchar|numeric|decimal|char)$/i

/** Whether a statement does nothing but answer: it need not be journalled, and may steer what follows. */
export function onlyReads(sql: string): boolean {
  const bare = withoutQuoted(sql)
  if (!/^[\s(]*(select|with|values|show|explain|describe|desc|table|pragma)\b/i.test(bare) || /;\s*\S/.test(bare))
    return false
  if (/\b(insert|update|delete|merge|into|nextval|setval)\b/i.test(bare)) return false
  return [...bare.matchAll(/([a-z_][\w.]*)\s*\(/gi)].every(([, name]) => pure.test(name ?? ''))
}

/** Whether a statement only sets up the session: it is never journalled, and is sent again when a migration is resumed. */
export function isOfSession(sql: string): boolean {
  return /^\s*(set(?!\s+(?:@@)?(?:global|persist))|reset|use|discard|pragma|attach|detach|lock\s+tables|unlock\s+tables|prepare|deallocate|savepoint|release|rollback\s+(?:work\s+|transaction\s+)?to)\b/i.test(
    sql,
  )
}

/** Whether a statement makes a table that goes with the session. */
export function isTemporary(sql: string): boolean {
  return /^\s*create\s+(?:or\s+replace\s+)?(?:global\s+|local\s+)?temp(?:orary)?\b/i.test(sql)
}

function withoutQuoted(sql: string): string {
  return sql.replace(/\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"[^"]*"|`[^`]*`|\/\*[\s\S]*?\*\/|--[^\n]*/g, (quoted) =>
    /^(--|\/\*)/.test(quoted) ? ' ' : ' q ',
  )
}

/** Found before it is sent: the server would only refuse it, and roll back what came before. */
export function needsNoTransaction({ revision: { revision, path } }: Step, sql: string): MigrationError {
  return new MigrationError(
    'migration.needs-no-transaction',
    `${revision} (${path}) has a statement that cannot run inside a transaction. It was not sent, and nothing was changed.`,
    {
      hint: `Add this line to ${path}, best with that statement alone in the migration: export const transaction = false`,
      detail: `  ${sql.slice(0, 500)}`,
      revision,
      path,
    },
  )
}

/** What ends a transaction belongs to mig; a nested `knex.transaction` is a savepoint and stays. */
export function assertKeepsTransaction(step: Step, sql: string): void {
  const bare = withoutQuoted(sql)
  // The body of a routine may begin and end what it likes.
  if (/^\s*create\b/i.test(bare)) return
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

/** It was seen too late to be prevented: what it did inside is committed or gone, and what followed was on its own. */
export function hasEndedItself(step: Step): PartialError {
  const { revision, path } = step.revision
  return new PartialError(
    'partial.unfinished',
    `${revisionTitle(step.revision)} (${path}) ended the transaction that mig ran it in. What it did before may be committed, and what it did after is.`,
    {
      hint: `Look what is there, complete or undo it by hand, then: mig resolve ${revision} --applied, or: mig resolve ${revision} --not-applied. Leave commit and rollback to mig.`,
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
