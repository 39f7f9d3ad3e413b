// The header of a migration that is written as nearly all are, read without parsing the file. Where it is not sure it
// says so, and `header.ts` parses; it never guesses. A mistake in a body is the business of whoever loads the file.

import { beginsFunction, docMessage, type Header } from './header.js'

/**
 * The header, as `readHeader` would give it; null when only the parser can tell. What stands in strings, templates and
 * comments is passed over; a slash that begins none of them may begin a regular expression, and ends the scan.
 */
export function scanHeader(text: string): Header | null {
  if (unusual.test(text) || !/\}\s*$/.test(text)) return null
  const message = scanMessage(text)
  if (message === null) return null
  const found = scanExports(text)
  return found === null ? null : headerOf(found, message)
}

/**
 * A file that is not merged; exports that are none of the module, or not the only ones; line ends of other times, and
 * names that are written in escapes.
 */
const unusual =
  /<<<<<<<|^#!|\b(?:namespace|module|exports|global)\b|\.\s+export\b|\.\s*\/[*/]|\r(?!\n)|[\u2028\u2029]|\\u/

/** What is exported. */
interface Scanned {
  /** By name. */
  readonly values: Partial<Record<string, Value>>
  up: boolean
  down: boolean
  /** `up() {}`, comments aside. */
  isEmpty: boolean
}

type Value = string | boolean | null | readonly string[]

const plainText = `'[^'\\\\\\n]*'|"[^"\\\\\\n]*"`

/** Whatever may hide an export, exports, and what makes the scan unsure. */
const token =
  /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\$]|\\[^]|\$(?!\{)|\$\{[^`'"{}\\/]*\})*`|\/\/.*|\/\*[^]*?\*\/|['"`/]|(?<![\w$.])export\b/g

/** Between two words. Each part matches in one way only: otherwise many comments would take for ever. */
const comments = String.raw`(?:\s|\/\/[^\n]*(?=\n)|\/\*(?:[^*]|\*(?!\/))*\*\/)*`
const name = 'revision|downRevision|branchLabels|dependsOn|transaction|retry|irreversible|empty'
const list = String.raw`\[\s*(?:(?:${plainText})\s*(?:,\s*(?:${plainText})\s*)*(?:,\s*)?)?\]`

/** The value ends where nothing can follow that would make it another one. */
const value = new RegExp(
  String.raw`export\s+const\s+(${name})\b(?:\s*:[\w$ |.[\]<>]+)?\s*=\s*(${plainText}|(?:null|true|false)\b|${list})(?:\s+as\s+const\b)?(?=${comments}(?:;|(?:export|import|const|let|async|function|type|interface)\b))`,
  'y',
)
const declaration = /export\s+(?:async\s+)?function\s+(up|down)\s*\([^()'"`/]*\)\s*(?::\s*(?:void|Promise<\w+>)\s*)?\{/y
const emptyBody = new RegExp(String.raw`${comments}\}`, 'y')

function scanExports(text: string): Scanned | null {
  const found: Scanned = { values: {}, up: false, down: false, isEmpty: false }
  token.lastIndex = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [word] = match
    if (word.length === 1) return null
    if (word !== 'export') continue
    const end = scanValue(found, text, match.index) ?? scanFunction(found, text, match.index)
    if (end === null) return null
    token.lastIndex = end
  }
  return found
}

/** Where the export ends; null when it is no literal, or stands there twice. */
function scanValue({ values }: Scanned, text: string, start: number): number | null {
  const match = matchAt(value, text, start)
  if (match === null) return null
  const [whole, exported = '', literal = ''] = match
  if (values[exported] !== undefined) return null
  values[exported] = valueOf(literal)
  return start + whole.length
}

function scanFunction(found: Scanned, text: string, start: number): number | null {
  const match = matchAt(declaration, text, start)
  if (match === null) return null
  const direction = match[1] === 'up' ? 'up' : 'down'
  if (found[direction]) return null
  found[direction] = true
  const end = start + match[0].length
  if (direction === 'up') found.isEmpty = matchAt(emptyBody, text, end) !== null
  return end
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index
  return pattern.exec(text)
}

const texts = new RegExp(plainText, 'g')

function valueOf(literal: string): Value {
  if (literal === 'null') return null
  if (literal === 'true' || literal === 'false') return literal === 'true'
  if (literal.startsWith('[')) return (literal.match(texts) ?? []).map((text) => text.slice(1, -1))
  return literal.slice(1, -1)
}

/** Null when something is missing or has the wrong type: the parser knows the words for it. */
function headerOf({ values, up, down, isEmpty }: Scanned, message: string): Header | null {
  const { revision, downRevision, transaction = true, retry = true, irreversible, empty = isEmpty } = values
  const downRevisions = downRevision === null ? none : listOf(downRevision)
  const branchLabels = values.branchLabels === undefined ? none : listOf(values.branchLabels)
  const dependsOn = values.dependsOn === undefined ? none : listOf(values.dependsOn)
  if (typeof revision !== 'string' || downRevisions === null || branchLabels === null || dependsOn === null) return null
  if (typeof transaction !== 'boolean' || typeof retry !== 'boolean' || typeof empty !== 'boolean') return null
  if (irreversible !== undefined && typeof irreversible !== 'string') return null
  if (!up || !(down || irreversible !== undefined)) return null
  const reason = irreversible ?? null
  return { revision, downRevisions, branchLabels, dependsOn, message, transaction, retry, irreversible: reason, empty }
}

const none: readonly string[] = []

function listOf(value: Value | undefined): readonly string[] | null {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? (value as readonly string[]) : null
}

/** A doc comment that begins the file; empty when there is none at all; null where it may stand elsewhere. */
function scanMessage(text: string): string | null {
  const doc = /^\uFEFF?\s*\/\*\*(?!\/)([^]*?)\*\//.exec(text)
  if (doc === null) return text.includes('/**') ? null : ''
  const [whole, inner = ''] = doc
  gap.lastIndex = whole.length
  gap.test(text)
  const rest = text.slice(gap.lastIndex)
  if (/^['"]/.test(rest)) return null // a directive: the statement comes after it
  return beginsFunction.test(rest) ? '' : docMessage(inner)
}

const gap = new RegExp(comments, 'y')
