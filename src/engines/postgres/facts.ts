// PostgreSQL: what one statement does, by its first words (manual, "SQL Commands").

import { isKeyword, shapeOf, type Statement } from '../../core/sql/sql.js'
import type { StatementFacts } from '../contract/statements.js'
import { ofBegin, ofEnd, ofPrepare, ofRelease, ofRollback, ofSavepoint } from './control.js'
import { cursorIn } from './lexicon.js'
import { optionOf, takeOptions } from './options.js'
import type { Mark, Outline } from './outline.js'
import { mayRefuse, refuses, reindexesConcurrently } from './refused.js'

/** What differs from a statement that changes something in the open transaction, and of which nothing else is to be said. */
type Facts = Partial<StatementFacts>
type Reader = (outline: Outline) => Facts

export function factsOf(outline: Outline): Facts {
  const { head, marks } = outline
  const facts = readers.get(verbOf(head))?.(outline) ?? {}
  const refusesTransaction = refuses(head)
  const isPartedPerhaps = mayRefuse(head)
  return {
    ...facts,
    refusesTransaction,
    mayControl: facts.mayControl === true || isPartedPerhaps,
    allOrNothing: facts.allOrNothing !== false && !refusesTransaction && !isPartedPerhaps && !marks.has('leaves'),
  }
}

function verbOf([first]: Statement): string {
  return first?.kind === 'word' || first?.kind === 'sign' ? first.text.toLowerCase() : ''
}

const queries = ['select', 'values', 'table', '(', 'with']

/** A procedure, or a block of code, may commit when it is not in a transaction. */
const program: Facts = { mayControl: true, changesSettings: true, allOrNothing: false }
const setsUp: Facts = { ofSession: true }
const changes: Facts = { ofSession: true, changesSettings: true }

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...queries.map((verb): [string, Reader] => [verb, ofQuery]),
  ...['insert', 'update', 'delete', 'merge'].map((verb): [string, Reader] => [verb, ofCalls]),
  ['show', () => ({ reads: true })],
  ['explain', ofExplain],
  ['copy', ofCopy],
  ['begin', ofBegin],
  ['start', ofBegin],
  ['commit', ({ head }) => ofEnd('commit', head)],
  ['end', ({ head }) => ofEnd('commit', head)],
  ['abort', ({ head }) => ofEnd('rollback', head)],
  ['rollback', ({ head }) => ofRollback(head)],
  ['savepoint', ({ head }) => ofSavepoint(head)],
  ['release', ({ head }) => ofRelease(head)],
  ['prepare', ({ head }) => ofPrepare(head)],
  ['set', ofSet],
  ['reset', () => changes],
  ['load', () => changes],
  ['discard', ({ head }) => (isKeyword(head[1], 'all') ? changes : setsUp)],
  ['deallocate', () => setsUp],
  ['listen', () => setsUp],
  ['unlisten', () => setsUp],
  ['do', () => program],
  ['call', () => program],
  ['execute', () => program],
  // They run a part of a query that is not seen here.
  ['fetch', () => ({ changesSettings: true })],
  ['move', () => ({ changesSettings: true })],
  ['create', ofCreate],
  ['alter', ofAlter],
  ['drop', ({ marks }) => ({ waitsLong: marks.has('concurrently') })],
  ['reindex', ({ head }) => ({ waitsLong: reindexesConcurrently(head) })],
  // Outside of a transaction it has one for each table.
  ['analyze', () => ({ allOrNothing: false })],
  ['analyse', () => ({ allOrNothing: false })],
])

/** Marks of what a query does besides answering. Operators, views and rules are taken for what they mostly are. */
const effects: readonly Mark[] = ['into', 'writes', 'locks', 'acts', 'leaves', 'unknown', 'settings', 'local settings']

function ofQuery({ marks }: Outline): Pick<StatementFacts, 'reads' | 'ofSession' | 'temporary' | 'changesSettings'> {
  const found = effects.filter((mark) => marks.has(mark))
  return {
    reads: found.length === 0,
    ofSession: found.length > 0 && found.every((mark) => mark.endsWith('settings')),
    temporary: marks.has('into temporary'),
    changesSettings: mayChangeSettings(marks),
  }
}

function ofCalls({ marks }: Outline): Facts {
  return { changesSettings: mayChangeSettings(marks) }
}

function mayChangeSettings(marks: ReadonlySet<Mark>): boolean {
  return marks.has('unknown') || marks.has('settings')
}

/** Without ANALYZE nothing is executed but the arguments of EXECUTE. */
function ofExplain({ head, marks }: Outline): Facts {
  const { isAnalyzed, rest } = explained(head)
  const isProgram = verbOf(rest) === 'execute'
  const { reads, changesSettings } = ofQuery({ head, marks })
  if (!isAnalyzed) return isProgram ? { reads, changesSettings } : { reads: true }
  return queries.includes(verbOf(rest)) ? { reads, changesSettings } : { changesSettings: isProgram || changesSettings }
}

function explained(head: Statement): { readonly isAnalyzed: boolean; readonly rest: Statement } {
  const cursor = cursorIn(head)
  cursor.take('explain')
  // `explain (select 1)` has no options: none of its pieces is called so.
  const hasOptions = isKeyword(head[1], '(') && !queries.includes(verbOf(head.slice(2)))
  const options = hasOptions ? (takeOptions(cursor) ?? []) : []
  const isAnalyzed = cursor.take('analyze') || cursor.take('analyse')
  cursor.take('verbose')
  const isOn = ['analyze', 'analyse'].some((name) => optionOf(options, name) === true)
  return { isAnalyzed: isAnalyzed || isOn, rest: cursor.rest() }
}

/** To the client it is a query; files and programs are out of the reach of transactions. */
function ofCopy({ head, marks }: Outline): Facts {
  const shape = shapeOf(head)
  const query = ofQuery({ head, marks })
  if (/ to stdout(?= |$)/.test(shape)) return { reads: query.reads, changesSettings: query.changesSettings }
  return { changesSettings: query.changesSettings, allOrNothing: !/ (to (program )?|from program )'…'/.test(shape) }
}

/**
 * SET LOCAL and SET TRANSACTION end with the transaction (manual, "SET"). SET CONSTRAINTS … IMMEDIATE runs the triggers
 * that were deferred.
 */
function ofSet({ head }: Outline): Facts {
  const cursor = cursorIn(head)
  cursor.take('set')
  if (cursor.take('constraints')) return isKeyword(head.at(-1), 'immediate') ? {} : setsUp
  const isLocal = cursor.take('local')
  cursor.take('session')
  return isLocal || cursor.take('transaction') ? setsUp : changes
}

const temporary =
  /^create (or replace )?((global |local )?(temp|temporary) |(table|sequence|(recursive )?view) (if not exists )?pg_temp \. )/
const runsQuery =
  /^create ((global|local|temp|temporary|unlogged|materialized) )*(table|view) .* as (\( )*(select|values|table|with|execute) /

/** What a new table or materialized view is filled with is computed at once. */
function ofCreate({ head, marks }: Outline): Facts {
  const shape = shapeOf(head)
  return {
    temporary: temporary.test(shape),
    waitsLong: /^create (unique )?index concurrently /.test(shape),
    changesSettings: runsQuery.test(shape) && (mayChangeSettings(marks) || / as execute /.test(shape)),
  }
}

/**
 * A new value of an enum "cannot be used until after the transaction has been committed". A new column computes its
 * default for the rows that are there.
 */
function ofAlter({ head, marks }: Outline): Facts {
  const shape = shapeOf(head)
  return {
    endsGroup: /^alter type \S+( \. \S+)? add value /.test(shape),
    waitsLong: marks.has('concurrently') || / validate constraint /.test(shape),
    changesSettings: /^alter (table|domain) /.test(shape) && mayChangeSettings(marks),
  }
}
