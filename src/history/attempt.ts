// What the journal tells of a step that stopped in the middle, for people.

import type { AppliedRevision } from '../core/graph/history.js'
import { keyOf } from './journal.js'
import { type JournalEntry, readAttempt } from './read-journal.js'
import type { Session } from '../session/session.js'
import { excerpt } from '../core/render/excerpt.js'

/** A statement of a step that was interrupted. */
export interface AttemptedStatement {
  readonly ordinal: number
  /** The named step that it belongs to. */
  readonly step: string | null
  readonly sql: string
  /** `undone`: the migration rolled it back itself. `unknown`: it is not known how it ended. */
  readonly state: 'done' | 'refused' | 'undone' | 'unknown'
  /** Where it is unknown, what the catalog shows now: "column email of users is absent". */
  readonly now: string | null
}

/** The statements of an unfinished row in their order, and how each ended as far as it is known. */
export async function readAttempted(
  session: Session,
  { revision, state }: AppliedRevision,
): Promise<readonly AttemptedStatement[]> {
  const entries = await readAttempt(session, revision, state === 'reverting' ? 'down' : 'up')
  const last = new Map<string, JournalEntry>()
  for (const entry of entries) if (entry.ordinal !== undefined) last.set(keyOf(entry), entry)
  return Promise.all(
    [...last.values()].map(async ({ ordinal = 0, step = null, sql, what }) => {
      const text = sql ?? ''
      const state = what === 'done' || what === 'refused' || what === 'undone' ? what : 'unknown'
      const now = state === 'done' ? null : await lookNow(session, text)
      return { ordinal, step, sql: text, state, now }
    }),
  )
}

async function lookNow({ engine, connection }: Session, sql: string): Promise<string | null> {
  const effect = engine.effects.of(sql)
  return effect === null ? null : `${effect.what} is ${await effect.look(connection)}`
}

const longestSql = 100

/** One line for each; null when there is none. */
export function describeAttempted(statements: readonly AttemptedStatement[]): string | null {
  if (statements.length === 0) return null
  return statements
    .map(({ ordinal, step, sql, state, now }) => {
      const text = sql.replace(/\s+/g, ' ').trim()
      const name = step === null ? '' : `[${step}] `
      return `  ${String(ordinal).padStart(2)}  ${state.padEnd(7)}  ${name}${excerpt(text, longestSql)}${now === null ? '' : `   (${now})`}`
    })
    .join('\n')
}
