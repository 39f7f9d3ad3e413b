// MySQL and MariaDB: statements of transaction control.

import type { ControlKind } from '../contract/statements.js'
import { committing, doubtful, type Facts, read, write } from './single-facts.js'
import type { Words } from './words.js'

/** What is open is committed by it. `begin not atomic` is a block. */
export function factsOfBegin(words: Words): Facts {
  if (words.length > 1 && words[1] !== 'work') return doubtful
  return { ...write, control: { kind: 'begin', savepoint: null }, endsTransaction: true, commits: true }
}

export function factsOfStart(words: Words): Facts {
  return words[1] === 'transaction' ? factsOfBegin(['begin']) : committing // start replica, …
}

export function factsOfControl(words: Words): Facts {
  const kind = kindOf(words)
  if (kind === 'commit' || kind === 'rollback')
    return { ...write, control: { kind, savepoint: null }, endsTransaction: true }
  return { ...write, control: { kind, savepoint: nameOf(words.at(-1) ?? '') } }
}

function kindOf(words: Words): Exclude<ControlKind, 'begin'> {
  const [first, second, third] = words
  if (first === 'rollback') return second === 'to' || (second === 'work' && third === 'to') ? 'rollback to' : 'rollback'
  if (first === 'commit' || first === 'savepoint') return first
  return 'release'
}

/** Names of savepoints do not differ by their case. */
function nameOf(word: string): string {
  return word.replace(/^`/, '').toLowerCase()
}

/** A transaction that others can end. The server refuses one within another. */
export function factsOfXa(words: Words): Facts {
  if (words[1] === 'recover') return read
  return { ...doubtful, endsTransaction: true, refusesTransaction: words[1] === 'start' || words[1] === 'begin' }
}
