// PostgreSQL: the statements that begin and end transactions and savepoints.

import { type Cursor, isKeyword, type Statement } from '../../core/sql/sql.js'
import type { ControlKind, StatementFacts } from '../contract/statements.js'
import { cursorIn } from './lexicon.js'

type Facts = Partial<StatementFacts>

export function ofBegin(): Facts {
  return { control: { kind: 'begin', savepoint: null }, endsTransaction: true, allOrNothing: false }
}

/** COMMIT, END, ABORT, ROLLBACK. With `and chain` another transaction is open after it. */
export function ofEnd(kind: ControlKind, statement: Statement): Facts {
  const cursor = cursorIn(statement)
  cursor.next()
  if (cursor.take('prepared')) return {}
  return { control: { kind, savepoint: null }, endsTransaction: true, allOrNothing: false }
}

export function ofRollback(statement: Statement): Facts {
  const cursor = cursorIn(statement)
  cursor.take('rollback')
  takeTransaction(cursor)
  return cursor.take('to') ? ofNamed('rollback to', cursor) : ofEnd('rollback', statement)
}

export function ofSavepoint(statement: Statement): Facts {
  const cursor = cursorIn(statement)
  cursor.take('savepoint')
  return { control: { kind: 'savepoint', savepoint: nameIn(cursor) } }
}

export function ofRelease(statement: Statement): Facts {
  const cursor = cursorIn(statement)
  cursor.take('release')
  return ofNamed('release', cursor)
}

/** PREPARE TRANSACTION ends the transaction of this session, whatever becomes of it. */
export function ofPrepare(statement: Statement): Facts {
  return isKeyword(statement[1], 'transaction') && statement[2]?.kind === 'literal'
    ? { endsTransaction: true, allOrNothing: false }
    : { ofSession: true }
}

function takeTransaction(cursor: Cursor): void {
  if (!cursor.take('work')) cursor.take('transaction')
}

/** A savepoint may itself be called so: `release savepoint`. */
function ofNamed(kind: 'release' | 'rollback to', cursor: Cursor): Facts {
  if (cursor.rest().length > 1) cursor.take('savepoint')
  return { control: { kind, savepoint: nameIn(cursor) } }
}

const longestName = 63

/** A longer name is cut, as all names are (manual, "Identifiers and Key Words"). */
function nameIn(cursor: Cursor): string | null {
  const name = cursor.name()
  if (name === null || Buffer.byteLength(name) <= longestName) return name
  return new TextDecoder().decode(Buffer.from(name).subarray(0, longestName), { stream: true })
}
