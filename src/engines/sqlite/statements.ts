// SQLite: what a statement does, as far as its text tells. No statement of SQLite commits what is not its own, and DDL
// can be rolled back like rows.

import {
  type ControlKind,
  factsOfText,
  plainStatement,
  type StatementAnswers,
  type StatementFacts,
} from '../contract/statements.js'
import type { Token } from '../../core/sql/pieces.js'
import { cursorOn, followEach, isKeyword, type Statement, type StatementFollower } from '../../core/sql/sql.js'
import { sqliteLexicon } from './lexicon.js'
import { pragmaKind, refusesTransaction } from './pragmas.js'
import { followQuery } from './queries.js'

export const statements: StatementAnswers = {
  read: (sql) => factsOfText(followEach(sql, sqliteLexicon, follow)),
  isDamaged: () => false, // a placeholder stays as it is
}

/** So many pieces say what a statement is; only a query is looked at to its end. */
const longestHead = 12

/** What is kept of a statement while it is followed. */
interface Seen {
  /** Its first pieces; of one behind `with`, those where its tables are over. */
  readonly head: Statement
  readonly onlyAnswers: () => boolean
}

function follow(): StatementFollower<StatementFacts> {
  const head: Token[] = []
  const main: Token[] = []
  const query = followQuery()
  const isMain = followTables()
  return {
    see(token) {
      if (head.length < longestHead) head.push(token)
      if (isKeyword(head[0], 'with') && isMain(token) && main.length < longestHead) main.push(token)
      if (isQuery(head[0])) query.see(token)
    },
    found: () => ({
      ...plainStatement,
      ...factsOf({ head: main.length > 0 ? main : head, onlyAnswers: () => query.found() }),
    }),
  }
}

function isQuery(first: Token | undefined): boolean {
  return isKeyword(first, 'select') || isKeyword(first, 'values') || isKeyword(first, 'with')
}

/** Tells the pieces behind the tables of `with`: after a parenthesis that no comma and no `as` follows. */
function followTables(): (token: Token) => boolean {
  let depth = 0
  let isOver = false
  let before: Token | undefined
  return (token) => {
    isOver ||= depth === 0 && isKeyword(before, ')') && !isKeyword(token, ',') && !isKeyword(token, 'as')
    if (isKeyword(token, '(')) depth++
    if (isKeyword(token, ')')) depth--
    before = token
    return isOver
  }
}

type Facts = Partial<StatementFacts>

const read: Facts = { reads: true }
const ofSession: Facts = { ofSession: true, changesSettings: true }

/** What differs from a plain statement, by the first word (sqlite.org/lang.html). */
const readers: ReadonlyMap<string, (head: Statement, seen: Seen) => Facts> = new Map([
  ['select', ofQuery],
  ['values', ofQuery],
  ['explain', ofExplain],
  ['insert', ofWrite],
  ['update', ofWrite],
  ['create', ofCreate],
  ['pragma', ofPragma],
  ['attach', () => ofSession],
  // Refused where the database was used in the transaction: "database is locked".
  ['detach', () => ({ ...ofSession, refusesTransaction: true })],
  ['vacuum', ofVacuum],
  ['begin', () => control('begin')],
  ['commit', () => control('commit')],
  ['end', () => control('commit')],
  ['rollback', ofRollback],
  ['savepoint', (head) => ofSavepoint('savepoint', head, 'savepoint')],
  ['release', (head) => ofSavepoint('release', head, 'release')],
])

function factsOf(seen: Seen): Facts {
  const [first] = seen.head
  return (first?.kind === 'word' && readers.get(first.text.toLowerCase())?.(seen.head, seen)) || {}
}

/** What an unknown function does to the connection is not known either. */
function ofQuery(_head: Statement, { onlyAnswers }: Seen): Facts {
  return onlyAnswers() ? read : { changesSettings: true }
}

/**
 * OR FAIL keeps the rows before the one that failed. A conflict clause of the table, or RAISE(FAIL) in a trigger, does
 * the same and is not in the text: whatever can be in a transaction is to be sent in one.
 */
function ofWrite([, or, fail]: Statement): Facts {
  return { allOrNothing: !(isKeyword(or, 'or') && isKeyword(fail, 'fail')) }
}

/** It does not run what it explains, but a pragma takes effect while it is compiled. */
function ofExplain(head: Statement): Facts {
  const cursor = cursorOn(head)
  cursor.take('explain')
  cursor.take('query plan')
  const explained = cursor.rest()
  return isKeyword(explained[0], 'pragma') ? ofPragma(explained) : read
}

/** What is made in the schema `temp`, by a word or by its name, goes with the connection. */
function ofCreate(head: Statement): Facts {
  const cursor = cursorOn(head)
  cursor.take('create')
  if (cursor.take('temp') || cursor.take('temporary')) return { temporary: true }
  cursor.take('unique')
  cursor.take('virtual')
  void ['table', 'view', 'trigger', 'index'].some((kind) => cursor.take(kind))
  cursor.take('if not exists')
  return { temporary: cursor.qualifiedName()?.schema?.toLowerCase() === 'temp' }
}

function ofPragma(head: Statement): Facts {
  const cursor = cursorOn(head)
  cursor.take('pragma')
  // In quotes of a string it is a name too, which is not looked at.
  const name = cursor.qualifiedName()?.name ?? ''
  const hasValue = cursor.rest().length > 0
  return { ...ofPragmaKind(name, hasValue), refusesTransaction: refusesTransaction(name, hasValue) }
}

function ofPragmaKind(name: string, hasValue: boolean): Facts {
  switch (pragmaKind(name)) {
    case 'tells':
      return read
    case 'session':
      return hasValue ? ofSession : read
    case 'file':
      return hasValue ? {} : read
    case 'storage':
      return hasValue ? { changesSettings: true } : read
    case 'works':
      return { allOrNothing: false }
    case 'unknown':
      return { allOrNothing: false, changesSettings: true }
  }
}

/** VACUUM INTO leaves what it has written of the other file. */
function ofVacuum(head: Statement): Facts {
  return { refusesTransaction: true, allOrNothing: !head.some((token) => isKeyword(token, 'into')) }
}

function control(kind: ControlKind, savepoint: string | null = null): Facts {
  const isSavepoint = kind === 'savepoint' || kind === 'release' || kind === 'rollback to'
  return { control: { kind, savepoint }, endsTransaction: !isSavepoint }
}

/** ROLLBACK [TRANSACTION [name]] [TO [SAVEPOINT] name]. */
function ofRollback(head: Statement): Facts {
  const to = head.findIndex((token) => isKeyword(token, 'to'))
  return to < 0 ? control('rollback') : ofSavepoint('rollback to', head.slice(to), 'to')
}

/** SQLite compares the names without regard to case. */
function ofSavepoint(kind: ControlKind, statement: Statement, before: string): Facts {
  const cursor = cursorOn(statement)
  cursor.take(before)
  if (cursor.rest().length > 1) cursor.take('savepoint')
  return control(kind, cursor.name()?.toLowerCase() ?? null)
}
