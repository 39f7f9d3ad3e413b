// Where histories are in a database, and whether a session sees the whole of one.

import type { Connection } from './connection.js'

export interface HistoryAnswers {
  /**
   * The histories that this session may read, by the mark that their state tables carry or by the name that `home` has for
   * it; not `home` itself. Where `within` is given, only in those schemas.
   */
  readonly find: (
    connection: Connection,
    home: Home,
    within: readonly string[] | null,
  ) => Promise<readonly FoundHistory[]>
  /** What may hide rows of a history from this session; null when nothing is known to. */
  readonly hidingOf: (connection: Connection, home: Home) => Promise<Hiding | null>
}

/** Where the tables of mig are; all names as the database has them, unquoted. */
export interface Home {
  /** A schema of PostgreSQL, a database of MySQL, `main` on SQLite. */
  readonly schema: string
  readonly history: string
  readonly state: string
  readonly journal: string
}

export interface Hiding {
  /** What is so, in words that follow a colon. */
  readonly why: string
  /** What to do. */
  readonly hint: string
}

/** Where somebody put a view into the place of the table. */
export const isView: Hiding = {
  why: 'it is a view, not the table that mig wrote',
  hint: 'Set `historySchema` and `historyTable` in mig.config.ts to where the table is, or take the view away.',
}

export interface FoundHistory {
  readonly home: Home
  /** Whether unqualified names are looked up in its schema. */
  readonly isOnPath: boolean
}

/** What the table of the state carries, whatever it is called: it names the history table beside it. */
export function markOf(history: string, format: number): string {
  return `${markStart}${history}, format ${format}`
}

export const markStart = 'mig: state of the history '

/** Where a state table is whose mark is `mark`; without one it belongs to the history table that `home` names. */
export function homeOfState(schema: string, state: string, mark: string | null, home: Home): Home {
  const history = /^mig: state of the history (.+), format \d+$/s.exec(mark ?? '')?.[1] ?? home.history
  return { schema, state, history, journal: `${state.replace(/_state$/, '')}_journal` }
}

export function isSameHome(a: Home, b: Home): boolean {
  return a.schema === b.schema && a.history === b.history
}
