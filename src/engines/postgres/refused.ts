// PostgreSQL: the statements that the server refuses inside a transaction with 25001, as their pages in the manual say.

import { isKeyword, shapeOf, type Statement } from '../../core/sql/sql.js'
import { cursorIn } from './lexicon.js'
import { optionOf, takeOptions } from './options.js'

const refused = [
  /^vacuum(?= |$)/,
  /^create (unique )?index concurrently(?= )/,
  /^drop index concurrently(?= )/,
  /^(create|drop) (database|tablespace)(?= )/,
  /^alter system(?= )/,
  /^alter database \S+ set tablespace(?= )/,
  /^alter table (if exists )?(only )?\S+( \. \S+)?( \*)? detach partition \S+( \. \S+)? concurrently$/,
  /^(commit|rollback) prepared(?= )/,
  /^discard all$/,
  // With its slot on the publisher, as it mostly has one.
  /^drop subscription(?= )/,
  /^alter subscription \S+ refresh publication(?= |$)/,
  /^alter subscription \S+ set \( (.* , )?(failover|two_phase)(?= )/,
]

const verbs = new Set('vacuum create drop alter commit rollback discard reindex cluster'.split(' '))

/** Whether the server refuses it. */
export function refuses(statement: Statement): boolean {
  const [first] = statement
  if (first?.kind !== 'word' || !verbs.has(first.text.toLowerCase())) return false
  const shape = shapeOf(statement)
  return (
    refused.some((pattern) => pattern.test(shape)) ||
    refusesReindex(statement) ||
    refusesCluster(statement) ||
    refusesSubscription(statement, shape)
  )
}

/** Whether the server refuses it for partitioned tables and indexes, of which each partition then has a transaction. */
export function mayRefuse(statement: Statement): boolean {
  const [first] = statement
  return (isKeyword(first, 'reindex') || isKeyword(first, 'cluster')) && !refuses(statement)
}

function refusesReindex(statement: Statement): boolean {
  const cursor = cursorIn(statement)
  if (!cursor.take('reindex')) return false
  takeOptions(cursor)
  return ['schema', 'database', 'system'].some((kind) => cursor.take(kind)) || reindexesConcurrently(statement)
}

/** `reindex (concurrently) table t` or `reindex table concurrently t`. */
export function reindexesConcurrently(statement: Statement): boolean {
  const cursor = cursorIn(statement)
  cursor.take('reindex')
  const options = takeOptions(cursor) ?? []
  cursor.next()
  return optionOf(options, 'concurrently') === true || cursor.take('concurrently')
}

/** Without a table it is for all that were ever clustered. */
function refusesCluster(statement: Statement): boolean {
  const cursor = cursorIn(statement)
  if (!cursor.take('cluster')) return false
  if (takeOptions(cursor) === null) cursor.take('verbose')
  return cursor.rest().length === 0
}

/** Making the slot, or copying, begins at once. */
function refusesSubscription(statement: Statement, shape: string): boolean {
  const changes = /^alter subscription \S+ (set|add|drop) publication /.test(shape)
  if (!changes && !shape.startsWith('create subscription ')) return false
  const options = statement.slice(statement.findLastIndex((token) => isKeyword(token, 'with')) + 2, -1)
  const names = changes ? ['refresh'] : ['connect', 'create_slot']
  return names.every((name) => optionOf(options, name) !== false)
}
