// What a statement is, guessed by patterns that are the same for each engine.

/** Functions of SQL that only compute: a select with no other one has no effect but its result. */
const pure =
  /^(select|in|and|or|not|on|as|exists|values|where|from|any|all|case|when|then|count|sum|min|max|avg|coalesce|nullif|lower|upper|length|trim|cast|convert|concat|replace|substr|substring|round|abs|now|date|current_schema|current_database|current_setting|database|schema|version|to_regclass|format_type|obj_description|pg_get_expr|json_extract|group_concat|string_agg|array_agg|row_number|over|pragma_table_info|pragma_index_list|pragma_foreign_key_list|table_info|index_list|foreign_key_list|varchar|numeric|decimal|char)$/i

/** Whether a statement does nothing but answer: it need not be journalled, and may steer what follows. */
export function onlyReads(sql: string): boolean {
  const bare = withoutQuoted(sql)
  if (!/^[\s(]*(select|with|values|show|explain|describe|desc|table|pragma)\b/i.test(bare) || /;\s*\S/.test(bare))
    return false
  if (/\b(insert|update|delete|merge|into|nextval|setval)\b/i.test(bare)) return false
  return [...bare.matchAll(/([a-z_][\w.]*)\s*\(/gi)].every(([, name]) => pure.test(name ?? ''))
}

/** Whether a statement only sets up the session: it is never journalled, and is sent again when a migration is resumed. */
export function isOfSession(sql: string): boolean {
  return /^\s*(set(?!\s+(?:@@)?(?:global|persist))|reset|use|discard|pragma|attach|detach|lock\s+tables|unlock\s+tables|prepare|deallocate|savepoint|release|rollback\s+(?:work\s+|transaction\s+)?to)\b/i.test(
    sql,
  )
}

/** Whether a statement makes a table that goes with the session. */
export function isTemporary(sql: string): boolean {
  return /^\s*create\s+(?:or\s+replace\s+)?(?:global\s+|local\s+)?temp(?:orary)?\b/i.test(sql)
}

function withoutQuoted(sql: string): string {
  return sql.replace(/\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"[^"]*"|`[^`]*`|\/\*[\s\S]*?\*\/|--[^\n]*/g, (quoted) =>
    /^(--|\/\*)/.test(quoted) ? ' ' : ' q ',
  )
}

/** Whether a text begins or ends a transaction; the body of a routine may do what it likes. */
export function endsTransaction(sql: string): boolean {
  const bare = withoutQuoted(sql)
  return (
    !/^\s*create\b/i.test(bare) &&
    /(^|;)\s*(commit|end|abort|begin|start\s+transaction|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b/i.test(bare)
  )
}

/** The control of a transaction that a text is. */
export function controlKind(
  sql: string,
): 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback to' | null {
  if (/^\s*(begin|start\s+transaction)\b/i.test(sql)) return 'begin'
  if (/^\s*commit\b/i.test(sql)) return 'commit'
  if (/^\s*rollback\s+(work\s+|transaction\s+)?to\b/i.test(sql)) return 'rollback to'
  if (/^\s*rollback\b/i.test(sql)) return 'rollback'
  if (/^\s*savepoint\b/i.test(sql)) return 'savepoint'
  return /^\s*release\b/i.test(sql) ? 'release' : null
}
