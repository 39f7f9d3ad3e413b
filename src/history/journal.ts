// The journal: what was done to a database, statement by statement. Only ever added to.

import { createHash } from 'node:crypto'
import { hashOf } from '../core/checksum.js'
import type { RevisionId } from '../core/graph/revision.js'
import { maskSecrets } from '../core/secrets.js'
import type { Fragment } from '../engines/contract/connection.js'
import { again } from '../session/again.js'
import { type Fence, notOurs, whileOurs } from './fence.js'
import { selectMarks } from './rows.js'
import type { Session } from '../session/session.js'
import { excerpt } from '../core/render/excerpt.js'

/**
 * What an entry says. `statement` is written before one that cannot be taken back, `done` after it; a statement that
 * commits together with its entry has only `done`; one that the migration rolled back itself has `undone`. A revision's `started` opens its entries, `resumed` continues them.
 */
export type What =
  | 'run'
  | 'ended'
  | 'started'
  | 'resumed'
  | 'statement'
  | 'done'
  | 'refused'
  | 'undone'
  | 'step'
  | 'failed'
  | 'applied'
  | 'reverted'
  | 'stamped'
  | 'unstamped'
  | 'resolved'
  | 'accepted'
  | 'adopted'

export interface Entry {
  readonly what: What
  readonly revision?: RevisionId
  readonly direction?: 'up' | 'down'
  /** Of the statement, from 1; anew in each named step. Reads are not counted. */
  readonly ordinal?: number
  /** The named step that the statement belongs to, or that is done. */
  readonly step?: string | null
  /** With placeholders; secrets in it are masked. A long one is cut: its hash is of the whole. */
  readonly sql?: string
  /** Where `sql` is not the whole text; else it is made of that. */
  readonly sqlHash?: string
  /** Of the bound values, as `hashOfValues` makes it: they themselves are never kept. */
  readonly valuesHash?: string | null
  /** What the catalog showed of the statement's effect before it was sent. */
  readonly seen?: string | null
  readonly durationMs?: number
  readonly error?: string
  /** Of `resolved`: the outcome that was given; of `adopted`: the project; of `refused`: `takenBack`, or nothing; of `statement` and `done`: `sentBeside`, or nothing. */
  readonly note?: string
}

/** Of a statement that was refused: it was rolled back, and nothing of it is left. */
export const takenBack = 'rolled back'

/** The note of a statement that was sent beside the pinned connection. */
export const sentBeside = 'beside'

/** An entry but for what became of its statement. */
export type EntryOf = Omit<Entry, 'what'>

/** Names a statement of a revision. */
export function keyOf({ ordinal = 0, step = null }: Pick<Entry, 'ordinal' | 'step'>): string {
  return `${ordinal} ${step ?? ''}`
}

/** Who runs what: written once for a run, whose other entries refer to it. */
export interface RunFacts {
  /** "upgrade head" */
  readonly command: string
  readonly connection: string | null
  readonly user: string
  readonly host: string
  readonly migVersion: string
  readonly gitCommit: string | null
}

export interface Journal {
  /** Random: a restored backup may count anew. */
  readonly run: string
  /** The run itself; before everything else. */
  open(facts: RunFacts): Promise<void>
  /** In the order given, in one statement. */
  write(entries: readonly Entry[]): Promise<void>
  /** What writes the entries, once for each row of the table that is named. */
  insertionFrom(table: string, entries: readonly Entry[]): Fragment
  /** As `write`, if lock, lease and counter are still this run's, in the same round trip. Throws LockError `lock.lost`. */
  writeFenced(entry: Entry): Promise<void>
}

/** Longer statements are cut. */
export const longestSql = 20_000
const longestError = 4000
/** So many rows are one statement. */
export const mostEntriesAtOnce = 200
/** And so many characters of statements: a server takes only so much in one message. */
const mostTextAtOnce = 200_000

const columns = [
  'run',
  'what',
  'revision',
  'direction',
  'ordinal',
  'step',
  'sql_text',
  'sql_hash',
  'values_hash',
  'seen',
  'duration_ms',
  'error',
  'note',
]
const numbers = ['ordinal', 'duration_ms']
const runColumns = ['run', 'what', 'command', 'connection', 'who', 'host', 'mig_version', 'git_commit']

/** Begins the journal of a run. */
export async function openJournal(session: Session, fence: Fence, run: string, facts: RunFacts): Promise<Journal> {
  const journal = createJournal(session, fence, run)
  await again(session, () => journal.open(facts))
  return journal
}

/** Of a run that has begun; its entries are behind `fence`. */
export function createJournal(session: Session, fence: Fence, run: string): Journal {
  const { connection, tables, engine } = session
  const now = engine.tables.now
  const into = (names: readonly string[]) => `insert into ${tables.journal} (at, ${names.join(', ')})`
  const marks = columns.map(() => '?').join(', ')
  const typedMarks = selectMarks(engine, columns, numbers)
  async function write(entries: readonly Entry[]): Promise<void> {
    for (const part of messages(entries)) {
      const rows = part.map(() => `(${now}, ${marks})`).join(', ')
      await connection.query(
        `${into(columns)} values ${rows}`,
        part.flatMap((entry) => valuesOf(run, entry)),
      )
    }
  }
  return {
    run,
    write,
    insertionFrom(table, entries) {
      const rows = entries.map(() => `(${typedMarks})`).join(', ')
      return {
        sql: `${into(columns)} select ${now}, entry.* from ${table}, (values ${rows}) as entry`,
        values: entries.flatMap((entry) => valuesOf(run, entry)),
      }
    },
    async open({ command, connection: id, user, host, migVersion, gitCommit }) {
      await connection.query(`${into(runColumns)} values (${now}, ${runColumns.map(() => '?').join(', ')})`, [
        ...[run, 'run' satisfies What, maskSecrets(command), id, user, host, migVersion, gitCommit],
      ])
    },
    async writeFenced(entry) {
      const ours = whileOurs(session, fence)
      const { affected } = await connection.query(`${into(columns)} select ${now}, ${marks} ${ours.sql}`, [
        ...valuesOf(run, entry),
        ...ours.values,
      ])
      if (affected !== 1) throw await notOurs(session, fence)
    },
  }
}

/** Entries in the parts in which they are sent. */
function* messages(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let part: Entry[] = []
  let length = 0
  for (const entry of entries) {
    const added = Math.min(entry.sql?.length ?? 0, longestSql) + Math.min(entry.error?.length ?? 0, longestError)
    if (part.length >= mostEntriesAtOnce || (part.length > 0 && length + added > mostTextAtOnce)) {
      yield part
      ;[part, length] = [[], 0]
    }
    part.push(entry)
    length += added
  }
  if (part.length > 0) yield part
}

function valuesOf(
  run: string,
  { what, revision, direction, ordinal, step, sql, sqlHash, valuesHash, seen, durationMs, error, note }: Entry,
): unknown[] {
  return [
    run,
    what,
    revision ?? null,
    direction ?? null,
    ordinal ?? null,
    step ?? null,
    sql === undefined ? null : maskSecrets(excerpt(sql, longestSql)),
    sqlHash ?? (sql === undefined ? null : hashOf(sql)),
    valuesHash ?? null,
    seen ?? null,
    durationMs === undefined ? null : Math.round(durationMs),
    error === undefined ? null : maskSecrets(excerpt(error, longestError)),
    note ?? null,
  ]
}

/**
 * Salted with the run: whoever reads the table cannot see that values of two runs are equal. Null where there are
 * no values.
 */
export function hashOfValues(run: string, values: readonly unknown[]): string | null {
  if (values.length === 0) return null
  return hashOf(`${run}\n${JSON.stringify(values.map(asText))}`)
}

function asText(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value
}
