// PostgreSQL: what a text does, as far as it tells.

import { followEach, type Lexicon } from '../../core/sql/sql.js'
import type { StatementAnswers, StatementFacts } from '../contract/statements.js'
import { factsOf } from './facts.js'
import { backslashLexicon, postgresLexicon } from './lexicon.js'
import { outlineFollower } from './outline.js'

export const statements: StatementAnswers = {
  read(sql) {
    const standard = readingOf(sql, postgresLexicon)
    // With standard_conforming_strings = off, such a quote does not end a literal. A reading that leaves one open is wrong.
    const other = sql.includes("\\'") ? readingOf(sql, backslashLexicon) : null
    if (other === null || !other.isClosed) return standard.facts
    return standard.isClosed ? doubtful(standard.facts, other.facts) : other.facts
  },
}

interface Reading {
  readonly facts: StatementFacts
  /** Whether all its quotes are. */
  readonly isClosed: boolean
}

function readingOf(sql: string, lexicon: Lexicon): Reading {
  let facts = nothing
  let isClosed = true
  for (const outline of followEach(sql, lexicon, outlineFollower)) {
    const next = { ...plain, ...factsOf(outline) }
    facts = facts.count === 0 ? next : both(facts, next)
    isClosed &&= !outline.marks.has('unclosed')
  }
  return { facts, isClosed }
}

/** A statement that changes something in the open transaction, and of which nothing else is to be said. None commits it. */
const plain: StatementFacts = {
  count: 1,
  reads: false,
  ofSession: false,
  control: null,
  endsTransaction: false,
  commits: false,
  mayControl: false,
  refusesTransaction: false,
  endsGroup: false,
  allOrNothing: true,
  temporary: false,
  changesSettings: false,
  tableLocks: null,
  waitsLong: false,
}

const nothing: StatementFacts = { ...plain, count: 0, reads: true }

/** Several statements of one text are one transaction. */
function both(one: StatementFacts, next: StatementFacts): StatementFacts {
  return {
    count: one.count + next.count,
    reads: one.reads && next.reads,
    ofSession: one.ofSession && next.ofSession,
    control: null,
    endsTransaction: one.endsTransaction || next.endsTransaction,
    commits: one.commits || next.commits,
    mayControl: one.mayControl || next.mayControl,
    refusesTransaction: one.refusesTransaction || next.refusesTransaction,
    endsGroup: one.endsGroup || next.endsGroup,
    allOrNothing: one.allOrNothing && next.allOrNothing,
    temporary: one.temporary || next.temporary,
    changesSettings: one.changesSettings || next.changesSettings,
    tableLocks: null,
    waitsLong: one.waitsLong || next.waitsLong,
  }
}

/** A text that can be read in two ways. */
function doubtful(one: StatementFacts, other: StatementFacts): StatementFacts {
  const isControl = one.count === 1 && other.count === 1 && one.control?.kind === other.control?.kind
  return { ...both(one, other), count: Math.max(one.count, other.count), control: isControl ? one.control : null }
}
