// What the journal knows of a migration that stopped, and what follows from it for each statement that comes again. Pure.

import { hashOf } from '../core/checksum.js'
import type { StatementFacts } from '../engines/contract/statements.js'
import { type EntryOf, hashOfValues, keyOf, sentBeside, takenBack } from '../history/journal.js'
import type { JournalEntry } from '../history/read-journal.js'

/** The last word on a statement. */
export interface PastStatement {
  readonly at: { readonly step: string | null; readonly ordinal: number }
  /** `refused`: by the server. `undone`: it was rolled back. `unknown`: it is not known how it ended. */
  readonly state: 'done' | 'refused' | 'undone' | 'unknown'
  readonly sql: string
  readonly hash: string
  /** Of its values, salted with `run`; null when it had none. */
  readonly valuesHash: string | null
  readonly run: string
  /** It was sent beside the pinned connection: statements before it may have been in a transaction that is lost. */
  readonly isBeside: boolean
  /** What the catalog showed of its effect before it was sent. */
  readonly seen: string | null
}

export type Decision =
  /** Sent as if it were new, or left out because it is done. */
  | { readonly kind: 'send' | 'skip' | 'temporary'; readonly before: PastStatement | null }
  /** Left out, and written down as done: that was found out. */
  | { readonly kind: 'record'; readonly before: PastStatement }
  /** It is not what was done there. */
  | { readonly kind: 'differs' | 'differs in values'; readonly before: PastStatement | null }

/** What was found out of a statement that is in doubt. */
export type Finding = 'done' | 'not-done'

/** What of a statement on its way is compared with what was done. */
export interface Now {
  readonly sql: string
  readonly values: readonly unknown[]
  readonly facts: Pick<StatementFacts, 'temporary'>
}

export interface Past {
  /** Whether anything of it was begun. */
  readonly hasBegun: boolean
  /** Whether a named step was done to its end. */
  readonly isStepDone: (name: string) => boolean
  /** What is to be done with the statement that comes now. `isEdited`: the program is another one than the one that was begun. */
  readonly decide: (at: EntryOf, now: Now, isEdited: boolean) => Decision
  /** Whether something that comes later in the step is done. */
  readonly isDoneAfter: (step: string | null, ordinal: number) => boolean
  /** How many statements are done, as far as the journal knows. */
  readonly doneCount: number
  /** A statement that is done and did not come again; null when all did. */
  readonly notMet: () => PastStatement | null
}

/**
 * The statements of which the journal does not know what became of them, in their order; not those of named steps that are
 * done as a whole.
 */
export function doubtsOf(entries: readonly JournalEntry[]): readonly PastStatement[] {
  const doneSteps = stepsDone(entries)
  return [...lastWords(entries).values()].filter(
    ({ state, at }) => (state === 'unknown' || state === 'refused') && !doneSteps.has(at.step ?? ''),
  )
}

/**
 * `entries`: since the revision was last begun, oldest first. `findings`: of the statements that are in doubt; one of which
 * nothing was found is not done.
 */
export function pastOf(entries: readonly JournalEntry[], findings: ReadonlyMap<string, Finding> = new Map()): Past {
  const statements = lastWords(entries)
  const doneSteps = stepsDone(entries)
  const isDone = ({ state, at }: PastStatement) => state === 'done' || findings.get(keyOf(at)) === 'done'
  const done = [...statements.values()].filter(isDone)
  const lastDone = lastOrdinals(done)
  // What the journal does not have, and comes before one of these, is not what the migration was; or it was never committed.
  const lastInTurn = lastOrdinals(done.filter(({ isBeside }) => !isBeside))
  const met = new Set<string>()
  const isDoneAfter = (step: string | null, ordinal: number) => (lastDone.get(step) ?? 0) > ordinal
  return {
    hasBegun: statements.size > 0,
    isStepDone: (name) => doneSteps.has(name),
    doneCount: [...statements.values()].filter(({ state }) => state === 'done').length,
    isDoneAfter,
    decide({ step = null, ordinal = 0 }, now, isEdited) {
      const key = keyOf({ step, ordinal })
      const before = statements.get(key)
      met.add(key)
      if (before === undefined)
        return { kind: (lastInTurn.get(step) ?? 0) > ordinal ? 'differs' : 'send', before: null }
      if (before.state === 'done') return decideOnDone(before, now, isEdited)
      if (!isDone(before)) return { kind: 'send', before }
      return { kind: before.hash === hashOf(now.sql) ? 'record' : 'differs', before }
    },
    notMet() {
      const left = [...statements.values()].find(
        (statement) => isDone(statement) && !met.has(keyOf(statement.at)) && !doneSteps.has(statement.at.step ?? ''),
      )
      return left ?? null
    },
  }
}

/** Named step (null: none) → the highest number of these statements. */
function lastOrdinals(statements: readonly PastStatement[]): ReadonlyMap<string | null, number> {
  const last = new Map<string | null, number>()
  for (const { at } of statements) last.set(at.step, Math.max(at.ordinal, last.get(at.step) ?? 0))
  return last
}

function decideOnDone(before: PastStatement, { sql, values, facts }: Now, isEdited: boolean): Decision {
  if (before.hash !== hashOf(sql)) return { kind: 'differs', before }
  if (facts.temporary) return { kind: 'temporary', before }
  // Times and random numbers differ each time; in an edited migration they may be the edit.
  const valuesHash = hashOfValues(before.run, values)
  return { kind: isEdited && before.valuesHash !== valuesHash ? 'differs in values' : 'skip', before }
}

/** A step that was done, and of which a query came later, is not. */
function stepsDone(entries: readonly JournalEntry[]): ReadonlySet<string> {
  const done = new Set<string>()
  for (const { what, step, ordinal } of entries) {
    if (step == null) continue
    if (what === 'step') done.add(step)
    if (what === 'undone' && ordinal === undefined) done.delete(step)
  }
  return done
}

const states = { statement: 'unknown', done: 'done', refused: 'refused', undone: 'undone' } as const

function stateOf({ what, note }: JournalEntry): PastStatement['state'] {
  return what === 'refused' && note === takenBack ? 'undone' : states[what as keyof typeof states]
}

function lastWords(entries: readonly JournalEntry[]): ReadonlyMap<string, PastStatement> {
  const last = new Map<string, PastStatement>()
  for (const entry of entries) {
    const { what, ordinal, step = null, sql, sqlHash, valuesHash, run, seen } = entry
    if (ordinal === undefined || !(what in states)) continue
    last.set(keyOf({ step, ordinal }), {
      at: { step, ordinal },
      state: stateOf(entry),
      sql: sql ?? '',
      hash: sqlHash ?? '',
      valuesHash,
      run,
      isBeside: entry.note === sentBeside,
      // Only what is written before the statement tells how it was then.
      seen: what === 'statement' ? (seen ?? null) : (last.get(keyOf({ step, ordinal }))?.seen ?? null),
    })
  }
  return last
}
