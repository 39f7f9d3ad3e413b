// MySQL and MariaDB: what the catalog shows of a statement that may have run. DDL commits by itself, so that after a lost
// connection nobody else can tell. An ALTER with several actions does all or nothing: one of them tells for all.

import type { Connection } from '../contract/connection.js'
import type { Effect, EffectAnswers } from '../contract/effects.js'
import {
  type Cursor,
  cursorOn,
  mayStartWith,
  onlyStatement,
  partsOf,
  type QualifiedName,
  shapeOf,
  type Statement,
  statementsOf,
} from '../../core/sql/sql.js'
import { mysqlLexicon } from './lexicon.js'

export const effects: EffectAnswers = {
  of(sql) {
    const statement = telling.test(sql) ? onlyStatement(sql, mysqlLexicon) : null
    const change = statement === null ? null : changeBy(cursorOn(statement))
    return change === null ? null : effectOf(change)
  },
  isRepeatable: (sql) => statementsOf(sql, mysqlLexicon).every(isRepeatable),
  cleanup: () => null,
}

const telling = mayStartWith('create|drop|rename|alter')

/** Something of a schema that comes or goes. */
interface Change {
  readonly kind: keyof typeof catalog
  /** Of the table, for what belongs to one. */
  readonly schema: string | null
  readonly table: string | null
  readonly name: string
  readonly after: Effect['after']
}

/** Where each kind of thing is listed, and under which columns. */
const catalog = {
  table: { from: 'tables', schema: 'table_schema', table: null, name: 'table_name', also: '' },
  view: { from: 'views', schema: 'table_schema', table: null, name: 'table_name', also: '' },
  trigger: { from: 'triggers', schema: 'trigger_schema', table: null, name: 'trigger_name', also: '' },
  event: { from: 'events', schema: 'event_schema', table: null, name: 'event_name', also: '' },
  procedure: routine('PROCEDURE'),
  function: routine('FUNCTION'),
  column: { from: 'columns', schema: 'table_schema', table: 'table_name', name: 'column_name', also: '' },
  index: { from: 'statistics', schema: 'table_schema', table: 'table_name', name: 'index_name', also: '' },
  constraint: {
    from: 'table_constraints',
    schema: 'table_schema',
    table: 'table_name',
    name: 'constraint_name',
    also: '',
  },
} as const

function routine(type: string) {
  return {
    from: 'routines',
    schema: 'routine_schema',
    table: null,
    name: 'routine_name',
    also: ` and routine_type = '${type}'`,
  } as const
}

function effectOf(change: Change): Effect {
  const { kind, table, name, after } = change
  return {
    what: table === null ? `${kind} ${name}` : `${kind} ${name} of ${table}`,
    after,
    look: (connection) => look(connection, change),
  }
}

async function look(connection: Connection, { kind, schema, table, name }: Change): Promise<'present' | 'absent'> {
  const place = catalog[kind]
  const { rows } = await connection.query(
    `select 1 as \`found\` from information_schema.${place.from}
      where ${place.schema} = ${schema === null ? 'database()' : '?'} and ${place.name} = ?
        ${place.table === null ? '' : `and ${place.table} = ?`}${place.also} limit 1`,
    [schema, name, table].filter((value) => value !== null),
  )
  return rows.length > 0 ? 'present' : 'absent'
}

function changeBy(cursor: Cursor): Change | null {
  if (cursor.take('create')) return changeByCreate(cursor)
  if (cursor.take('drop')) return changeByDrop(cursor)
  if (cursor.take('rename table')) return changeByRename(cursor)
  if (!cursor.take('alter')) return null
  cursor.take('online')
  cursor.take('ignore')
  return cursor.take('table') ? changeByAlter(cursor) : null
}

/** One that replaces what is there shows nothing. Neither does a temporary table: it ends with the session. */
function changeByCreate(cursor: Cursor): Change | null {
  if (cursor.take('table')) {
    cursor.take('if not exists')
    return changeOf('table', cursor.qualifiedName(), 'present')
  }
  skipPrelude(cursor)
  for (const kind of ['view', 'trigger', 'event', 'procedure', 'function'] as const)
    if (cursor.take(kind)) {
      cursor.take('if not exists')
      // A loadable function is listed elsewhere.
      return isLoadable(cursor) ? null : changeOf(kind, cursor.qualifiedName(), 'present')
    }
  return changeByCreateIndex(cursor)
}

function isLoadable(cursor: Cursor): boolean {
  return cursor.rest().some(({ kind, text }) => kind === 'word' && text.toLowerCase() === 'soname')
}

function skipPrelude(cursor: Cursor): void {
  if (cursor.take('algorithm =')) cursor.name()
  if (cursor.take('definer =')) {
    cursor.name()
    if (cursor.take('@')) cursor.name()
    cursor.take('( )')
  }
  if (cursor.take('sql security')) cursor.name()
  cursor.take('aggregate')
}

function changeByCreateIndex(cursor: Cursor): Change | null {
  for (const word of ['online', 'offline', 'unique', 'fulltext', 'spatial']) cursor.take(word)
  if (!cursor.take('index')) return null
  cursor.take('if not exists')
  return indexOfStatement(cursor, 'present')
}

/** `name [using …] on table` */
function indexOfStatement(cursor: Cursor, after: Effect['after']): Change | null {
  const name = cursor.name()
  if (cursor.take('using')) cursor.name()
  if (name === null || !cursor.take('on')) return null
  const table = cursor.qualifiedName()
  return table === null ? null : { kind: 'index', schema: table.schema, table: table.name, name, after }
}

function changeByDrop(cursor: Cursor): Change | null {
  if (cursor.take('index')) {
    cursor.take('if exists')
    return indexOfStatement(cursor, 'absent')
  }
  for (const kind of ['table', 'view', 'trigger', 'event', 'procedure', 'function'] as const)
    if (cursor.take(kind)) {
      cursor.take('if exists')
      const change = changeOf(kind, cursor.qualifiedName(), 'absent')
      // MariaDB may have dropped some of several.
      return cursor.take(',') ? null : change
    }
  return null
}

function changeByRename(cursor: Cursor): Change | null {
  cursor.take('if exists')
  const from = cursor.qualifiedName()
  if (from === null || !cursor.take('to')) return null
  const change = changeOf('table', cursor.qualifiedName(), 'present')
  return cursor.take(',') ? null : change
}

function changeOf(kind: Change['kind'], name: QualifiedName | null, after: Effect['after']): Change | null {
  return name === null ? null : { kind, schema: name.schema, table: null, name: name.name, after }
}

function changeByAlter(cursor: Cursor): Change | null {
  cursor.take('if exists')
  const table = cursor.qualifiedName()
  if (table === null) return null
  const actions = partsOf(cursor.rest())
    .map((action) => readAction(cursorOn(action)))
    .filter((action) => action !== null)
  const moved = actions.find(({ kind }) => kind === 'table')
  // After it all else is found under the new name only.
  if (moved !== undefined)
    return { kind: 'table', schema: moved.schema ?? table.schema, table: null, name: moved.name, after: 'present' }
  const telling = actions.find((action) => !actions.some((other) => other !== action && isUndone(action, other)))
  if (telling === undefined) return null
  return { kind: telling.kind, schema: table.schema, table: table.name, name: telling.name, after: telling.after }
}

/** A thing that one action drops and another one adds is there before and after: it tells nothing. */
function isUndone(action: Action, other: Action): boolean {
  const names = namesIn(action)
  return (
    namesIn(other).some((name) => names.includes(name)) &&
    (action.after !== other.after || action.formerly !== null || other.formerly !== null)
  )
}

/** What one action of an ALTER TABLE brings about. */
interface Action {
  readonly kind: 'table' | 'column' | 'index' | 'constraint'
  readonly schema: string | null
  readonly name: string
  /** What it was called before. */
  readonly formerly: string | null
  readonly after: Effect['after']
}

/** Names of columns, indexes and constraints differ by more than their case; a constraint may be an index. */
function namesIn({ kind, name, formerly }: Action): readonly string[] {
  return [name, formerly]
    .filter((text) => text !== null)
    .map((text) => `${kind === 'constraint' ? 'index' : kind} ${text.toLowerCase()}`)
}

function readAction(cursor: Cursor): Action | null {
  if (cursor.take('add')) return readAdd(cursor)
  if (cursor.take('drop')) return readDrop(cursor)
  if (cursor.take('rename')) return readRename(cursor)
  if (cursor.take('change')) return readChange(cursor)
  return null
}

function readAdd(cursor: Cursor): Action | null {
  if (cursor.isQuoted()) return action('column', cursor.name(), 'present')
  if (cursor.take('partition') || cursor.take('period') || cursor.take('system versioning')) return null
  const constraint = cursor.take('constraint') ? nameUnless(cursor, constraintWords) : null
  if (cursor.take('primary key')) return action('index', 'PRIMARY', 'present')
  if (cursor.take('foreign key') || cursor.take('check')) return action('constraint', constraint, 'present')
  const isUnique = cursor.take('unique') || cursor.take('fulltext') || cursor.take('spatial')
  const isIndex = cursor.take('index') || cursor.take('key')
  if (isUnique || isIndex) {
    cursor.take('if not exists')
    return action('index', nameUnless(cursor, ['using']) ?? constraint, 'present')
  }
  cursor.take('column')
  cursor.take('if not exists')
  cursor.take('(')
  return action('column', cursor.name(), 'present')
}

const constraintWords = ['primary', 'unique', 'foreign', 'check', 'if']

/** The next name, which may be left out. */
function nameUnless(cursor: Cursor, keywords: readonly string[]): string | null {
  const [next] = cursor.rest()
  return next?.kind === 'word' && keywords.includes(next.text.toLowerCase()) ? null : cursor.name()
}

function readDrop(cursor: Cursor): Action | null {
  if (cursor.isQuoted()) return action('column', cursor.name(), 'absent')
  if (cursor.take('partition') || cursor.take('period') || cursor.take('system versioning')) return null
  if (cursor.take('primary key')) return action('index', 'PRIMARY', 'absent')
  const kind = droppedKind(cursor)
  cursor.take('if exists')
  return action(kind, cursor.name(), 'absent')
}

function droppedKind(cursor: Cursor): Action['kind'] {
  if (cursor.take('index') || cursor.take('key')) return 'index'
  if (cursor.take('foreign key') || cursor.take('constraint') || cursor.take('check')) return 'constraint'
  cursor.take('column')
  return 'column'
}

function readRename(cursor: Cursor): Action | null {
  const kind = cursor.take('column') ? 'column' : cursor.take('index') || cursor.take('key') ? 'index' : 'table'
  if (kind === 'table') {
    if (!cursor.take('to') && !cursor.take('as')) cursor.take('=')
    const target = cursor.qualifiedName()
    return target === null ? null : { kind, schema: target.schema, name: target.name, formerly: null, after: 'present' }
  }
  cursor.take('if exists')
  const formerly = cursor.name()
  if (formerly === null || !cursor.take('to')) return null
  const renamed = action(kind, cursor.name(), 'present')
  return renamed === null ? null : { ...renamed, formerly }
}

/** Null when the name stays: the catalog's definition of a column cannot be compared with a statement's. */
function readChange(cursor: Cursor): Action | null {
  cursor.take('column')
  cursor.take('if exists')
  const formerly = cursor.name()
  const changed = action('column', cursor.name(), 'present')
  if (changed === null || formerly === null || formerly.toLowerCase() === changed.name.toLowerCase()) return null
  return { ...changed, formerly }
}

function action(kind: Action['kind'], name: string | null, after: Effect['after']): Action | null {
  return name === null ? null : { kind, schema: null, name, formerly: null, after }
}

function isRepeatable(statement: Statement): boolean {
  const shape = shapeOf(statement)
  return repeatable.test(shape) || guarded.test(shape) || isRepeatableAlter(statement)
}

/** Not `truncate`, nor a table or sequence made anew: what others have written there since would be gone. */
const repeatable =
  /^(create or replace (?!(temporary )?table\b|sequence\b)|analyze|optimize|check table|flush|set|use|show|explain|describe|desc|grant|revoke|alter (database|schema))\b/

/** `if exists` right after the kind of a thing that is dropped, `if not exists` after that of one that is created. */
const guarded = /^(drop( [a-z]+)+ if exists|create( [a-z]+)+ if not exists|rename table if exists)\b/

function isRepeatableAlter(statement: Statement): boolean {
  const cursor = cursorOn(statement)
  if (!cursor.take('alter') || (cursor.take('online'), cursor.take('ignore'), !cursor.take('table'))) return false
  cursor.take('if exists')
  return cursor.qualifiedName() !== null && partsOf(cursor.rest()).every(isRepeatableAction)
}

function isRepeatableAction(action: Statement): boolean {
  return repeatableAction.test(shapeOf(action)) || keepsName(cursorOn(action))
}

const repeatableAction =
  /^(modify|alter (column |index |constraint |check )?\S+ (set|drop|not|enforced|visible|invisible|ignored)|convert to|(default )?(character set|charset|collate)|engine|comment|row_format|auto_increment|algorithm|lock|force|order by|(enable|disable) keys|(add|drop|change|rename)( [a-z]+)* if (not )?exists)( |$)/

/** `change c c …` is a `modify`. */
function keepsName(cursor: Cursor): boolean {
  return cursor.take('change') && (cursor.take('column'), cursor.name()?.toLowerCase() === cursor.name()?.toLowerCase())
}
