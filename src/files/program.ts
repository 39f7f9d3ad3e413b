// Whether two texts are the same program: comments, layout, quotes, semicolons, parentheses and types do not count.

import type { Parser } from './parser.js'

/**
 * True when both texts parse and do the same. Both are read as TypeScript, so that a module is the same with its types
 * and without. A text that does not parse is like no other.
 */
export function isSameProgram(parse: Parser, one: string, other: string): boolean {
  const first = essence(parse, one)
  return first !== null && first === essence(parse, other)
}

type Node = Readonly<Record<string, unknown>>

/** The syntax tree without what does not change what it does, as text; null when it does not parse. */
function essence(parse: Parser, text: string): string | null {
  const { program, errors } = parse('migration.ts', text.replace(/^\uFEFF/, ''))
  if (errors.length === 0) return JSON.stringify(reduced(program))
  // JSON, which a migration can import, is an expression and no program.
  const json = parse('migration.ts', `(${text})`)
  return json.errors.length > 0 ? null : JSON.stringify(reduced(json.program))
}

/** Places, types, and how a literal was written. */
const irrelevant = new Set([
  'start',
  'end',
  'range',
  'raw',
  'parent',
  'shorthand',
  'extra',
  'typeAnnotation',
  'returnType',
  'typeParameters',
  'typeArguments',
  'superTypeArguments',
  'implements',
  'definite',
  'declare',
  'abstract',
  'override',
  'readonly',
  'hashbang',
])

/** Syntax around an expression that is gone when it runs. */
const wrappers = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'ParenthesizedExpression',
])

/** Statements that are gone when the program runs. */
const typesOnly = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSDeclareFunction', 'EmptyStatement'])

function reduced(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isTypeOnly(item)).map(reduced)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return value
  const node = value as Node
  if (typeof node.type === 'string' && wrappers.has(node.type)) return reduced(node.expression)
  if (node.type === 'TemplateLiteral' && (node.expressions as unknown[]).length === 0) return literal(plainText(node))
  if (node.type === 'Literal' && typeof node.value === 'string') return literal(node.value)
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, item]) =>
      keeps(node, key) ? [[key, key === 'key' ? nameOf(node, item) : reduced(item)]] : [],
    ),
  )
}

/** `optional` is a type of a parameter, and a deed of `a?.b`; a parameter's access makes a property. */
function keeps(node: Node, key: string): boolean {
  if (key === 'optional') return node.type === 'MemberExpression' || node.type === 'CallExpression'
  if (key === 'accessibility' || key === 'readonly') return node.type === 'TSParameterProperty'
  return !irrelevant.has(key)
}

/** `{ 'a': 1 }` is `{ a: 1 }`. */
function nameOf(node: Node, key: unknown): unknown {
  const { type, name, value } = key as Node
  if (node.computed === true) return reduced(key)
  if (type === 'Identifier') return literal(String(name))
  return type === 'Literal' && typeof value === 'string' ? literal(value) : reduced(key)
}

function isTypeOnly(item: unknown): boolean {
  const { type, importKind, exportKind } = (item ?? {}) as Node
  return (typeof type === 'string' && typesOnly.has(type)) || importKind === 'type' || exportKind === 'type'
}

function plainText(node: Node): string {
  const [quasi] = node.quasis as readonly { readonly value: { readonly cooked: string | null } }[]
  return quasi?.value.cooked ?? ''
}

function literal(value: string): Node {
  return { type: 'Literal', value }
}
