// A revision → its functions, on demand.

import { readFileSync } from 'node:fs'
import { dirname, posix, relative, sep } from 'node:path'
import type { Knex } from 'knex'
import type { EngineName } from '../core/place.js'
import { assertNoErrors, GraphError } from '../core/errors.js'
import type { RevisionId } from '../core/graph/revision.js'
import { type Position, positionInStack, sourceFrame } from '../core/position.js'
import { messageOf } from '../core/thrown.js'
import type { MigrationFile } from './discover.js'
import { readHeader } from './header.js'
import type { Importer, ImportModule, Loader } from './loader.js'
import { loadParser } from './parser.js'
import { isAlone, showOwnLines, withOwnLines } from './typescript.js'

/** The second argument of `up` and `down`. */
export interface MigrationContext {
  readonly engine: EngineName
  readonly revision: RevisionId
  readonly direction: 'up' | 'down'
  /** Tells a line to whoever watches the run. */
  readonly log: (message: string) => void
  /**
   * Does a part of the migration, under a name that no other part has. Where nothing can be rolled back, a migration that
   * was interrupted is resumed by these names: a part that is done is left out, and `undefined` is its result.
   */
  readonly step: <T>(name: string, part: () => Promise<T> | T) => Promise<T | undefined>
  /** Aborted when the run is stopped; a long loop in a migration should look at it. */
  readonly signal: AbortSignal
}

export type MigrationFunction = (knex: Knex, context: MigrationContext) => Promise<void> | void

/** A migration with its functions. */
export interface Migration {
  readonly file: MigrationFile
  readonly up: MigrationFunction
  /** Missing only where the header says `irreversible`. */
  readonly down: MigrationFunction | undefined
  /** The first place in its file that the stack of an error names; null when it names none. */
  readonly positionOf: (error: unknown) => Position | null
}

/**
 * Loads the functions of a migration.
 * @throws GraphError `graph.bad-module` when it does not load, has no functions, or has changed (itself, or a local
 * module that it imports) since it was read
 */
export async function loadMigration(file: MigrationFile, importModule: ImportModule): Promise<Migration> {
  file.modules() // so that what is recorded is what was there before it was loaded
  assertUnchanged(file)
  const exported = migrationExports(await importOrExplain(file, importModule))
  const { up, down, config } = exported
  if (isWithoutTransaction(config) && file.revision.transaction) throw knexConfig(file)
  if (typeof up !== 'function') throw notFunction(file, 'up', up)
  if (typeof down !== 'function' && !(down === undefined && file.revision.irreversible !== null))
    throw notFunction(file, 'down', down)
  const asCalled = (work: unknown) => (isAlone(file.file) ? withLines(work as MigrationFunction) : work)
  const positionOf = (error: unknown) => {
    if (error instanceof Error && isAlone(file.file)) showOwnLines(error)
    return positionInStack(error, file.file)
  }
  return { file, up: asCalled(up), down: down && asCalled(down), positionOf } as Migration
}

/**
 * Loads them once more, for another try: what the first one left in variables of the module, or of the local modules that
 * it imports, is not there.
 * @throws GraphError as `loadMigration` does
 */
export async function loadMigrationAnew(file: MigrationFile, { copyModule }: Loader): Promise<Migration> {
  return loadMigration(file, (path, text) => copyModule(path, text, file.textsRead().keys()))
}

function withLines(work: MigrationFunction): MigrationFunction {
  return (knex, context) => withOwnLines(() => work(knex, context))
}

/** The values of a module: its named exports, or the properties of its default export (CommonJS, `export default`). */
export function defaultOr(namespace: object, isWanted: (exported: object) => boolean): object {
  if (isWanted(namespace) || !('default' in namespace)) return namespace
  const inner: unknown = namespace.default
  return typeof inner === 'object' && inner !== null ? defaultOr(inner, isWanted) : namespace
}

/** What a configuration file stands for: its default export, or all exports. A function is called, a promise awaited. */
export async function importValue(file: string, { importModule }: Importer): Promise<unknown> {
  const text = readFileSync(file, 'utf8')
  if (file.endsWith('.json')) return JSON.parse(text.replace(/^\uFEFF/, ''))
  const namespace = await importModule(file, text)
  if (Object.keys(namespace).length === 0) return undefined
  const exported = defaultOr(namespace, (inner) => !('default' in inner))
  const value: unknown = 'default' in exported ? exported.default : exported
  return withOwnLines(() => (typeof value === 'function' ? (value as () => unknown)() : value))
}

/** The texts of what this process has loaded: a program that runs on may load a migration that was edited. */
const loadedTexts = new Map<string, string>()

async function importOrExplain(file: MigrationFile, importModule: ImportModule): Promise<object> {
  const before = loadedTexts.get(file.file)
  try {
    for (const [path, text] of file.textsRead()) loadedTexts.set(path, text)
    const edition = before === undefined || before === file.text ? undefined : file.checksum()
    return await inTime(importModule(file.file, file.text, edition))
  } catch (cause) {
    await assertParses(file)
    const { path, revision } = file.revision
    const position = positionInStack(cause, file.file)
    const at = position === null ? path : `${path}:${position.line}:${position.column}`
    throw new GraphError('graph.bad-module', `${revision} (${at}) cannot be loaded: ${messageOf(cause)}`, {
      hint: 'Fix it and run the command again. Nothing was run.',
      detail: position === null ? undefined : sourceFrame(file.text, position),
      revision,
      path,
      line: position?.line,
      column: position?.column,
      cause,
    })
  }
}

/** A mistake of syntax is reported as `mig check` reports it: the loaders have words of their own. */
async function assertParses({ revision: { path }, text }: MigrationFile): Promise<void> {
  assertNoErrors(GraphError, readHeader(await loadParser(), path, text).diagnostics)
}

const longestImportMs = 30_000

/** A module that waits at its top level for what never comes must not hold a run for ever. */
async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    const words = `it was not ready after ${longestImportMs / 1000} s; does it wait for something at its top level?`
    timer = setTimeout(() => reject(new Error(words)), longestImportMs)
  })
  try {
    return await Promise.race([loading, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

interface Exported {
  readonly up?: unknown
  readonly down?: unknown
  readonly config?: unknown
}

function migrationExports(namespace: object): Exported {
  return defaultOr(namespace, (exported) => 'up' in exported || 'revision' in exported)
}

/** `config = { transaction: false }`, which Knex reads; the header's reader sees it only where it is written out. */
function isWithoutTransaction(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'transaction' in config && config.transaction === false
}

function knexConfig({ revision: { revision, path } }: MigrationFile): GraphError {
  return new GraphError(
    'graph.bad-header',
    `config.transaction in ${path} is false: that is what Knex reads, and mig does not. Nothing was run.`,
    { hint: 'Write instead: export const transaction = false', revision, path },
  )
}

/** What runs must be the text that was checked and will be stored. */
function assertUnchanged(migration: MigrationFile): void {
  for (const [path, text] of migration.textsRead()) {
    const loaded = loadedTexts.get(path)
    // A module cannot be loaded anew under the migrations that import it.
    const isStale = path !== migration.file && loaded !== undefined && loaded !== text
    if (isStale) throw changed(migration, path, 'changed since this process loaded it', 'Start the program again.')
    if (textNow(path) !== text)
      throw changed(migration, path, 'changed while mig was at work', 'Run the command again.')
  }
}

function changed({ file, revision: { revision, path } }: MigrationFile, which: string, what: string, hint: string) {
  const name = posix.join(posix.dirname(path), relative(dirname(file), which).split(sep).join('/'))
  const why = which === file ? '' : `, which ${revision} (${path}) imports,`
  return new GraphError('graph.bad-module', `${name}${why} ${what}. Nothing was run.`, { hint, revision, path })
}

/** Null when the file is gone. */
function textNow(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function notFunction({ revision: { revision, path } }: MigrationFile, name: string, value: unknown): GraphError {
  const what =
    value === undefined
      ? 'is missing'
      : `is ${value === null ? 'null' : `a value of type ${typeof value}`}, not a function`
  return new GraphError('graph.bad-module', `${name} in ${path} ${what}. Nothing was run.`, {
    hint: `Write: export async function ${name}(knex: Knex): Promise<void> { … }`,
    revision,
    path,
  })
}
