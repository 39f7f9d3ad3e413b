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
  statementsOf,
} from '../../core/sql/sql.js'
import { isUndone, readAction } from './alter-actions.js'
import { mysqlLexicon } from './lexicon.js'
import { isRepeatable } from './repeatable.js'

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
