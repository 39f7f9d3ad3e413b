// MySQL and MariaDB: what a text of one or several statements does. Where servers read it in different ways, its facts are
// those that are safe for each.

import { type StatementAnswers, type StatementFacts, together } from '../contract/statements.js'
import { classify } from './classify.js'
import { dialectsOf } from './dialects.js'
import type { Dialect } from './lexicon.js'
import { doubtful, read as nothing } from './single-facts.js'
import { readSentences } from './words.js'

export const statements: StatementAnswers = {
  read,
  isDamaged: () => false, // the driver writes values, and leaves a ? for which there is none as it is
}

function read(sql: string): StatementFacts {
  const dialects = dialectsOf(sql)
  if (dialects === null) return { ...doubtful, count: 1 }
  const readings: Reading[] = []
  for (const dialect of dialects) readings.push(readAs(sql, dialect, readings.some(isSound)))
  const sound = readings.filter(isSound)
  return (sound.length > 0 ? sound : readings).map(({ facts }) => facts).reduce(either)
}

interface Reading {
  readonly facts: StatementFacts
  readonly isSound: boolean
}

function isSound(reading: Reading): boolean {
  return reading.isSound
}

function readAs(sql: string, dialect: Dialect, onlySound: boolean): Reading {
  let facts: StatementFacts = { ...nothing, count: 0 }
  let leavesSomething = false
  const isSound = readSentences(sql, dialect, { onlySound }, (sentence) => {
    const next = classify(sentence)
    // The last statement may fail after the others left what they did.
    const allOrNothing = facts.allOrNothing && next.allOrNothing && !leavesSomething
    facts = { ...(facts.count === 0 ? next : together(facts, next)), allOrNothing, count: facts.count + 1 }
    leavesSomething ||= !next.reads && !next.ofSession
  })
  return { facts, isSound }
}

/** Of the same text, read in two ways. */
function either(a: StatementFacts, b: StatementFacts): StatementFacts {
  const isSame = a.control?.kind === b.control?.kind && a.control?.savepoint === b.control?.savepoint
  const facts = together(a, b)
  return {
    ...facts,
    count: Math.max(a.count, b.count),
    control: isSame ? a.control : null,
    mayControl: facts.mayControl || !isSame,
  }
}
