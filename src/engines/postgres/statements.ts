// PostgreSQL: what a text does, as far as it tells.

import { quotedIn } from '../../core/sql/pieces.js'
import { followEach, type Lexicon } from '../../core/sql/sql.js'
import {
  noStatement,
  plainStatement,
  type StatementAnswers,
  type StatementFacts,
  together,
} from '../contract/statements.js'
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
  isDamaged(sql, values) {
    if (marksIn(sql) <= values) return false
    for (const quoted of quotedIn(sql, postgresLexicon.pieces)) if (marksIn(quoted) > 0) return true
    return false
  },
}

/** Knex numbers every question mark that no backslash escapes, in quotes too (its `positionBindings`). */
function marksIn(sql: string): number {
  let count = 0
  for (const [, backslashes = ''] of sql.matchAll(/(\\*)\?/g)) if (backslashes.length % 2 === 0) count++
  return count
}

interface Reading {
  readonly facts: StatementFacts
  /** Whether all its quotes are. */
  readonly isClosed: boolean
}

function readingOf(sql: string, lexicon: Lexicon): Reading {
  let facts = noStatement
  let isClosed = true
  for (const outline of followEach(sql, lexicon, outlineFollower)) {
    const next = { ...plainStatement, ...factsOf(outline) }
    facts = facts.count === 0 ? next : both(facts, next)
    isClosed &&= !outline.marks.has('unclosed')
  }
  return { facts, isClosed }
}

/** Several statements of one text are one transaction. */
function both(one: StatementFacts, next: StatementFacts): StatementFacts {
  return { ...together(one, next), count: one.count + next.count }
}

/** A text that can be read in two ways. */
function doubtful(one: StatementFacts, other: StatementFacts): StatementFacts {
  const isControl = one.count === 1 && other.count === 1 && one.control?.kind === other.control?.kind
  return { ...both(one, other), count: Math.max(one.count, other.count), control: isControl ? one.control : null }
}
