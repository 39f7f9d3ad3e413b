// MySQL and MariaDB: what the actions of an ALTER TABLE bring about.

import type { Effect } from '../contract/effects.js'
import type { Cursor } from '../../core/sql/sql.js'

/** A thing that one action drops and another one adds is there before and after: it tells nothing. */
export function isUndone(action: Action, other: Action): boolean {
  const names = namesIn(action)
  return (
    namesIn(other).some((name) => names.includes(name)) &&
    (action.after !== other.after || action.formerly !== null || other.formerly !== null)
  )
}

/** What one action of an ALTER TABLE brings about. */
export interface Action {
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

export function readAction(cursor: Cursor): Action | null {
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
