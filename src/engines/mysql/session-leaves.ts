// MySQL and MariaDB: what a statement leaves in its session, for whoever gets that session next from a pooler.

import { shapeOf, statementsOf } from '../../core/sql/sql.js'
import { mysqlLexicon } from './lexicon.js'

/** There is no SET LOCAL: what is set is the session's. SET STATEMENT of MariaDB ends with its statement. */
const leaving: readonly (readonly [RegExp, string])[] = [
  [
    /^(set (?!statement |global |persist |persist_only |@ @ ?(?:global|persist)|password |transaction )|use )/,
    'a setting',
  ],
  [/^(prepare |deallocate |drop prepare )/, 'a prepared statement'],
  [/^create (?:or replace )?temporary /, 'a temporary table'],
  [/^(lock tables? |unlock tables?|flush tables .*\b(?:read lock|export)\b)/, 'a lock'],
  [/\b(?:get_lock|release_lock|release_all_locks) \(/, 'a lock'],
  [/^handler .* open\b/, 'a handler'],
]

const suspicious = /\b(?:set|use|prepare|deallocate|temporary|lock|unlock|flush|get_lock|release_\w*locks?|handler)\b/i

/** In words that follow "leaves"; null: nothing. */
export function leavesBehind(sql: string): string | null {
  if (!suspicious.test(sql)) return null
  for (const shape of statementsOf(sql, mysqlLexicon).map(shapeOf)) {
    const found = leaving.find(([pattern]) => pattern.test(shape))
    if (found !== undefined) return found[1]
  }
  return null
}
