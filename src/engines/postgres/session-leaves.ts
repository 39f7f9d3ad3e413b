// PostgreSQL: what a statement leaves in its session, for whoever gets that session next from a pooler.

import { shapeOf, statementsOf } from '../../core/sql/sql.js'
import { postgresLexicon } from './lexicon.js'

/** Each was seen to reach the next client of pgbouncer in transaction mode. The first that fits is said. */
const leaving: readonly (readonly [RegExp, string])[] = [
  // SET LOCAL, SET CONSTRAINTS and SET TRANSACTION end with the transaction (manual, "SET").
  [/^(set (?!local |constraints |transaction )|reset |discard )/, 'a setting'],
  [/\bset_config \((?!(?:[^()]|\([^()]*\))*, true \))/, 'a setting'],
  [/^(prepare (?!transaction)|deallocate )/, 'a prepared statement'],
  [/^create (?:(?:global|local) )?temp(?:orary)? (?!.*\bon commit drop\b)/, 'a temporary object'],
  [/^(?:with|select)\b(?:.* )?into (?:temp|temporary) (?!values|select|\()/, 'a temporary object'],
  [/^(un)?listen /, 'a channel that is listened to'],
  [/^declare .* with hold\b/, 'a cursor'],
  [/\bpg_(?:try_)?advisory_(?:un)?lock(?:_shared|_all)?\b/, 'an advisory lock'],
]

const suspicious =
  /\b(?:set|reset|discard|set_config|prepare|deallocate|temp|temporary|listen|unlisten|hold|pg_\w*advisory_\w+)\b/i

/** A body of plpgsql is a literal: what stands in it is read as statements of its own. */
const body = /^\s*do\b[^$']*(?:\$(\w*)\$([\s\S]*)\$\1\$|'([\s\S]*)')/i
const blockWords = /^(?:(?:begin|declare|then|else|loop|perform) )+/

/** In words that follow "leaves"; null: nothing. */
export function leavesBehind(sql: string): string | null {
  if (!suspicious.test(sql)) return null
  const [, , dollars, quotes] = body.exec(sql) ?? []
  const inner = dollars ?? quotes
  const shapes = statementsOf(inner ?? sql, postgresLexicon).map(shapeOf)
  for (const shape of shapes) {
    const bare = inner === undefined ? shape : shape.replace(blockWords, '')
    const found = leaving.find(([pattern]) => pattern.test(bare))
    if (found !== undefined) return found[1]
  }
  return null
}
