// One statement in several spellings that mean the same.

/** What must stay as it is: literals, quoted names, comments. */
const unchanged = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\{\w+\}/g

/**
 * As it is, in capitals, with comments that look like statements, and with what may follow it. `names`: where capitals make
 * another name.
 */
export function spellings(sql: string, names: readonly string[] = []): readonly string[] {
  const kept = names.length === 0 ? unchanged : new RegExp(`${unchanged.source}|\\b(?:${names.join('|')})\\b`, 'g')
  return [
    sql,
    outsideOf(kept, sql, (text) => text.toUpperCase()),
    `-- commit;\n/* begin; */ ${outsideOf(kept, sql, (text) => text.replaceAll(' ', ' /* ; drop table t; */\n\t-- ;;\n '))}`,
    `${sql} ; -- end\n`,
  ]
}

function outsideOf(pattern: RegExp, text: string, change: (part: string) => string): string {
  const parts = text.split(pattern)
  const between = text.match(pattern) ?? []
  return parts.map((part, index) => change(part) + (between[index] ?? '')).join('')
}
