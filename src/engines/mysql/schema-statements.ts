// MySQL and MariaDB: statements that change the schema, users, and what else the server keeps. They commit, but for those
// about temporary tables. What is all or nothing on one of the two servers only is not taken for that.

import { impactOf } from './calls.js'
import { atomic, committing, type Facts, ofSession, write } from './single-facts.js'
import { isAt, listOf, type Words } from './words.js'

export function factsOfCreate(words: Words): Facts {
  const replaces = isAt(words, 1, 'or replace')
  const at = replaces ? 3 : 1
  if (words[at] === 'temporary') return factsOfTemporary(words)
  const kind = kindIn(words, at)
  // MariaDB drops what is replaced before it makes the new one. Of a list of users it makes those that it can.
  const isAtomic = single.has(kind) && (!replaces || kind === 'view') && !isList(words, kind)
  return { ...(isAtomic ? atomic : committing), changesSettings: kind === 'table' && setsVariables(words) }
}

/** Of a sequence it is MariaDB's, and commits. */
function factsOfTemporary(words: Words): Facts {
  return { ...write, temporary: true, commits: words.includes('sequence'), changesSettings: setsVariables(words) }
}

/** `create table t select @a := a from u` */
function setsVariables(words: Words): boolean {
  const query = words.indexOf('select')
  return query !== -1 && impactOf(words.slice(query)) !== 'none'
}

const single = new Set([
  ...['table', 'index', 'view', 'trigger', 'procedure', 'function', 'event', 'database', 'schema', 'sequence'],
  ...['package', 'user', 'role', 'server'],
])

/** Before it there may be `definer = 'a'@'b'`, `unique`, `algorithm = merge`, … */
function kindIn(words: Words, from: number): string {
  for (let at = from; at < words.length; at++) {
    const word = words[at] as string
    if (kinds.has(word) && !'=@.'.includes(words[at - 1] ?? ' ')) return word.replace(/^(table|view)s$/, '$1')
  }
  return ''
}

const kinds = new Set([
  ...single,
  'tables',
  'views',
  'tablespace',
  'logfile',
  'resource',
  'spatial',
  'instance',
  'library',
  'component',
])

/** A comma in a table's or view's definition is none of a list. */
function isList(words: Words, kind: string): boolean {
  return (kind === 'user' || kind === 'role') && listOf(words).length > 1
}

export function factsOfAlter(words: Words): Facts {
  const kind = kindIn(words, 1)
  if (!single.has(kind) || isList(words, kind)) return committing
  return kind === 'table' && listOf(words).some(isPiecemeal) ? committing : atomic
}

/** Actions on partitions and tablespaces, which are done one after the other. */
function isPiecemeal(action: Words): boolean {
  return action.some(
    (word, at) =>
      (word === 'partition' && piecemeal.has(action[at - 1] ?? '')) ||
      (word === 'tablespace' && (action[at - 1] === 'discard' || action[at - 1] === 'import')),
  )
}

const piecemeal = new Set([
  'analyze',
  'check',
  'coalesce',
  'discard',
  'exchange',
  'import',
  'optimize',
  'rebuild',
  'repair',
  'truncate',
])

export function factsOfDrop(words: Words): Facts {
  if (words[1] === 'prepare') return { ...ofSession, changesSettings: false }
  if (words[1] === 'temporary') return { ...write, commits: words.includes('sequence') }
  const kind = kindIn(words, 1)
  // A database goes table by table; MariaDB drops of a list what is there, and then fails for what is not.
  if (!single.has(kind) || kind === 'database' || kind === 'schema' || listOf(words).length > 1) return committing
  return atomic
}

/** MariaDB renames of a list of users those that it can; of tables it takes back what was renamed before the failure. */
export function factsOfRename(words: Words): Facts {
  return words[1] === 'user' && listOf(words).length > 1 ? committing : atomic
}
