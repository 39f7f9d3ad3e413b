// MySQL and MariaDB: what SET does, assignment by assignment. MySQL manual 15.7.6, "SET Statements".

import { together } from '../contract/statements.js'
import { impactOf } from './calls.js'
import { committing, doubtful, type Facts, ofSession, write } from './single-facts.js'
import { isAt, listOf, type Words } from './words.js'

export function factsOfSet(words: Words): Facts {
  if (isAt(words, 1, 'password') || isAt(words, 1, 'default role')) return committing
  if (words[1] === 'role' || isAt(words, 1, 'resource group')) return ofSession
  if (isTransaction(words)) return factsOfTransaction(words)
  const assignments = assignmentsOf(listOf(words.slice(1)))
  if (assignments === null) return doubtful
  const impact = impactOf(words)
  const facts = assignments.map(factsOfAssignment).reduce(together)
  return impact === 'unknown' ? { ...facts, ofSession: false, allOrNothing: false, changesSettings: true } : facts
}

/** `set transaction …`, `set session transaction …` */
function isTransaction(words: Words): boolean {
  return words[1] === 'transaction' || (words[2] === 'transaction' && scopes.has(words[1] ?? ''))
}

/** Without a scope it is about the next transaction, and refused inside of one. */
function factsOfTransaction(words: Words): Facts {
  if (words[1] === 'global') return ofServer
  return { ...ofSession, refusesTransaction: words[1] === 'transaction' }
}

const ofServer: Facts = { ...write, changesSettings: false }

type Scope = 'global' | 'session' | 'next' | 'user'

interface Assignment {
  readonly scope: Scope
  /** In lower case. */
  readonly name: string
}

const scopes: ReadonlyMap<string, Scope> = new Map([
  ['global', 'global'],
  ['persist', 'global'],
  ['persist_only', 'global'],
  ['session', 'session'],
  ['local', 'session'],
])

/** A scope without `@@` is that of the assignments after it, too. Null when something cannot be read. */
function assignmentsOf(parts: readonly Words[]): readonly Assignment[] | null {
  const assignments: Assignment[] = []
  let current: Scope = 'next'
  for (const part of parts) {
    const own = scopes.get(part[0] ?? '')
    // `@@global.a` is no such scope.
    const hasScope = own !== undefined && !isAssigned(part, 1)
    if (hasScope) current = own
    const assignment = assignmentOf(hasScope ? part.slice(1) : part, current)
    if (assignment === null) return null
    assignments.push(assignment)
  }
  return assignments
}

function assignmentOf(part: Words, current: Scope): Assignment | null {
  const [first, second, third, fourth] = part
  if (first === 'names' || first === 'charset' || isAt(part, 0, 'character set'))
    return { scope: 'session', name: 'names' }
  if (first === '@' && second !== '@') return { scope: 'user', name: second ?? '' }
  if (first === '@') {
    const scope = fourth === '.' ? scopes.get(third ?? '') : undefined
    return scope === undefined ? variableOf(part.slice(2), 'next') : variableOf(part.slice(4), scope)
  }
  return variableOf(part, current)
}

/** `a = …`, `a := …`; `cache.a` and `component.a`, too. */
function variableOf(part: Words, scope: Scope): Assignment | null {
  const end = part[1] === '.' ? 3 : 1
  if (!isAssigned(part, end)) return null
  return { scope, name: part.slice(0, end).join('').replaceAll('`', '').toLowerCase() }
}

function isAssigned(part: Words, at: number): boolean {
  return part[at] === '=' || isAt(part, at, ': =')
}

function factsOfAssignment({ scope, name }: Assignment): Facts {
  if (scope === 'user') return ofSession
  if (name === 'password') return committing
  if (scope === 'global') return ofServer
  // It commits, or begins a transaction with the next statement.
  if (name === 'autocommit') return { ...ofSession, commits: true }
  const refusesTransaction = fixedInside.has(name) || (scope === 'next' && ofNextTransaction.has(name))
  return { ...ofSession, refusesTransaction }
}

const ofNextTransaction = new Set(['transaction_isolation', 'transaction_read_only', 'tx_isolation', 'tx_read_only'])

/** Cannot be changed in a transaction. */
const fixedInside = new Set(['sql_log_bin', 'binlog_format', 'gtid_next'])
