// PostgreSQL: options in parentheses, as EXPLAIN and REINDEX have them.

import type { Token } from '../../core/sql/pieces.js'
import { type Cursor, isKeyword, partsOf, type Statement } from '../../core/sql/sql.js'

/** Steps over options when they are next; null when they are not. */
export function takeOptions(cursor: Cursor): Statement | null {
  if (!cursor.take('(')) return null
  const options: Token[] = []
  for (let token = cursor.next(); token !== undefined && !isKeyword(token, ')'); token = cursor.next())
    options.push(token)
  return options
}

/** Null for one that is not there. A value in quotes is not read: what does not surely say no says yes. */
export function optionOf(options: Statement, name: string): boolean | null {
  const option = partsOf(options).findLast(([key]) => key?.kind !== 'literal' && key?.text.toLowerCase() === name)
  const value = option?.at(-1)
  return option === undefined ? null : !isKeyword(value, 'false') && !isKeyword(value, 'off')
}
