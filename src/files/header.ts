// A migration file's text → its header, without running the file.

import type { Comment, Expression, OxcError, Program } from 'oxc-parser'
import type { Code } from '../core/codes.js'
import type { Diagnostic } from '../core/diagnostic.js'
import { exportsOf, type Exports, type ExportedValue, propertyOf } from './exports.js'
import { describeLiteral, literalOf, notLiteral } from './literals.js'
import { positionAt, sourceFrame } from '../core/position.js'
import type { Parser } from './parser.js'

/** What a migration file declares. */
export interface Header {
  readonly revision: string
  readonly downRevisions: readonly string[]
  readonly branchLabels: readonly string[]
  readonly dependsOn: readonly string[]
  /** The doc comment at the top; empty when there is none. */
  readonly message: string
  /** `false`: the migration asks to run outside a transaction. */
  readonly transaction: boolean
  /** `false`: the migration must not be run again by itself when a lock or a deadlock ended it. */
  readonly retry: boolean
  /** Why there is no way back; null when there is one. */
  readonly irreversible: string | null
  /** It has nothing to run, and that is right: `empty = true`, or a body without statements. */
  readonly empty: boolean
}

export interface HeaderReading {
  /** Null when there are diagnostics. */
  readonly header: Header | null
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the header of a migration. The extension of `path` tells the language; `path` stands in the diagnostics.
 * All mistakes of the file are reported together, each with line and column.
 */
export function readHeader(parse: Parser, path: string, text: string): HeaderReading {
  const parsed = parse(path, text)
  const syntaxErrors = parsed.errors.filter(({ severity }) => (severity as string) === 'Error')
  if (syntaxErrors.length > 0)
    return { header: null, diagnostics: syntaxErrors.map((error) => syntaxError(path, text, error)) }
  const file: OpenFile = { path, text, exports: exportsOf(parsed.program), found: [] }
  const header = isMigration(file) ? headerOf(file, messageOf(text, parsed.program, parsed.comments)) : null
  if (header === null && file.found.length === 0) file.found.push(noMigration(path))
  return file.found.length > 0 ? { header: null, diagnostics: file.found } : { header, diagnostics: [] }
}

interface OpenFile {
  readonly path: string
  readonly text: string
  readonly exports: Exports
  readonly found: Diagnostic[]
}

const wanted = {
  revision: `export const revision = 'c9b52448285b'`,
  downRevision: `export const downRevision = 'f1be62155239'   (or null for a base, or ['a', 'b'] for a merge)`,
  branchLabels: `export const branchLabels = ['billing']`,
  dependsOn: `export const dependsOn = ['c9b52448285b']`,
  transaction: `export const transaction = false`,
  retry: `export const retry = false`,
  irreversible: `export const irreversible = 'the column is gone for good'`,
  empty: `export const empty = true`,
} as const

type HeaderKey = keyof typeof wanted

function headerOf(file: OpenFile, message: string): Header {
  const irreversible = read(file, 'irreversible', asText) ?? null
  requireFunction(file, 'up')
  if (irreversible === null || file.exports.has('down')) requireFunction(file, 'down')
  const transaction = read(file, 'transaction', asBoolean) ?? true
  if (transaction) refuseKnexConfig(file)
  return {
    revision: required(file, 'revision', asText) ?? '',
    downRevisions: required(file, 'downRevision', asParents) ?? [],
    branchLabels: read(file, 'branchLabels', asList) ?? [],
    dependsOn: read(file, 'dependsOn', asList) ?? [],
    message,
    transaction,
    retry: read(file, 'retry', asBoolean) ?? true,
    irreversible,
    empty: read(file, 'empty', asBoolean) ?? hasEmptyBody(file.exports.get('up')),
  }
}

/** A file that exports neither identity nor functions is something else that lies in the folder. */
function isMigration({ exports }: OpenFile): boolean {
  return ['revision', 'downRevision', 'up', 'down'].some((name) => exports.has(name))
}

/** `undefined` stands for a value that has the wrong type. */
type Reader<T> = (value: unknown) => T | undefined

const asText: Reader<string> = (value) => (typeof value === 'string' ? value : undefined)
const asBoolean: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined)
const asList: Reader<readonly string[]> = (value) => {
  const list = typeof value === 'string' ? [value] : value
  return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined
}
const asParents: Reader<readonly string[]> = (value) => (value === null ? [] : asList(value))

function required<T>(file: OpenFile, key: HeaderKey, reader: Reader<T>): T | undefined {
  if (!file.exports.has(key)) {
    file.found.push(problem(file, 'graph.bad-header', 0, `${file.path} does not export ${key}.`, `Add: ${wanted[key]}`))
    return undefined
  }
  return read(file, key, reader)
}

function read<T>(file: OpenFile, key: HeaderKey, reader: Reader<T>): T | undefined {
  const exported = file.exports.get(key)
  if (exported === undefined) return undefined
  const literal = exported.value === null ? notLiteral : literalOf(exported.value as Expression)
  const value = literal === notLiteral ? undefined : reader(literal)
  if (value !== undefined) return value
  const start = exported.value?.start ?? exported.start
  const why =
    literal === notLiteral ? 'is computed, and mig reads it without running the file' : `is ${describeLiteral(literal)}`
  file.found.push(
    problem(file, 'graph.bad-header', start, `${key} in ${file.path} ${why}.`, `Write a literal: ${wanted[key]}`),
  )
  return undefined
}

function requireFunction(file: OpenFile, name: 'up' | 'down'): void {
  const exported = file.exports.get(name)
  if (exported === undefined) {
    const hint =
      name === 'up'
        ? 'Add: export async function up(knex: Knex): Promise<void> { … }'
        : `Add it, or say why there is none: ${wanted.irreversible}`
    file.found.push(problem(file, 'graph.bad-module', 0, `${file.path} does not export ${name}.`, hint))
    return
  }
  const what = exported.value === null ? null : notFunction(exported.value as Expression)
  if (what === null) return
  file.found.push(
    problem(
      file,
      'graph.bad-module',
      startOf(exported),
      `${name} in ${file.path} is ${what}, not a function.`,
      `Write: export async function ${name}(knex: Knex): Promise<void> { … }`,
    ),
  )
}

/** Knex reads `config.transaction` of a migration, and mig does not: what it asks for must not be passed over in silence. */
function refuseKnexConfig(file: OpenFile): void {
  const config = file.exports.get('config')?.value
  const value = config ? propertyOf(config, 'transaction') : null
  if (value !== null && literalOf(value as Expression) === false) file.found.push(knexConfig(file, value.start))
}

function knexConfig(file: OpenFile, start: number): Diagnostic {
  const message = `config.transaction in ${file.path} is what Knex reads, and mig does not.`
  return problem(file, 'graph.bad-header', start, message, `Write instead: ${wanted.transaction}`)
}

/** What a value is, when its syntax alone shows that it is no function; null when it is one or may be one. */
function notFunction(value: Expression): string | null {
  if ((value as { type: string }).type === 'ClassDeclaration' || value.type === 'ClassExpression') return 'a class'
  if (value.type === 'ObjectExpression') return 'an object'
  const literal = literalOf(value)
  return literal === notLiteral ? null : describeLiteral(literal)
}

/** `up() {}` says by itself that there is nothing to run: no `await` can be missing there. */
function hasEmptyBody(exported: ExportedValue | undefined): boolean {
  const { body } = (exported?.value ?? {}) as { readonly body?: { readonly body?: unknown } | null }
  return Array.isArray(body?.body) && body.body.length === 0
}

/** The doc comment above the first statement, if that is none of `up` or `down`: then it is about the function. */
function messageOf(text: string, program: Program, comments: readonly Comment[]): string {
  const first = program.body.find((statement) => !('directive' in statement))
  const doc = comments.find(({ type, value }) => type === 'Block' && value.startsWith('*'))
  if (doc === undefined || (first !== undefined && doc.start > first.start)) return ''
  return first !== undefined && beginsFunction.test(text.slice(first.start)) ? '' : docMessage(doc.value.slice(1))
}

/** A statement that is `up` or `down`. */
export const beginsFunction =
  /^(?:(?:export\s+)?(?:async\s+)?function\s+(?:up|down)\b|export\s+const\s+(?:up|down)\b|(?:module\s*\.\s*)?exports\s*\.\s*(?:up|down)\b)/

/** What begins with one of these is about a function, or a file, and says nothing to whoever lists migrations. */
const tag =
  /^@(?:async|author|deprecated|example|fileoverview|file|function|license|module|param|returns?|see|since|template|this|throws|ts-\w+|type|typedef|version)\b/

/** What stands between the opening and the end of a doc comment, up to its tags and without its stars. */
export function docMessage(text: string): string {
  const lines = text.split(/\r?\n/).map((line, index) => (index === 0 ? line : line.replace(/^\s*\* ?/, '')).trimEnd())
  const tags = lines.findIndex((line) => tag.test(line.trimStart()))
  return lines
    .slice(0, tags < 0 ? lines.length : tags)
    .join('\n')
    .trim()
    .replaceAll('*\\/', '*/')
    .replace(/^(\s*)\\(\\*@)/gm, '$1$2') // as TSDoc escapes what is no tag
}

function noMigration(path: string): Diagnostic {
  return {
    code: 'graph.bad-header',
    severity: 'error',
    message: `${path} is no migration: it exports no revision.`,
    hint: 'A helper beside migrations has a name that begins with “_”. A migration has a header:',
    detail: [
      `  ${wanted.revision}`,
      '  export const downRevision = null',
      '  export async function up(knex: Knex): Promise<void> { … }',
      '  export async function down(knex: Knex): Promise<void> { … }',
    ].join('\n'),
    path,
  }
}

function syntaxError(path: string, text: string, error: OxcError): Diagnostic {
  const position = positionAt(text, error.labels[0]?.start ?? 0)
  return {
    code: 'graph.bad-module',
    severity: 'error',
    message: `${path}:${position.line}:${position.column} has a syntax error: ${error.message}`,
    hint: error.helpMessage ?? 'Correct it; nothing was run.',
    detail: sourceFrame(text, position),
    path,
    ...position,
  }
}

function problem(file: OpenFile, code: Code, start: number, message: string, hint: string): Diagnostic {
  const position = positionAt(file.text, start)
  const place = start === 0 ? {} : { ...position, detail: sourceFrame(file.text, position) }
  const at = start === 0 ? file.path : `${file.path}:${position.line}:${position.column}`
  return { code, severity: 'error', message: message.replace(file.path, () => at), hint, path: file.path, ...place }
}

function startOf({ value, start }: ExportedValue): number {
  return value?.start ?? start
}
