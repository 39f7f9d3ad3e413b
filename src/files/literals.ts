// A value's syntax → the value, where it is a literal.

import type { Expression } from 'oxc-parser'
import { withoutTypes } from './exports.js'

/** Stands for the value of what is computed. */
export const notLiteral = Symbol('not a literal')

/** The value of a literal, a plain template, or an array of such; else `notLiteral`. */
export function literalOf(node: Expression): unknown {
  const bare = withoutTypes(node) as Expression
  if (bare.type === 'Literal') return 'regex' in bare ? notLiteral : bare.value
  if (bare.type === 'TemplateLiteral' && bare.expressions.length === 0) return bare.quasis[0]?.value.cooked ?? ''
  if (bare.type === 'UnaryExpression' && bare.argument.type === 'Literal')
    return bare.operator === 'void' ? undefined : bare.operator === '!' ? !bare.argument.value : Number.NaN
  if (bare.type === 'Identifier' && bare.name === 'undefined') return undefined
  if (bare.type !== 'ArrayExpression') return notLiteral
  const items = bare.elements.map((element) =>
    element === null || element.type === 'SpreadElement' ? notLiteral : literalOf(element),
  )
  return items.includes(notLiteral) ? notLiteral : items
}

/** What a literal is, in words. */
export function describeLiteral(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list that has something else than texts in it'
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}
