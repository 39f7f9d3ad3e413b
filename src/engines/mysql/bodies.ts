// MySQL and MariaDB: where the bodies of routines, triggers, events and blocks begin and end, so that their semicolons end
// no statement. MySQL manual, "Compound Statement Syntax"; MariaDB, "Programmatic & Compound Statements", and its Oracle mode.

import type { Token } from '../../core/sql/pieces.js'
import type { BodyRule } from '../../core/sql/sql.js'
import { compoundStatement, type Compound } from './compound-statement.js'

/** What is known of a statement by its pieces so far; called with each of them until there is nothing more to find out. */
type Stage = (word: string, token: Token) => Stage | null

export const bodies: BodyRule = () => {
  const body = compoundStatement()
  let stage: Stage | null = firstWord(body)
  let previous = ''
  return (token) => {
    const word = wordOf(token, previous)
    if (stage === null) body.follow(word)
    else stage = stage(word, token)
    previous = token.kind === 'sign' ? token.text : ''
    return body.isOpen()
  }
}

/** In lower case; what is quoted, or belongs to a name or variable, is no keyword: `t.end`, `@begin`. */
function wordOf({ kind, text }: Token, previous: string): string {
  if (kind === 'sign') return text
  return kind === 'word' && previous !== '.' && previous !== '@' ? text.toLowerCase() : `'`
}

/** A statement that has no body ends at its first semicolon. */
const noBody: Stage = () => noBody

/** The body begins with this piece. */
function startBody(body: Compound, word: string): null {
  body.start()
  body.follow(word)
  return null
}

function firstWord(body: Compound): Stage {
  return (word) => {
    if (word === 'create') return createdKind(body)
    if (word === 'alter') return alteredKind(body)
    if (word === 'begin') return afterBegin(body)
    if (word === 'declare') return startUnit(body)
    if (blocks.has(word)) return startBody(body, word)
    return /^[a-z]/.test(word) ? labelOrNone(body) : noBody
  }
}

/** MariaDB has these outside of routines, too. The last is a label's in Oracle mode. */
const blocks = new Set(['if', 'case', 'loop', 'while', 'repeat', 'for', '<'])

function labelOrNone(body: Compound): Stage {
  return (word) => {
    if (word !== ':') return noBody
    body.start()
    return null
  }
}

/** `begin` alone begins a transaction; `begin not atomic`, and whatever else follows in Oracle mode, is a block. */
function afterBegin(body: Compound): Stage {
  return (word) => {
    if (word === 'work') return noBody
    body.start()
    body.follow('begin')
    if (word !== 'not') return startBody(body, word)
    return () => null // atomic
  }
}

/** Oracle mode: declarations, then `begin`. */
function startUnit(body: Compound): null {
  body.startUnit()
  return null
}

function createdKind(body: Compound): Stage {
  return afterPrelude((word) => {
    if (word === 'trigger') return afterWords(['each', 'row'], body, triggerOrder(body))
    if (word === 'event') return afterWords(['do'], body, null)
    if (word === 'procedure' || word === 'function') return parameters(body)
    return word === 'package' ? packageBody(body) : noBody
  })
}

function alteredKind(body: Compound): Stage {
  return afterPrelude((word) => (word === 'event' ? afterWords(['do'], body, null) : noBody))
}

/** What comes after `or replace definer = a@b aggregate …` */
function afterPrelude(next: (word: string) => Stage): Stage {
  let previous = ''
  const stage: Stage = (word) => {
    const isDefiner = previous === '='
    previous = word
    return isDefiner || !/^\w/.test(word) || prelude.has(word) ? stage : next(word)
  }
  return stage
}

const prelude = new Set(['or', 'replace', 'definer', 'aggregate'])

/** What comes after these words, side by side, is `next`, or the body. */
function afterWords(words: readonly string[], body: Compound, next: Stage | null): Stage {
  let found = 0
  const stage: Stage = (word) => {
    found = word === words[found] ? found + 1 : word === words[0] ? 1 : 0
    if (found < words.length) return stage
    if (next === null) body.start()
    return next
  }
  return stage
}

/** `follows other`, `precedes other` */
function triggerOrder(body: Compound): Stage {
  return (word) => {
    if (word !== 'follows' && word !== 'precedes') return startBody(body, word)
    return () => {
      body.start()
      return null
    }
  }
}

/** `(…)`; in Oracle mode there may be none. */
function parameters(body: Compound): Stage {
  let depth = 0
  const stage: Stage = (word) => {
    if (word === '(') depth++
    if (word === ')' && --depth === 0) return characteristics(body)
    if (depth === 0 && word === 'return') return oracleHead(body)
    if (depth === 0 && (word === 'as' || word === 'is')) return startUnit(body)
    return stage
  }
  return stage
}

/** `returns int deterministic …`, up to the first word of the body. */
function characteristics(body: Compound): Stage {
  let returns = false
  let previous = ''
  const stage: Stage = (word) => {
    const before = previous
    previous = word
    if (word === 'returns') returns = true
    if (word === 'as' || word === 'is') return unitOrText(body)
    if (word === 'return' && !returns) return oracleHead(body)
    if (word === 'begin' || blocks.has(word)) return startBody(body, word)
    return simple.has(word) && !(word === 'set' && before === 'character') ? noBody : stage
  }
  return stage
}

/** First words of statements that hold no others. */
const simple = new Set(
  (
    'alter analyze call check checksum commit create deallocate delete do drop execute explain flush get grant handler ' +
    'insert kill load lock optimize prepare rename repair replace reset resignal return revoke rollback savepoint ' +
    'select set show signal start truncate unlock update use values with'
  ).split(' '),
)

/** `return int is …` */
function oracleHead(body: Compound): Stage {
  const stage: Stage = (word) => (word === 'as' || word === 'is' ? unitOrText(body) : stage)
  return stage
}

/** `as 'text in another language'` is no body of SQL. */
function unitOrText(body: Compound): Stage {
  return (word) => {
    if (word === `'`) return noBody
    body.startUnit()
    body.follow(word)
    return null
  }
}

function packageBody(body: Compound): Stage {
  const stage: Stage = (word) => {
    if (word !== 'as' && word !== 'is') return stage
    body.startPackage()
    return null
  }
  return stage
}
