// A file of tests, read as text: what can be said of its tests without running them.

import { readFileSync } from 'node:fs'

import { parseSync, type Node, type Statement } from 'oxc-parser'

/** What is written between quotes and begins with the numbers of cases: 'A1 A2 PostgreSQL', 'B2'. */
export function numberedTexts(path: string): readonly string[] {
  const quoted = /(['"`])((?:[A-H]\d+(?: |(?=\1)))+(?:(?!\1)[^\\\n]|\\.)*)\1/g
  return [...withoutComments(path).matchAll(quoted)].map(([, , text = '']) => text)
}

/** The source without the lines that are comments. */
export function withoutComments(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/^\s*(\/\/|\/\*\*|\*).*$/gm, '')
}

/** Tests that are left out by hand, or leave others out, as `line: source`: `test.skip('…'`, `describe.only(…`. */
export function leftOutByHand(path: string): readonly string[] {
  const source = readFileSync(path, 'utf8')
  const found = source.matchAll(/\b(?:test|it|describe)(?:\.concurrent)?\.(?:skip|only|todo|failing)\(['"].*/g)
  return [...found].map((match) => `${lineAt(source, match.index)}: ${match[0]}`)
}

/** Where tests return nothing before they assert anything, as `line: source`: they would pass and prove nothing. */
export function earlyReturns(path: string): readonly string[] {
  const source = readFileSync(path, 'utf8')
  if (!/\breturn( \/\/.*)?$/m.test(source)) return []
  const { program, errors } = parseSync(path, source)
  const [error] = errors
  if (error) throw new Error(`${path}: ${error.message}`)
  return [...nodesOf(program)].flatMap(testBodies).flatMap((body) => earlyReturnsOf(body, source))
}

/** The statements of a function that is given to `test(…)`, `testPostgres(…)`, `test.each(…)(…)` and the like. */
function testBodies(node: Node): readonly (readonly Statement[])[] {
  if (node.type !== 'CallExpression' || !nameOf(node.callee).startsWith('test')) return []
  return node.arguments.flatMap((argument) => {
    const isFunction = argument.type === 'ArrowFunctionExpression' || argument.type === 'FunctionExpression'
    return isFunction && argument.body?.type === 'BlockStatement' ? [argument.body.body] : []
  })
}

function nameOf(callee: Node): string {
  if (callee.type === 'Identifier') return callee.name
  if (callee.type === 'MemberExpression') return nameOf(callee.object)
  return callee.type === 'CallExpression' ? nameOf(callee.callee) : ''
}

function earlyReturnsOf(body: readonly Statement[], source: string): readonly string[] {
  const textOf = ({ start, end }: Statement) => source.slice(start, end)
  const first = body.findIndex((statement) => textOf(statement).includes('expect'))
  const before = first < 0 ? body : body.slice(0, first)
  return before
    .filter(mayReturn)
    .map((statement) => `${lineAt(source, statement.start)}: ${textOf(statement).split('\n')[0] ?? ''}`)
}

function mayReturn(statement: Statement): boolean {
  if (statement.type === 'TryStatement')
    return statement.handler?.body.body.some(({ type }) => type === 'ReturnStatement') ?? false
  if (statement.type !== 'IfStatement') return false
  const { consequent } = statement
  const last = consequent.type === 'BlockStatement' ? consequent.body.at(-1) : consequent
  return last?.type === 'ReturnStatement'
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length
}

/** All nodes of the tree. The parser's own Visitor cannot be loaded in Jest on Node 20. */
function* nodesOf(root: unknown): Generator<Node> {
  const waiting: unknown[] = [root]
  for (const value of waiting) {
    if (typeof value !== 'object' || value === null) continue
    if ('type' in value) yield value as Node
    waiting.push(...Object.values(value as Record<string, unknown>))
  }
}
