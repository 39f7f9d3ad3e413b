// Reads the journal.

import { type Entry, keyOf, type RunFacts, type What } from './journal.js'
import { selectOrNull, textOrNull, type Row } from './book.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Session } from '../session/session.js'

/** An entry as it stands in the database. */
export interface JournalEntry extends Omit<Entry, 'sql' | 'sqlHash' | 'valuesHash'> {
  readonly id: number
  readonly run: string
  /** UTC, by the database's clock, ISO 8601. */
  readonly at: string
  readonly sql: string | null
  readonly sqlHash: string | null
  /** Of the bound values, salted with `run`; null when there were none. */
  readonly valuesHash: string | null
  /** Only of `run`. */
  readonly facts: RunFacts | null
}

/** The last entries, oldest first; of revisions that begin so (with the runs that they belong to), or of all. */
export async function readJournal(
  session: Session,
  { limit, revision }: { readonly limit: number; readonly revision?: RevisionId },
): Promise<readonly JournalEntry[]> {
  const { journal } = session.tables
  const isIt = 'substr(revision, 1, ?) = ?'
  const runs = `select distinct run from ${journal} where ${isIt}`
  const condition = revision === undefined ? '' : `where ${isIt} or (what in ('run', 'ended') and run in (${runs}))`
  const rows = await selectOrNull(
    session,
    `select ${columns(session)} from ${journal} ${condition} order by id desc limit ${limit}`,
    revision === undefined ? [] : [revision.length, revision, revision.length, revision],
  )
  return (rows ?? []).map(entryOf).toReversed()
}

/** What was journalled of a revision since it was last begun in that direction; oldest first. */
export async function readAttempt(
  session: Session,
  revision: RevisionId,
  direction: 'up' | 'down',
): Promise<readonly JournalEntry[]> {
  const { journal } = session.tables
  const started = `select max(id) from ${journal} where revision = ? and direction = ? and what = 'started'`
  const rows = await selectOrNull(
    session,
    `select ${columns(session)} from ${journal} where revision = ? and direction = ? and id >= (${started}) order by id`,
    [revision, direction, revision, direction],
  )
  return (rows ?? []).map(entryOf)
}

/** The runs' own entries: the last one, or the last on a connection. Null when there is none. */
export async function readLastRun(session: Session, connection: string | null): Promise<JournalEntry | null> {
  const { journal } = session.tables
  const rows = await selectOrNull(
    session,
    `select ${columns(session)} from ${journal} where what = 'run'${connection === null ? '' : ' and connection = ?'} order by id desc limit 1`,
    connection === null ? [] : [connection],
  )
  const [row] = rows ?? []
  return row === undefined ? null : entryOf(row)
}

function columns({ engine }: Session): string {
  const time = engine.tables.timeAsText('at')
  return `id, run, ${time} as at_text, what, revision, direction, ordinal, step, sql_text, sql_hash, values_hash, seen, duration_ms, error, note, command, connection, who, host, mig_version, git_commit`
}

function entryOf(row: Row): JournalEntry {
  const number = (value: unknown) => (value === null ? undefined : Number(value))
  const revision = textOrNull(row.revision)
  const ordinal = number(row.ordinal)
  const durationMs = number(row.duration_ms)
  const error = textOrNull(row.error)
  const note = textOrNull(row.note)
  return {
    id: Number(row.id),
    run: String(row.run),
    at: String(row.at_text),
    what: row.what as What,
    ...(revision !== null && { revision }),
    ...(row.direction !== null && { direction: row.direction as 'up' | 'down' }),
    ...(ordinal !== undefined && { ordinal }),
    step: textOrNull(row.step),
    sql: textOrNull(row.sql_text),
    sqlHash: textOrNull(row.sql_hash),
    valuesHash: textOrNull(row.values_hash),
    seen: textOrNull(row.seen),
    ...(durationMs !== undefined && { durationMs }),
    ...(error !== null && { error }),
    ...(note !== null && { note }),
    facts: row.what === 'run' ? factsOf(row) : null,
  }
}

function factsOf(row: Row): RunFacts {
  return {
    command: textOrNull(row.command) ?? '',
    connection: textOrNull(row.connection),
    user: textOrNull(row.who) ?? '',
    host: textOrNull(row.host) ?? '',
    migVersion: textOrNull(row.mig_version) ?? '',
    gitCommit: textOrNull(row.git_commit),
  }
}

/** Whether a run has written that it began a revision. */
export async function isStarted({ connection, tables }: Session, run: string, revision: RevisionId): Promise<boolean> {
  const { rows } = await connection.query(
    `select id from ${tables.journal} where run = ? and revision = ? and what = 'started'`,
    [run, revision],
  )
  return rows.length > 0
}

/** The statements of which a run has written down something, by `keyOf`. */
export async function readWritten(
  { connection, tables }: Session,
  run: string,
  revision: RevisionId,
  direction: 'up' | 'down',
): Promise<ReadonlySet<string>> {
  const { rows } = await connection.query(
    `select ordinal, step from ${tables.journal} where run = ? and revision = ? and direction = ? and ordinal is not null`,
    [run, revision, direction],
  )
  return new Set(rows.map(({ ordinal, step }) => keyOf({ ordinal: Number(ordinal), step: textOrNull(step) })))
}
