// What a module exports, read from its syntax tree: ES modules, CommonJS, and what compilers make of the former.

import type { Expression, Program, Statement } from 'oxc-parser'

/** An exported name, with its value's syntax where it stands in this file. */
export interface ExportedValue {
  /** The value without type annotations; null when it comes from another module. */
  readonly value: ValueNode | null
  /** Where the export stands, for messages. */
  readonly start: number
}

/** An expression, or a declaration that makes a function or a class. */
export type ValueNode = { readonly type: string; readonly start: number }

export type Exports = ReadonlyMap<string, ExportedValue>

interface Collector {
  readonly locals: ReadonlyMap<string, ValueNode>
  readonly found: Map<string, ExportedValue>
}

/**
 * The exports of a module by name. Where none is called `revision` or `up`, the properties of an object that is the
 * default export count as exports: so does whoever loads it.
 */
export function exportsOf(program: Program): Exports {
  const collector: Collector = { locals: localsOf(program.body), found: new Map() }
  for (const statement of program.body) collectStatement(collector, statement)
  const object = collector.found.get('default')?.value
  if (object && !collector.found.has('revision') && !collector.found.has('up')) collectObject(collector, object)
  return collector.found
}

/** `text as const`, `(text)`, `text!` and the like → `text`. */
export function withoutTypes(node: ValueNode): ValueNode {
  let bare = node as Expression
  while (
    bare.type === 'TSAsExpression' ||
    bare.type === 'TSSatisfiesExpression' ||
    bare.type === 'TSNonNullExpression' ||
    bare.type === 'TSTypeAssertion' ||
    bare.type === 'ParenthesizedExpression'
  )
    bare = bare.expression
  return bare
}

/** The value of a property of an object that is written out; null when there is none. */
export function propertyOf(node: ValueNode, name: string): ValueNode | null {
  const object = withoutTypes(node) as Expression
  if (object.type !== 'ObjectExpression') return null
  const named = object.properties.findLast(
    (property) => property.type === 'Property' && !property.computed && nameOf(property.key) === name,
  )
  return named?.type === 'Property' ? withoutTypes(named.value) : null
}

function localsOf(body: readonly Statement[]): ReadonlyMap<string, ValueNode> {
  const locals = new Map<string, ValueNode>()
  for (const statement of body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declaration?.type === 'VariableDeclaration') {
      for (const { id, init } of declaration.declarations)
        if (id.type === 'Identifier' && init) locals.set(id.name, withoutTypes(init))
    } else if (
      (declaration?.type === 'FunctionDeclaration' || declaration?.type === 'ClassDeclaration') &&
      declaration.id
    ) {
      locals.set(declaration.id.name, declaration)
    }
  }
  return locals
}

function collectStatement(collector: Collector, statement: Statement): void {
  if (statement.type === 'ExportNamedDeclaration') collectNamed(collector, statement)
  else if (statement.type === 'ExportDefaultDeclaration')
    collectDefault(collector, resolved(collector, statement.declaration))
  else if (statement.type === 'TSExportAssignment') collectObject(collector, statement.expression)
  else if (statement.type === 'ExpressionStatement') collectExpression(collector, statement.expression)
}

type NamedExport = Extract<Statement, { type: 'ExportNamedDeclaration' }>

function collectNamed(collector: Collector, { declaration, specifiers, source }: NamedExport): void {
  if (declaration) collectDeclared(collector, declaration)
  for (const { local, exported, start } of specifiers) {
    const value = source ? null : lookUp(collector, nameOf(local))
    collector.found.set(nameOf(exported), { value, start })
  }
}

function collectDeclared(collector: Collector, declaration: NonNullable<NamedExport['declaration']>): void {
  if (declaration.type === 'VariableDeclaration') {
    for (const { id, init, start } of declaration.declarations)
      if (id.type === 'Identifier')
        collector.found.set(id.name, { value: init ? resolved(collector, init) : null, start })
  } else if (
    (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') &&
    declaration.id
  ) {
    collector.found.set(declaration.id.name, { value: declaration, start: declaration.start })
  }
}

function collectDefault(collector: Collector, value: ValueNode): void {
  collector.found.set('default', { value, start: value.start })
}

/** CommonJS: `module.exports = {…}`, `exports.name = …`, and the export calls that esbuild and swc write. */
function collectExpression(collector: Collector, expression: Expression): void {
  if (expression.type === 'CallExpression') collectCall(collector, expression)
  if (expression.type === 'AssignmentExpression') collectAssignment(collector, expression)
}

/** In `exports.a = exports.b = value` both have the value. */
function collectAssignment(
  collector: Collector,
  { left, right, start }: Extract<Expression, { type: 'AssignmentExpression' }>,
): void {
  if (right.type === 'AssignmentExpression') collectAssignment(collector, right)
  const name = exportTarget(left)
  let value = right
  while (value.type === 'AssignmentExpression') value = value.right
  if (name === 'module.exports') collectObject(collector, value)
  else if (name !== null && !isVoid(value)) collector.found.set(name, { value: resolved(collector, value), start })
}

/** `_export(exports, { x: () => x })`, and `Object.defineProperty(exports, 'x', { get: … })` for a single one. */
function collectCall(collector: Collector, call: Extract<Expression, { type: 'CallExpression' }>): void {
  const [, second, third] = call.arguments
  const callee = memberPath(call.callee)?.join('.') ?? ''
  if (/^_+export$/.test(callee) && second !== undefined) collectGetters(collector, second)
  if (callee !== 'Object.defineProperty' || second?.type !== 'Literal' || third?.type !== 'ObjectExpression') return
  const getter = third.properties.find((property) => property.type === 'Property' && nameOf(property.key) === 'get')
  const returned = getter?.type === 'Property' ? returnedBy(getter.value) : null
  if (returned !== null)
    collector.found.set(String(second.value), { value: resolved(collector, returned), start: call.start })
}

/** `exports.x` and `module.exports.x` → x; `module.exports` → itself; anything else → null. */
function exportTarget(node: ValueNode): string | null {
  const path = memberPath(node as Expression)
  if (path === null) return null
  if (path.length === 2 && path[0] === 'exports') return path[1] ?? null
  if (path[0] !== 'module' || path[1] !== 'exports') return null
  if (path.length === 2) return 'module.exports'
  return path.length === 3 ? (path[2] ?? null) : null
}

function memberPath(node: Expression): readonly string[] | null {
  if (node.type === 'Identifier') return [node.name]
  if (node.type !== 'MemberExpression') return null
  const above = memberPath(node.object)
  const name = node.property.type === (node.computed ? 'Literal' : 'Identifier') ? nameOf(node.property) : null
  return above === null || name === null ? null : [...above, name]
}

function collectObject(collector: Collector, node: ValueNode): void {
  const object = resolved(collector, node) as Expression
  if (object.type !== 'ObjectExpression') return
  for (const property of object.properties) {
    if (property.type !== 'Property' || property.computed) continue
    const name = nameOf(property.key)
    collector.found.set(name, { value: resolved(collector, property.value), start: property.start })
  }
}

function collectGetters(collector: Collector, node: ValueNode): void {
  const object = withoutTypes(node) as Expression
  if (object.type !== 'ObjectExpression') return
  for (const property of object.properties) {
    if (property.type !== 'Property' || property.computed) continue
    const returned = returnedBy(property.value)
    if (returned !== null)
      collector.found.set(nameOf(property.key), {
        value: resolved(collector, returned),
        start: property.start,
      })
  }
}

/** `() => x` and `function () { return x }` → x. */
function returnedBy(getter: Expression): Expression | null {
  if (getter.type !== 'ArrowFunctionExpression' && getter.type !== 'FunctionExpression') return null
  const body = getter.body as { readonly body?: readonly Statement[] } | Expression | null
  if (body === null || !('body' in body) || !Array.isArray(body.body)) return body as Expression | null
  const [first] = body.body as readonly Statement[]
  return first?.type === 'ReturnStatement' ? first.argument : null
}

/** A name declared in this file stands for its value. */
function resolved(collector: Collector, node: ValueNode): ValueNode {
  const bare = withoutTypes(node) as Expression
  return bare.type === 'Identifier' ? (lookUp(collector, bare.name) ?? bare) : bare
}

function lookUp(collector: Collector, name: string): ValueNode | null {
  return collector.locals.get(name) ?? null
}

function nameOf(node: { readonly type: string; readonly name?: unknown; readonly value?: unknown }): string {
  return String(node.name ?? node.value)
}

function isVoid(node: Expression): boolean {
  return node.type === 'UnaryExpression' && node.operator === 'void'
}
