// The local modules that a migration imports, and those that they import: read, not run.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, relative, sep } from 'node:path'
import type { ResolverFactory } from 'oxc-resolver'
import { normalizeSource } from '../core/checksum.js'
import { nearestAbove } from './nearest-above.js'
import type { Parser } from './parser.js'

export interface LocalModules {
  /** Path from the migration's folder, with forward slashes and without the extension of a script → normalized text. */
  readonly texts: Readonly<Record<string, string>>
  /** Absolute path → text as it was read. */
  readonly read: ReadonlyMap<string, string>
}

/** The local modules of a migration. What is missing or cannot be read is left out: loading the migration says so. */
export type ReadModules = (file: string, text: string) => LocalModules

/**
 * A reader for the migrations of the project at `root`. Each module is read once. What lies in `node_modules`, modules
 * of Node.js and imports of types do not count, nor does an import whose path is computed.
 */
export function createModuleReader(root: string, parse: Parser): ReadModules {
  const resolve = createResolver(root)
  const modules = new Map<string, Module | null>()
  const importsOf = (path: string, text: string) =>
    specifiersIn(parse, path, text).flatMap((name) => resolve(path, name) ?? [])
  const moduleAt = (path: string) => {
    const known = modules.get(path)
    if (known !== undefined) return known
    const text = readText(path)
    const found = text === null ? null : { text, imports: importsOf(path, text) }
    modules.set(path, found)
    return found
  }
  return (file, text) => {
    const start = realPath(file)
    const read = new Map<string, string>()
    const open = [...importsOf(start, text)]
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const found = path === start || read.has(path) || isInPackage(dirname(start), path) ? null : moduleAt(path)
      if (found === null) continue
      read.set(path, found.text)
      open.push(...found.imports)
    }
    return { texts: named(dirname(start), read), read }
  }
}

interface Module {
  readonly text: string
  /** Absolute paths. */
  readonly imports: readonly string[]
}

const script = /\.[cm]?[jt]sx?$/

/** Without extensions the names stay what they are when the project is compiled. */
function named(folder: string, read: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const texts = new Map<string, string>()
  for (const [path, text] of [...read].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = relative(folder, path).split(sep).join('/')
    const bare = name.replace(script, '')
    texts.set(texts.has(bare) ? name : bare, normalizeSource(text))
  }
  return Object.fromEntries(texts)
}

/**
 * What may import something when it runs. Type imports as they stand in nearly every migration are none, `{ Knex }` of
 * knex among them: a file that has no others need not be parsed. Lengths are bounded to keep this linear.
 */
const runtimeImport =
  /\brequire\b|\bimport\b(?!\s{1,9}type\s{1,9}(?!from\b)[\w$\s{},]{0,1000}?\sfrom\s{0,9}['"]|\s{1,9}\{\s{0,9}Knex\s{0,9}\}\s{1,9}from\s{1,9}['"]knex['"])|\bexport\s{0,9}[*{][^'"`;]{0,1000}\bfrom\b/

/** Whether a text may import something when it runs; only then its reader wants a parser. */
export function mayImport(text: string): boolean {
  return runtimeImport.test(text)
}

/** What a text imports when it runs, as it is written there. */
function specifiersIn(parse: Parser, path: string, text: string): readonly string[] {
  if (!script.test(path) || !mayImport(text)) return []
  return nodesIn(parse(path, text).program)
    .map(specifierOf)
    .filter((name) => typeof name === 'string')
    .filter((name) => !isBuiltin(name))
}

type Node = Readonly<Record<string, unknown>>

/** All nodes of a syntax tree, in no order. Without recursion: a tree may be deeper than the stack. */
function nodesIn(program: unknown): readonly Node[] {
  const found: Node[] = []
  const open = [program]
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item !== 'object' || item === null) continue
    if ('type' in item) found.push(item)
    for (const inner of Object.values(item) as unknown[]) if (inner !== undefined) open.push(inner)
  }
  return found
}

/** What a node imports; null when it imports nothing, only types, or what is computed. */
function specifierOf(node: Node): unknown {
  if (node.importKind === 'type' || node.exportKind === 'type') return null
  switch (node.type) {
    case 'ImportDeclaration':
      return importsOnlyTypes(node) ? null : textOf(node.source)
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
      return textOf(node.source)
    case 'TSImportEqualsDeclaration': // import x = require('…')
      return textOf((node.moduleReference as Node).expression)
    case 'CallExpression':
      return (node.callee as Node).name === 'require' ? textOf((node.arguments as readonly Node[])[0]) : null
    default:
      return null
  }
}

function importsOnlyTypes({ specifiers }: Node): boolean {
  const list = specifiers as readonly Node[]
  return list.length > 0 && list.every(({ importKind }) => importKind === 'type')
}

function textOf(value: unknown): unknown {
  const node = (value ?? {}) as Node
  if (node.type === 'Literal') return node.value
  const { quasis } = node as { readonly quasis?: readonly { readonly value: { readonly cooked: string } }[] }
  return quasis?.length === 1 ? quasis[0]?.value.cooked : null
}

/** The real path that an import in `path` leads to; null when it leads to none, or into a package. */
type Resolve = (path: string, specifier: string) => string | null

/** As tsx finds modules: a script in TypeScript means `.ts` where it writes `.js`, one in JavaScript only if it must. */
function createResolver(root: string): Resolve {
  const factories = new Map<boolean, readonly ResolverFactory[]>()
  return (path, specifier) => {
    const isTypeScript = /\.[cm]?tsx?$/.test(path)
    const resolvers = factories.get(isTypeScript) ?? resolversFor(root, isTypeScript)
    factories.set(isTypeScript, resolvers)
    for (const resolver of resolvers) {
      const { path: found } = resolver.sync(dirname(path), specifier.replace(/\?.*$/, ''))
      if (found !== undefined) return isInPackage(dirname(path), found) ? null : realPath(found)
    }
    return null
  }
}

/** The first one knows the aliases of tsconfig.json; the second is there for a tsconfig.json that is broken. */
function resolversFor(root: string, isTypeScript: boolean): readonly ResolverFactory[] {
  const require = createRequire(import.meta.url)
  const { ResolverFactory } = require('oxc-resolver') as typeof import('oxc-resolver')
  const order = (...extensions: string[]) => (isTypeScript ? extensions : [...extensions].reverse())
  const options = {
    extensions: isTypeScript ? ['.ts', '.tsx', '.jsx', '.js', '.json'] : ['.js', '.json', '.ts', '.tsx', '.jsx'],
    extensionAlias: {
      '.js': isTypeScript ? ['.ts', '.tsx', '.js', '.jsx'] : ['.js', '.ts', '.tsx', '.jsx'],
      '.jsx': isTypeScript ? ['.tsx', '.ts', '.jsx', '.js'] : ['.jsx', '.tsx', '.ts', '.js'],
      '.mjs': order('.mts', '.mjs'),
      '.cjs': order('.cts', '.cjs'),
    },
    conditionNames: ['node', 'import', 'require'],
    symlinks: false, // what is linked into node_modules is a package all the same
  }
  const configFile = nearestAbove(root, 'tsconfig.json')
  const plain = new ResolverFactory(options)
  return configFile === null ? [plain] : [new ResolverFactory({ ...options, tsconfig: { configFile } }), plain]
}

function isInPackage(folder: string, path: string): boolean {
  return relative(folder, path).split(sep).includes('node_modules')
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Null when there is no readable file. */
function readText(path: string): string | null {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : null // a pipe never ends
  } catch {
    return null
  }
}
