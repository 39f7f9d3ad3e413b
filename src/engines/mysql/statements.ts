// MySQL and MariaDB: which statements end a transaction. "Statements That Cause an Implicit Commit", MySQL manual 15.3.3.

import { controlKind, endsTransaction, isOfSession, isTemporary, onlyReads } from '../../core/sql/guess.js'
import type { StatementAnswers } from '../contract/statements.js'
import { sessionState } from './session-state.js'
/**
 * Statements that leave the open transaction open. Everything else is taken to commit it: an error on the safe side. So
 * are EXECUTE and CALL, which may hold DDL; when they did not commit, the mark is rolled back with the rest.
 */
const staysInTransaction =
  /^(select|insert|update|delete|replace|set(?!\s+(?:@@)?(?:global|persist|session\s+autocommit|autocommit|password))|show|explain|describe|desc|with|values|table|do|use|handler|savepoint|release|rollback\s+to|start\s+transaction|begin|commit|rollback|prepare|deallocate|kill|create\s+temporary\s+table|drop\s+temporary\s+table)\b/i

export function commitsImplicitly(sql: string): boolean {
  return hasSeveral(sql) || !staysInTransaction.test(withoutLeadingComments(sql))
}

/** Several statements in one text: what they do is not looked into. A `;` in a literal errs on the safe side. */
function hasSeveral(sql: string): boolean {
  return /;\s*\S/.test(sql)
}

/** DDL on one object. MariaDB drops the tables of a list that are there and then fails for the one that is not. */
export function isAllOrNothing(sql: string): boolean {
  const bare = withoutLeadingComments(sql)
  return (
    /^(create|alter|drop|rename|truncate)\b/i.test(bare) &&
    !hasSeveral(sql) &&
    !/^drop\s+(table|view)\b[^;]*,/i.test(bare)
  )
}

function withoutLeadingComments(sql: string): string {
  return sql.replace(/^(\s+|--[^\n]*\n|#[^\n]*\n|\/\*(?!!)[\s\S]*?\*\/|\()+/, '')
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
      commits: commitsImplicitly(sql),
      mayControl: /^\s*(call|execute)\b/i.test(sql),
      refusesTransaction: false,
      endsGroup: false,
      allOrNothing: isAllOrNothing(sql),
      temporary: isTemporary(sql),
      changesSettings: sessionState.mayChange(sql),
      tableLocks: /^\s*lock\s+tables?\b/i.test(sql) ? 'take' : /^\s*unlock\s+tables?\b/i.test(sql) ? 'free' : null,
      waitsLong: false,
    }
  },
}
