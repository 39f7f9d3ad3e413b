// Text → Target: what a person may type to name revisions. Pure grammar; `resolve.ts` gives it meaning.

import { UsageError } from '../errors.js'

/** The part of a target that stands for revisions by itself. */
export type Anchor = { readonly kind: Keyword } | NameAnchor

interface NameAnchor {
  readonly kind: 'name'
  /** An id, a partial id or a branch label. */
  readonly name: string
}

type Keyword = 'head' | 'heads' | 'base' | 'current'

/** `[branch@][anchor][±offset]`, as typed. At least one of `anchor` and `offset` is there. */
export interface Target {
  readonly text: string
  readonly branch: string | null
  readonly anchor: Anchor | null
  /** Revisions up (positive) or down from the anchor, or from where the database stands. */
  readonly offset: number | null
}

const keywords: ReadonlySet<string> = new Set<Keyword>(['head', 'heads', 'base', 'current'])
const relative = /^(.*?)([+-])(\d{1,9})$/
const legalName = /^[0-9A-Za-z][0-9A-Za-z._-]*$/

/**
 * Reads one target. `isName` tells whether a text is exactly an id or a label: such a text is never taken apart, so
 * that a label may end in `-1`.
 * @throws UsageError `target.unknown` when the whole text matches no form
 */
export function parseTarget(text: string, isName: (name: string) => boolean): Target {
  if (isName(text)) return { text, branch: null, anchor: { kind: 'name', name: text }, offset: null }
  const at = text.indexOf('@')
  const branch = at < 0 ? null : text.slice(0, at)
  const rest = at < 0 ? text : text.slice(at + 1)
  if (branch !== null && !legalName.test(branch)) throw malformed(text)
  if (isName(rest)) return { text, branch, anchor: { kind: 'name', name: rest }, offset: null }
  const match = relative.exec(rest)
  if (match === null) return { text, branch, anchor: parseAnchor(rest, text), offset: null }
  const [, before = '', sign, digits] = match
  const offset = sign === '-' ? -Number(digits) : Number(digits)
  return { text, branch, anchor: before === '' ? null : parseAnchor(before, text), offset }
}

/** `a:b`, either end may be left out; a text without `:` is no range (`null`). */
export function parseRange(text: string): { readonly from: string | null; readonly to: string | null } | null {
  const colon = text.indexOf(':')
  if (colon < 0) return null
  return { from: text.slice(0, colon) || null, to: text.slice(colon + 1) || null }
}

function parseAnchor(text: string, whole: string): Anchor {
  if (keywords.has(text)) return { kind: text as Keyword }
  if (!legalName.test(text)) throw malformed(whole)
  return { kind: 'name', name: text }
}

function malformed(text: string): UsageError {
  return new UsageError('target.unknown', `“${text}” is no form of target.`, {
    hint: 'A target is head, heads, base, current, a revision (or the start of its id), a branch label, label@head, +1, -1, or a revision with +n or -n.',
  })
}
