// Writes mig_state and mig_history, the same for each engine. The fence around it is the business of whoever calls.

import type { AppliedRevision, AppliedState } from '../core/graph/history.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Fragment } from '../engines/contract/connection.js'
import type { Engine } from '../engines/contract/engine.js'
import { markOf } from '../engines/contract/histories.js'
import { again } from '../session/again.js'
import { altered, format } from './book.js'
import type { Session } from '../session/session.js'

/** A row before it is written: the database says when that is. */
export interface NewRow extends Omit<AppliedRevision, 'appliedAt'> {
  /** The local modules, as JSON; null when there are none. */
  readonly modules: string | null
}

/** Makes the tables that are missing, and the one row of the state. Several runs may do so at once. */
export async function createTables(session: Session, project: string | null): Promise<void> {
  const { connection, engine, tables, place, home } = session
  const create = async (): Promise<void> => {
    const text = markOf(home.history, format)
    for (const statement of engine.tables.create(tables, text)) await connection.query(statement)
    if (await hasState(session)) return
    const mark = engine.tables.mark(tables, text)
    if (mark !== null) await connection.query(mark)
    const insert = `insert into ${tables.state} (id, format, project, environment, seq, revisions, token, beat) values (1, ?, ?, ?, 0, 0, 0, 0)`
    await connection.query(insert, [format, project, place.environment]).catch(async (error: unknown) => {
      // Where DDL ends the transaction, another run may have been faster.
      if (!(await hasState(session))) throw error
    })
  }
  await again(session, () => inTransaction(session, create))
}

async function hasState({ connection, tables }: Session): Promise<boolean> {
  return (await connection.query(`select id from ${tables.state}`)).rows.length > 0
}

/** Writes down whose database it is. */
export async function setProject({ connection, tables }: Session, project: string): Promise<void> {
  await connection.query(`update ${tables.state} set project = ? where id = 1`, [project])
}

const rowColumns = [
  'serial',
  'revision',
  'down_revisions',
  'depends_on',
  'message',
  'checksum',
  'source',
  'modules',
  'origin',
  'state',
  'duration_ms',
  'applied_by',
  'mig_version',
]
const numbers = ['serial', 'duration_ms']

/** Question marks for values that stand in a `select`. */
export function selectMarks({ tables }: Engine, names: readonly string[], numeric: readonly string[]): string {
  return names.map((name) => (numeric.includes(name) ? tables.number : '?')).join(', ')
}

export async function insertRow(session: Session, row: NewRow): Promise<void> {
  const { connection, tables, engine } = session
  const marks = rowColumns.map(() => '?').join(', ')
  const { affected } = await connection.query(
    `insert into ${tables.history} (applied_at, ${rowColumns.join(', ')}) values (${engine.tables.now}, ${marks})`,
    valuesOf(row),
  )
  if (affected !== 1) throw altered(session, `a row for ${row.revision} was not kept; a trigger or rule may act on it`)
}

/** What writes the row, if the table that is named has one. */
export function insertionFrom(table: string, { tables, engine }: Session, row: NewRow): Fragment {
  const marks = selectMarks(engine, rowColumns, numbers)
  return {
    sql: `insert into ${tables.history} (applied_at, ${rowColumns.join(', ')}) select ${engine.tables.now}, ${marks} from ${table}`,
    values: valuesOf(row),
  }
}

/** What takes the row away, if the table that is named has one. */
export function deletionFrom(table: string, { tables }: Session, revision: RevisionId): Fragment {
  return {
    sql: `delete from ${tables.history} where revision = ? and exists (select 1 from ${table})`,
    values: [revision],
  }
}

function valuesOf(row: NewRow): readonly unknown[] {
  return [
    row.serial,
    row.revision,
    JSON.stringify(row.downRevisions),
    JSON.stringify(row.dependsOn),
    row.message,
    row.checksum,
    row.source,
    row.modules,
    row.origin,
    row.state,
    row.durationMs,
    row.appliedBy,
    row.migVersion,
  ]
}

/** Ends an upgrade that was `running`: it counts as applied from now. */
export async function finishRow(session: Session, revision: RevisionId, durationMs: number | null): Promise<void> {
  const { now } = session.engine.tables
  await updateRow(session, revision, `state = 'applied', applied_at = ${now}, duration_ms = ?`, [durationMs])
}

export async function setState(session: Session, revision: RevisionId, state: AppliedState): Promise<void> {
  await updateRow(session, revision, 'state = ?', [state])
}

/** Takes an edited file for what was applied. */
export async function setSource(session: Session, revision: RevisionId, row: Source): Promise<void> {
  const assignments = 'checksum = ?, source = ?, modules = ?, down_revisions = ?, depends_on = ?'
  const parents = [row.downRevisions, row.dependsOn].map((ids) => JSON.stringify(ids))
  await updateRow(session, revision, assignments, [row.checksum, row.source, row.modules, ...parents])
}

/** What a row has from the file of its revision. */
export type Source = Pick<NewRow, 'checksum' | 'source' | 'modules' | 'downRevisions' | 'dependsOn'>

async function updateRow(
  session: Session,
  revision: RevisionId,
  assignments: string,
  values: readonly unknown[],
): Promise<void> {
  const { affected } = await session.connection.query(
    `update ${session.tables.history} set ${assignments} where revision = ?`,
    [...values, revision],
  )
  if (affected !== 1) throw altered(session, `the row of ${revision} is gone`)
}

/** Forgets everything that is applied. */
export async function deleteAllRows(session: Session): Promise<void> {
  await session.connection.query(`delete from ${session.tables.history}`)
}

export async function deleteRow(session: Session, revision: RevisionId): Promise<void> {
  const { affected } = await session.connection.query(`delete from ${session.tables.history} where revision = ?`, [
    revision,
  ])
  if (affected !== 1) throw altered(session, `the row of ${revision} is gone`)
}

/** Counts rows of the history that come with the statement, where it hangs on a row of the table that is named. */
export function countingFrom(table: string, { tables }: Session, added: number): string {
  return `update ${tables.state} set revisions = revisions + ${added} from ${table} where id = 1`
}

/** Counts rows of the history that come within a migration's transaction, before its end. */
export async function count({ connection, tables }: Session, added: number): Promise<void> {
  await connection.query(`update ${tables.state} set revisions = revisions + ${added} where id = 1`)
}

/** Several statements of mig itself, all or none. */
export async function inTransaction<T>({ connection }: Session, work: () => Promise<T>): Promise<T> {
  await connection.query('begin')
  try {
    const result = await work()
    await connection.query('commit')
    return result
  } catch (error) {
    await connection.query('rollback').catch(() => undefined)
    throw error
  }
}
