// PostgreSQL: what the catalog shows of a statement that may have run. Only what runs outside of a transaction is asked.

import type { Effect, EffectAnswers } from '../contract/effects.js'
import {
  type Cursor,
  onlyStatement,
  partsOf,
  type QualifiedName,
  shapeOf,
  type Statement,
  statementsOf,
} from '../../core/sql/sql.js'
import { cursorIn, postgresLexicon } from './lexicon.js'
import { tables } from './tables.js'

export const effects: EffectAnswers = {
  of(sql) {
    const created = createdIndex(sql)
    if (created !== null) return effectOfCreate(created)
    const dropped = droppedIndex(sql)
    return dropped === null ? null : effectOfDrop(dropped)
  },

  isRepeatable: (sql) => statementsOf(sql, postgresLexicon).every(isRepeatable),

  cleanup(sql) {
    const created = createdIndex(sql)
    if (created === null) return null
    const index = { schema: created.table.schema, name: created.name }
    return `drop index concurrently if exists ${quoted(index)}`
  },
}

interface CreatedIndex {
  readonly name: string
  readonly table: QualifiedName
}

/** Null for an index without a name of its own: the server chooses one, another one each time. */
function createdIndex(sql: string): CreatedIndex | null {
  const cursor = cursorOf(sql)
  if (!cursor.take('create')) return null
  cursor.take('unique')
  if (!cursor.take('index concurrently')) return null
  cursor.take('if not exists')
  if (cursor.take('on')) return null
  const name = cursor.name()
  if (name === null || !cursor.take('on')) return null
  cursor.take('only')
  const table = cursor.qualifiedName()
  return table === null ? null : { name, table }
}

/** Most statements do not have this word, and need not be read. */
function cursorOf(sql: string): Cursor {
  const statement = /\bconcurrently\b/i.test(sql) ? onlyStatement(sql, postgresLexicon) : null
  return cursorIn(statement ?? [])
}

function droppedIndex(sql: string): QualifiedName | null {
  const cursor = cursorOf(sql)
  if (!cursor.take('drop index concurrently')) return null
  cursor.take('if exists')
  return cursor.qualifiedName()
}

function effectOfCreate({ name, table }: CreatedIndex): Effect {
  return {
    what: `index ${name} on ${written(table)}`,
    after: 'present',
    // An index is always in the schema of its table; the cast cuts the name as the server does.
    look: async (connection) => {
      const { rows } = await connection.query(
        `select i.indisvalid as "valid"
           from pg_catalog.pg_class as t
           join pg_catalog.pg_class as c on c.relnamespace = t.relnamespace
           join pg_catalog.pg_index as i on i.indexrelid = c.oid
          where t.oid = pg_catalog.to_regclass(?)::oid and c.relname = ?::text::name`,
        [quoted(table), name],
      )
      return condition(rows[0]?.valid)
    },
  }
}

function effectOfDrop(index: QualifiedName): Effect {
  return {
    what: `index ${written(index)}`,
    after: 'absent',
    look: async (connection) => {
      const { rows } = await connection.query(
        'select indisvalid as "valid" from pg_catalog.pg_index where indexrelid = pg_catalog.to_regclass(?)::oid',
        [quoted(index)],
      )
      return condition(rows[0]?.valid)
    },
  }
}

function condition(isValid: unknown): 'present' | 'absent' | 'invalid' {
  if (isValid === undefined) return 'absent'
  return isValid === true ? 'present' : 'invalid'
}

function isRepeatable(statement: Statement): boolean {
  const shape = shapeOf(statement)
  // An interrupted one leaves an invalid index, which `if not exists` then takes for the wanted one.
  if (/^create (unique )?index concurrently\b/.test(shape)) return false
  return repeatable.test(shape) || guarded.test(shape) || isRepeatableAlter(statement)
}

/** Not `truncate`: what others have written since would be gone. */
const repeatable =
  /^(create or replace|analyze|vacuum|cluster|reindex|refresh materialized view|checkpoint|comment on|grant|revoke|set|reset|show|alter (system|default privileges|sequence .* owned by)|alter (index|database|role|user|function|procedure|view|materialized view|schema|type|domain|sequence|extension) .*\b(set default|drop default|owner to|set \(|reset \()|alter type .* add value if not exists)/

/** `if exists` right after the kind of a thing that is dropped, `if not exists` after that of one that is created. */
const guarded = /^(drop( [a-z]+)+ if exists|create( [a-z]+)+ if not exists)\b/

function isRepeatableAlter(statement: Statement): boolean {
  const cursor = cursorIn(statement)
  if (!cursor.take('alter table')) return false
  cursor.take('if exists')
  cursor.take('only')
  return (
    cursor.qualifiedName() !== null &&
    partsOf(cursor.rest()).every((action) => repeatableAction.test(shapeOf(action)) && !/ using /.test(shapeOf(action)))
  )
}

/** A change of type that computes (`using`) would compute twice. */
const repeatableAction =
  /^(\* )?(alter (column )?\S+ (set|drop|reset|type) |set (\(|data|statistics|logged|unlogged|with|without|tablespace)|reset \(|owner to|enable|disable|force|no force|validate constraint|cluster on|replica identity|(add|drop)( column| constraint)? if (not )?exists)/

function quoted({ schema, name }: QualifiedName): string {
  return schema === null ? tables.quote(name) : `${tables.quote(schema)}.${tables.quote(name)}`
}

function written({ schema, name }: QualifiedName): string {
  return schema === null ? name : `${schema}.${name}`
}
