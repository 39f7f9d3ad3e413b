// MySQL and MariaDB: statements that may be sent again, because a second time changes nothing.

import { type Cursor, cursorOn, partsOf, shapeOf, type Statement } from '../../core/sql/sql.js'

export function isRepeatable(statement: Statement): boolean {
  const shape = shapeOf(statement)
  return repeatable.test(shape) || guarded.test(shape) || isRepeatableAlter(statement)
}

/** Not `truncate`, nor a table or sequence made anew: what others have written there since would be gone. */
const repeatable =
  /^(create or replace (?!(temporary )?table\b|sequence\b)|analyze|optimize|check table|flush|set|use|show|explain|describe|desc|grant|revoke|alter (database|schema))\b/

/** `if exists` right after the kind of a thing that is dropped, `if not exists` after that of one that is created. */
const guarded = /^(drop( [a-z]+)+ if exists|create( [a-z]+)+ if not exists|rename table if exists)\b/

function isRepeatableAlter(statement: Statement): boolean {
  const cursor = cursorOn(statement)
  if (!cursor.take('alter') || (cursor.take('online'), cursor.take('ignore'), !cursor.take('table'))) return false
  cursor.take('if exists')
  return cursor.qualifiedName() !== null && partsOf(cursor.rest()).every(isRepeatableAction)
}

function isRepeatableAction(action: Statement): boolean {
  return repeatableAction.test(shapeOf(action)) || keepsName(cursorOn(action))
}

const repeatableAction =
  /^(modify|alter (column |index |constraint |check )?\S+ (set|drop|not|enforced|visible|invisible|ignored)|convert to|(default )?(character set|charset|collate)|engine|comment|row_format|auto_increment|algorithm|lock|force|order by|(enable|disable) keys|(add|drop|change|rename)( [a-z]+)* if (not )?exists)( |$)/

/** `change c c …` is a `modify`. */
function keepsName(cursor: Cursor): boolean {
  return cursor.take('change') && (cursor.take('column'), cursor.name()?.toLowerCase() === cursor.name()?.toLowerCase())
}
