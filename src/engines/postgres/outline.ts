// PostgreSQL: what is kept of a statement to say what it does, however long it is.

import type { Token } from '../../core/sql/pieces.js'
import { isKeyword, type Statement, type StatementFollower } from '../../core/sql/sql.js'
import { isGrammar, kindOfFunction } from './functions.js'

export interface Outline {
  /** Its first pieces. None that decides comes after these, but for the marks. */
  readonly head: Statement
  readonly marks: ReadonlySet<Mark>
}

/**
 * What stands anywhere in a statement. `writes`: a data-modifying statement that may be a part of it. `locks`: FOR UPDATE
 * and its like. `acts`, `leaves`, `unknown`: it calls such a function. `settings`, `local settings`: set_config.
 */
export type Mark =
  | 'into'
  | 'into temporary'
  | 'writes'
  | 'locks'
  | 'acts'
  | 'leaves'
  | 'unknown'
  | 'settings'
  | 'local settings'
  | 'concurrently'
  | 'unclosed'

const longestHead = 1000

export function outlineFollower(): StatementFollower<Outline> {
  const head: Token[] = []
  const marks = new Set<Mark>()
  const followCall = callFollower(marks)
  let depth = 0
  let before: Token | undefined
  return {
    see(token) {
      if (head.length < longestHead) head.push(token)
      if (isKeyword(token, '(')) depth++
      if (isKeyword(token, ')')) depth--
      if (token.kind === 'word') markWord(marks, token.text.toLowerCase(), before, depth)
      if (isUnclosed(token)) marks.add('unclosed')
      followCall(token)
      before = token
    },
    found() {
      followCall(null)
      return { head, marks }
    },
  }
}

/** A sign that is a quote, alone at the end of the text or with all that follows. */
function isUnclosed({ kind, text }: Token): boolean {
  return kind === 'sign' && (text.length > 1 || `'"`.includes(text))
}

const verbs = new Set(['insert', 'update', 'delete', 'merge'])
const lockWords = new Set(['update', 'no', 'share', 'key'])
const temporaryWords = new Set(['temp', 'temporary', 'local', 'global', 'pg_temp'])

/** A word that follows `as` or a dot is a name. */
function markWord(marks: Set<Mark>, word: string, before: Token | undefined, depth: number): void {
  if (isKeyword(before, 'as') || isKeyword(before, '.')) return
  if (word === 'into') marks.add('into')
  if (word === 'concurrently') marks.add('concurrently')
  if (isKeyword(before, 'into') && temporaryWords.has(word)) marks.add('into temporary')
  if (isKeyword(before, 'for') && lockWords.has(word)) marks.add('locks')
  if (verbs.has(word) && (depth <= 0 || isKeyword(before, '('))) marks.add('writes')
}

/** A name before a parenthesis, as far as it is read. */
interface Name {
  readonly parts: readonly Token[]
  readonly before: Token | undefined
}

/** Marks what each call may do. Of `with t (a, b) as (…)` it is only seen afterwards that nothing was called. */
function callFollower(marks: Set<Mark>): (token: Token | null) => void {
  const open: (string | null)[] = []
  let name: Name | null = null
  let before: Token | undefined
  let closed: { readonly call: string; readonly after: string } | null = null
  return (token) => {
    if (token === null) {
      for (const call of [...open, closed?.call ?? null]) markCall(marks, call, before)
      return
    }
    closed = closed === null ? null : afterClosed(marks, closed, token)
    if (isKeyword(token, '(')) open.push(calledBy(name))
    if (isKeyword(token, ')')) {
      const call = open.pop() ?? null
      if (call !== null && kindOfFunction(call) === 'unknown') closed = { call, after: '' }
      else markCall(marks, call, before)
    }
    name = nameAfter(name, token, before)
    before = token
  }
}

function nameAfter(name: Name | null, token: Token, before: Token | undefined): Name | null {
  const isPart = token.kind === 'word' || token.kind === 'name'
  if (!isPart) return name !== null && isKeyword(token, '.') ? name : null
  return name !== null && isKeyword(before, '.')
    ? { ...name, parts: [...name.parts, token] }
    : { parts: [token], before }
}

/** What stands before the name of a table or type, or before names of columns. */
const beforeOtherNames = new Set(
  'as into with recursive table view exists references type tablesample copy execute'.split(' ').concat(')', ']', ':'),
)

/** The function that a parenthesis after `name` calls; null when it calls none. */
function calledBy(name: Name | null): string | null {
  if (name === null) return null
  const last = name.parts.at(-1) as Token
  const before = name.before?.kind === 'name' || name.before?.kind === 'literal' ? null : (name.before?.text ?? '')
  if (before === null || beforeOtherNames.has(before.toLowerCase())) return null
  if (name.parts.length === 1 && last.kind === 'word' && isGrammar(before.toLowerCase(), last.text.toLowerCase()))
    return null
  return name.parts
    .map(({ text }) => text.toLowerCase())
    .join('.')
    .replace(/^pg_catalog\./, '')
}

const tableOfWith = /^ as( not)?( materialized)? \( (select|with|values|table|insert|update|delete|merge|\()$/
const maybeTableOfWith = /^ as( not)?( materialized)?( \()?$/

/** What is known of a call that was just closed, after one more piece. */
function afterClosed(
  marks: Set<Mark>,
  { call, after }: { readonly call: string; readonly after: string },
  token: Token,
): { readonly call: string; readonly after: string } | null {
  const words = `${after} ${token.kind === 'word' || token.kind === 'sign' ? token.text.toLowerCase() : "'"}`
  if (tableOfWith.test(words)) return null
  if (maybeTableOfWith.test(words)) return { call, after: words }
  markCall(marks, call, undefined)
  return null
}

/** `last`: the end of its last argument. */
function markCall(marks: Set<Mark>, call: string | null, last: Token | undefined): void {
  if (call === null) return
  const kind = kindOfFunction(call)
  if (kind === 'set_config') marks.add(isKeyword(last, 'true') ? 'local settings' : 'settings')
  else if (kind !== 'answers') marks.add(kind)
}
