// MySQL and MariaDB: what one statement does, by its words. MySQL manual 15, "SQL Statements"; MariaDB, "SQL Statements".

import { impactOf } from './calls.js'
import { factsOfBegin, factsOfControl, factsOfStart, factsOfXa } from './control.js'
import { factsOfAlter, factsOfCreate, factsOfDrop, factsOfRename } from './schema-statements.js'
import { factsOfSet } from './set-statement.js'
import { atomic, committing, doubtful, type Facts, ofSession, read, write } from './single-facts.js'
import { indexOutside, isAt, type Sentence, type Words } from './words.js'

export function classify({ words, isWhole }: Sentence): Facts {
  const facts = factsOf(words)
  // What was left out may hold whatever an expression can.
  return isWhole ? facts : { ...facts, reads: false, ofSession: false, changesSettings: true }
}

function factsOf(words: Words): Facts {
  const start = startOf(words)
  const kind = kinds.get(words[start] ?? '')
  const facts = kind === undefined ? doubtful : kind(start === 0 ? words : words.slice(start))
  return start > 0 && facts.control !== null ? { ...facts, control: null, mayControl: true } : facts
}

/** Where it begins, after `(((` and MariaDB's `set statement a = 1 for`. */
function startOf(words: Words): number {
  let start = 0
  while (words[start] === '(') start++
  while (isAt(words, start, 'set statement')) {
    const end = indexOutside(words, start, ['for'])
    if (end === -1) break
    start = end + 1
  }
  return start
}

type Kind = (words: Words) => Facts

const always = (facts: Facts): Kind => {
  return () => facts
}

const answers: Readonly<Record<string, Kind>> = {
  select: factsOfSelect,
  with: factsOfWith,
  values: factsOfSelect,
  table: factsOfSelect,
  show: factsOfSelect,
  do: factsOfSelect,
  explain: factsOfExplain,
  describe: factsOfExplain,
  desc: factsOfExplain,
  help: always(read),
  checksum: always(read),
}

const changesOfRows: Readonly<Record<string, Kind>> = {
  insert: factsOfWrite,
  replace: factsOfWrite,
  update: factsOfWrite,
  delete: factsOfWrite,
  load: factsOfLoad,
}

const control: Readonly<Record<string, Kind>> = {
  begin: factsOfBegin,
  start: factsOfStart,
  commit: factsOfControl,
  rollback: factsOfControl,
  savepoint: factsOfControl,
  release: factsOfControl,
  xa: factsOfXa,
}

const session: Readonly<Record<string, Kind>> = {
  set: factsOfSet,
  use: always(ofSession),
  prepare: always({ ...ofSession, changesSettings: false }),
  deallocate: always({ ...ofSession, changesSettings: false }),
  handler: factsOfHandler,
  lock: factsOfLock,
  unlock: factsOfLock,
  get: always(ofSession), // get diagnostics @a = …
  signal: always(write),
  resignal: always(write),
  kill: always(write),
}

const schema: Readonly<Record<string, Kind>> = {
  create: factsOfCreate,
  alter: factsOfAlter,
  drop: factsOfDrop,
  rename: factsOfRename,
  truncate: always(atomic),
  grant: always(committing),
  revoke: always(committing),
}

const server: Readonly<Record<string, Kind>> = {
  analyze: factsOfAnalyze,
  optimize: always(committing),
  check: always(committing),
  repair: always(committing),
  cache: always(committing),
  flush: factsOfFlush,
  reset: always(committing),
  install: always(committing),
  uninstall: always(committing),
  change: always(committing),
  stop: always(committing),
  purge: always(committing),
}

/** By the first word; whatever is not here is doubtful. */
const kinds: ReadonlyMap<string, Kind> = new Map(
  [answers, changesOfRows, control, session, schema, server].flatMap((table) => Object.entries(table)),
)

function factsOfSelect(words: Words): Facts {
  const impact = impactOf(words)
  const into = words.indexOf('into')
  const setsVariable = impact === 'session' || (into !== -1 && words[into + 1] === '@')
  const writesElsewhere = into !== -1 && words[into + 1] !== '@'
  if (impact === 'unknown' || writesElsewhere || locksRows(words))
    return { ...write, changesSettings: setsVariable || impact === 'unknown' }
  return setsVariable ? ofSession : read
}

/** `for update`, `for share`, `lock in share mode` */
function locksRows(words: Words): boolean {
  return words.some((word, at) => {
    const next = words[at + 1]
    return word === 'for' ? next === 'update' || next === 'share' : word === 'lock' && next === 'in'
  })
}

const mainWords = ['select', 'table', 'values', 'insert', 'replace', 'update', 'delete']

function factsOfWith(words: Words): Facts {
  const main = words[indexOutside(words, 1, mainWords)] ?? 'select'
  return main in changesOfRows ? factsOfWrite(words) : factsOfSelect(words)
}

function factsOfWrite(words: Words): Facts {
  return { ...write, changesSettings: impactOf(words) !== 'none' }
}

/** `load data … (a, @b) set c = @b` */
function factsOfLoad(words: Words): Facts {
  if (words[1] === 'index') return committing
  return { ...factsOfWrite(words), changesSettings: words.includes('@') || impactOf(words) !== 'none' }
}

/** Nothing is run but by MySQL's `explain analyze`. `explain format = json into @a select …` sets a variable. */
function factsOfExplain(words: Words): Facts {
  const start = indexOutside(words, 1, [...mainWords, 'with', '('])
  const head = words.slice(1, Math.max(start, 1))
  if (head.includes('analyze')) return factsOf(words.slice(start))
  const impact = impactOf(words)
  if (impact === 'unknown') return { ...write, changesSettings: true }
  return impact === 'session' || head.includes('into') ? ofSession : read
}

/** MariaDB's `analyze format = json update …` runs what it analyzes. */
function factsOfAnalyze(words: Words): Facts {
  const start = indexOutside(words, 1, [...mainWords, 'with'])
  return start === -1 || words[start] === 'table' ? committing : factsOf(words.slice(start))
}

/** A handler is open until the session closes it. */
function factsOfHandler(words: Words): Facts {
  const isCursor = ['open', 'close'].includes(words.findLast((word) => ['open', 'close', 'read'].includes(word)) ?? '')
  return isCursor ? { ...ofSession, changesSettings: false } : factsOfSelect(words)
}

function factsOfLock(words: Words): Facts {
  const isOfTables = words[1] === 'tables' || words[1] === 'table'
  return { ...ofSession, commits: true, tableLocks: !isOfTables ? null : words[0] === 'lock' ? 'take' : 'free' }
}

/** `flush tables … with read lock` and `… for export` hold until `unlock tables`; no table can be added to them. */
function factsOfFlush(words: Words): Facts {
  const holds = words.some((_, at) => isAt(words, at, 'with read lock') || isAt(words, at, 'for export'))
  return holds ? { ...ofSession, commits: true } : committing
}
