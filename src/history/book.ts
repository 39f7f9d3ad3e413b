// Reads mig_state and mig_history, the same for each engine.

import { HistoryError } from '../core/errors.js'
import type { AppliedRevision, AppliedState, Origin } from '../core/graph/history.js'
import type { RevisionId } from '../core/graph/revision.js'
import { describePlace } from '../core/place.js'
import { textKept } from './kept-source.js'
import type { Session } from '../session/session.js'
import { assertSeesAll } from './hidden.js'

/** The layout of the tables. A database with a higher one was written by a newer mig. */
export const format = 1

/** What the database knows: the whole applied set, and the counter that guards it. */
export interface Book {
  /** False on a database that mig has never written. */
  readonly exists: boolean
  /** +1 with each change of the history: the compare-and-set counter. */
  readonly seq: number
  /** Whose database it is: `project` of the configuration that wrote it; null when it named none. */
  readonly project: string | null
  /** In the order of application. */
  readonly history: readonly AppliedRevision[]
  /** How many rows mig has written; another number than those of `history` means that somebody changed the table. */
  readonly counted: number
}

/**
 * Reads history and state without creating anything. Sources are left out: they are long, and few commands want them.
 * @throws HistoryError `history.altered`, `history.newer-format`; `history.hidden` when the session does not see all rows
 */
export async function readBook(session: Session): Promise<Book> {
  // The state before the history: a newer format may have other columns.
  const states = await readStates(session)
  const [state, ...others] = states
  if (state === undefined) return readWithoutState(session)
  if (others.length > 0) throw notOneState(session, states.length)
  // In one query, so that a row and its number are always seen together.
  const rows = await selectOrNull(
    session,
    `select (select revisions from ${session.tables.state}) as counted, ${columns(session)}
       from (select 1 as one) as start left join ${session.tables.history} on 1 = 1 order by serial`,
  )
  if (rows === null) throw altered(session, 'it is missing, and mig_state is there')
  const found = rows.filter(({ revision }) => revision !== null)
  const counted = Number(rows[0]?.counted)
  if (found.length !== counted) await assertSeesAll(session, found.length, counted)
  const history = found.map((raw) => applied(session, raw))
  return { exists: true, seq: Number(state.seq), project: textOrNull(state.project), history, counted }
}

const noBook: Book = { exists: false, seq: 0, project: null, history: [], counted: 0 }

/** Tables without a row are what a run leaves that was killed while it made them: the next run completes them. */
async function readWithoutState(session: Session): Promise<Book> {
  const rows = await selectOrNull(session, `select ${columns(session)} from ${session.tables.history}`)
  if (rows === null || rows.length === 0) return noBook
  // Between the two another run may have made the tables and applied the first revisions.
  if ((await readStates(session)).length > 0) return readBook(session)
  throw notOneState(session, 0)
}

function notOneState(session: Session, count: number): HistoryError {
  return altered(session, `its state table must have one row and has ${count}`)
}

export type Row = Readonly<Record<string, unknown>>

async function readStates(session: Session): Promise<readonly Row[]> {
  const states = (await selectOrNull(session, `select * from ${session.tables.state}`)) ?? []
  const newest = Math.max(0, ...states.map((state) => Number(state.format)))
  if (newest > format) throw newerFormat(session, newest)
  return states
}

/** What was applied, as text. */
export interface StoredSource {
  /** Null where it was not kept: the revision was marked without a file, or it is too long. */
  readonly source: string | null
  /** The local modules that it imported: name → text, or what `comparable` knows of one that is too long. */
  readonly modules: Readonly<Record<string, string>>
}

/** @throws HistoryError `history.altered` */
export async function readSource(session: Session, revision: RevisionId): Promise<StoredSource> {
  const { rows } = await session.connection.query(
    `select source, modules from ${session.tables.history} where revision = ?`,
    [revision],
  )
  const { source, modules } = (rows[0] ?? {}) as { readonly source?: string | null; readonly modules?: string | null }
  return {
    source: source == null ? null : textKept(source),
    modules: modulesIn(session, revision, modules == null ? null : textKept(modules)),
  }
}

/** The state of one row; null when it is not there. */
export async function readState(session: Session, revision: RevisionId): Promise<AppliedState | null> {
  const { rows } = await session.connection.query(`select state from ${session.tables.history} where revision = ?`, [
    revision,
  ])
  return (rows[0]?.state as AppliedState | undefined) ?? null
}

function columns({ engine }: Session): string {
  const time = engine.tables.timeAsText('applied_at')
  return `serial, revision, down_revisions, depends_on, message, checksum, origin, state, ${time} as applied_at_text, duration_ms, applied_by, mig_version`
}

/** The rows; null when there is no such table. */
export async function selectOrNull(
  session: Session,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[] | null> {
  const { engine, connection } = session
  try {
    return (await connection.query(sql, values)).rows
  } catch (error) {
    const { kind, message } = engine.describe(error)
    if (kind === 'missing-table') return null
    if (kind === 'missing-column') throw altered(session, message)
    throw error
  }
}

function applied(session: Session, row: Row): AppliedRevision {
  return {
    serial: Number(row.serial),
    revision: String(row.revision),
    downRevisions: idList(session, row, 'down_revisions'),
    dependsOn: idList(session, row, 'depends_on'),
    message: String(row.message),
    checksum: String(row.checksum),
    source: null,
    origin: row.origin as Origin,
    state: row.state as AppliedState,
    appliedAt: String(row.applied_at_text),
    durationMs: row.duration_ms === null ? null : Number(row.duration_ms),
    appliedBy: String(row.applied_by),
    migVersion: String(row.mig_version),
  }
}

function idList(session: Session, row: Row, column: string): readonly RevisionId[] {
  try {
    const ids: unknown = JSON.parse(String(row[column]))
    if (Array.isArray(ids) && ids.every((id) => typeof id === 'string')) return ids
  } catch {
    // Told below: what stands there is no list, whatever the reason.
  }
  throw altered(session, `${column} of ${String(row.revision)} is no list of revisions`)
}

/** A column that holds a text, a number, or nothing. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : null
}

function modulesIn(session: Session, revision: RevisionId, text: string | null): Readonly<Record<string, string>> {
  try {
    const modules: unknown = JSON.parse(text ?? '{}')
    const isTable = typeof modules === 'object' && modules !== null && !Array.isArray(modules)
    if (isTable && Object.values(modules).every((item) => typeof item === 'string'))
      return modules as Readonly<Record<string, string>>
  } catch {
    // Told below, as in `idList`.
  }
  throw altered(session, `modules of ${revision} is no table of texts`)
}

/** The error of a table whose contents contradict themselves. */
export function altered({ tables, place }: Session, what: string): HistoryError {
  return new HistoryError(
    'history.altered',
    `${tables.history} in ${describePlace(place)} is not as mig wrote it: ${what}.`,
    {
      hint: 'If the table belongs to another program, set `historyTable` in mig.config.ts; if it was changed by hand, restore it from a backup. Nothing was changed.',
    },
  )
}

function newerFormat({ place }: Session, found: number): HistoryError {
  return new HistoryError(
    'history.newer-format',
    `The history of ${describePlace(place)} has format ${found}; this mig knows formats up to ${format}.`,
    {
      hint: 'Update mig: npm install knex-mig@latest. Nothing was changed.',
    },
  )
}
