// A source file as the architecture sees it: what it imports, and which globals it uses.

import { parseSync, type Expression, type Node } from 'oxc-parser'

export interface Import {
  /** As written; undefined where it is computed when the program runs. */
  readonly specifier: string | undefined
  /** It is gone when the program runs. */
  readonly isType: boolean
}

export interface SourceFile {
  /** Below src/, with forward slashes: `core/graph/plan.ts`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  /** Members of globals, and clock readings: `process.env`, `console.log`, `Math.random`, `new Date()`. */
  readonly uses: readonly string[]
}

/** Throws when `text` is not TypeScript. */
export function readSourceFile(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text)
  const [error] = errors
  if (error) throw new Error(`${path}: ${error.message}`)

  const imports: Import[] = []
  const uses: string[] = []
  for (const { moduleRequest, entries } of module.staticImports) {
    imports.push({
      specifier: moduleRequest.value,
      isType: entries.length > 0 && entries.every((entry) => entry.isType),
    })
  }
  for (const { moduleRequest, isType } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest) imports.push({ specifier: moduleRequest.value, isType })
  }
  for (const node of nodesOf(program)) {
    if (node.type === 'ImportExpression') imports.push({ specifier: literal(node.source), isType: false })
    if (node.type === 'TSImportType') imports.push({ specifier: node.source.value, isType: true })
    const use = useOf(node)
    if (use !== undefined) uses.push(use)
  }
  return { path, text, imports, uses }
}

function useOf(node: Node): string | undefined {
  if (node.type === 'MemberExpression' && node.object.type === 'Identifier') {
    return `${node.object.name}.${node.property.type === 'Identifier' ? node.property.name : '[…]'}`
  }
  // const { env } = process
  if (node.type === 'VariableDeclarator' && node.id.type === 'ObjectPattern' && node.init?.type === 'Identifier') {
    return `${node.init.name}.{…}`
  }
  const isClock = node.type === 'NewExpression' && node.callee.type === 'Identifier' && node.callee.name === 'Date'
  return isClock && node.arguments.length === 0 ? 'new Date()' : undefined
}

function literal(source: Expression): string | undefined {
  return source.type === 'Literal' && typeof source.value === 'string' ? source.value : undefined
}

/** All nodes of the tree. The parser's own Visitor cannot be loaded in Jest on Node 20. */
function* nodesOf(root: Node): Generator<Node> {
  const waiting: unknown[] = [root]
  for (const value of waiting) {
    if (typeof value !== 'object' || value === null) continue
    if ('type' in value) yield value as Node
    waiting.push(...Object.values(value as Record<string, unknown>))
  }
}
