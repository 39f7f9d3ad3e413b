// PostgreSQL: which statements cannot stand in a transaction, or not with what uses them.

import { controlKind, endsTransaction, isOfSession, isTemporary, onlyReads } from '../../core/sql/guess.js'
import type { StatementAnswers } from '../contract/statements.js'
import { sessionState } from './session-state.js'
import { shapeOf, type Statement, statementsOf } from '../../core/sql/sql.js'
import { postgresLexicon } from './lexicon.js'

/** Each statement's page in the manual says so; the server answers 25001. */
const refused = [
  /^create (unique )?index concurrently\b/,
  /^drop index concurrently\b/,
  /^reindex (\( [^)]*\) )?(index|table|schema|database|system) concurrently\b/,
  /^reindex \( ([^)]* )?concurrently( (?!false|off|0|no)[^)]*)? \)/,
  /^reindex (\( [^)]*\) )?(schema|database|system)\b/,
  /^vacuum\b/,
  /^cluster( verbose| \( [^)]*\))?$/,
  /^(create|drop) (database|tablespace)\b/,
  /^(drop|create) subscription\b/,
  /^alter system\b/,
  /^alter database .* set tablespace\b/,
  /^alter table .* detach partition .* concurrently$/,
  /^alter subscription .* refresh publication\b/,
  /^(commit|rollback) prepared\b/,
]

export function refusesTransaction(sql: string): boolean {
  return mayBe.test(sql) && shapes(sql).some((shape) => refused.some((pattern) => pattern.test(shape)))
}

/** Most statements have none of these words, and need not be read. */
const mayBe = /\b(concurrently|reindex|vacuum|cluster|database|tablespace|subscription|system|prepared)\b/i

/** "If ALTER TYPE ... ADD VALUE is executed in a transaction block, the new value cannot be used until it has been committed." */
export function endsGroup(sql: string): boolean {
  return /\bvalue\b/i.test(sql) && shapes(sql).some((shape) => /^alter type .* add value\b/.test(shape))
}

function shapes(sql: string): readonly string[] {
  return statementsOf(sql, postgresLexicon).map((statement: Statement) => shapeOf(statement))
}

export const statements: StatementAnswers = {
  read(sql) {
    const kind = controlKind(sql)
    return {
      count: 1,
      reads: kind === null && onlyReads(sql),
      ofSession: isOfSession(sql),
      control: kind === null ? null : { kind, savepoint: null },
      endsTransaction: endsTransaction(sql),
      commits: false,
      mayControl: /^\s*(call|do)\b/i.test(sql),
      refusesTransaction: refusesTransaction(sql),
      endsGroup: endsGroup(sql),
      allOrNothing: !/\bconcurrently\b|^\s*(call|do)\b/i.test(sql),
      temporary: isTemporary(sql),
      changesSettings: sessionState.mayChange(sql),
      tableLocks: null,
      waitsLong: /\bconcurrently\b|\bvalidate\s+constraint\b/i.test(sql),
    }
  },
}
