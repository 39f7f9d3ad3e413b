// Settings of a session that a migration may leave changed.

import type { Connection } from './connection.js'

/** What a session is set to: its settings as a whole, and what else outlives a transaction in it. */
export interface SessionStateAnswers {
  /** What a statement leaves in the session for whoever gets it next from a pooler, in words that follow "leaves"; else null. */
  readonly leavesBehind: (sql: string) => string | null
  /** Names in a text of what `read` finds only by name: custom settings, user variables. It errs towards too many. */
  readonly namesIn: (sql: string) => readonly string[]
  /** All settings, and those that are named. One round trip. */
  readonly read: (connection: Connection, named: Iterable<string>) => Promise<SessionState>
  /** Sets these back, as far as the server lets it; a name without a value, to what it is of itself. */
  readonly restore: (
    connection: Connection,
    wanted: SessionState,
    names: readonly string[],
    until: Until,
  ) => Promise<void>
  /** How far a setting that is changed inside a transaction reaches; null: inside one they cannot be set. */
  readonly insideReaches: Until | null
  /** Names that end the open transaction when they are set back. */
  readonly endTransaction: ReadonlySet<string>
}

/** Where the end of a transaction gives back what was before it, or nothing does but another change. */
export type Until = 'transaction' | 'session'

export interface SessionState {
  /** Name → value, as the server writes it. */
  readonly values: Readonly<Record<string, string>>
  /** Names of those that the session has of itself: what the others are, may be changed by anybody for all sessions. */
  readonly own: ReadonlySet<string>
}

/** Names of what one session has otherwise than before, by its own doing. */
export function differences(wanted: SessionState, found: SessionState): readonly string[] {
  const names = new Set([...wanted.own, ...found.own])
  return [...names].filter((name) => wanted.values[name] !== found.values[name])
}

/** What `read` makes of the rows of its query. */
export function stateOf(
  rows: readonly { readonly name: string; readonly value: unknown; readonly own: boolean }[],
): SessionState {
  const known = rows.filter(({ value }) => value !== null)
  return {
    values: Object.fromEntries(known.map(({ name, value }) => [name, String(value)])),
    own: new Set(known.filter(({ own }) => own).map(({ name }) => name)),
  }
}
