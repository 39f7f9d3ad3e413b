// A revision → its functions, on demand. The one place that knows tsx.

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import type { EngineName } from '../core/place.js'
import { GraphError } from '../core/errors.js'
import type { RevisionId } from '../core/graph/revision.js'
import { positionInStack, sourceFrame } from '../core/position.js'
import { messageOf } from '../core/thrown.js'
import type { MigrationFile } from './discover.js'

/** The second argument of `up` and `down`. */
export interface MigrationContext {
  readonly engine: EngineName
  readonly revision: RevisionId
  readonly direction: 'up' | 'down'
  /** Tells a line to whoever watches the run. */
  readonly log: (message: string) => void
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
}

/**
 * Imports a module by its absolute path; the result is the module's namespace. `edition` names a text other than the
 * one that this process has loaded before: the module is loaded anew.
 */
export type ImportModule = (file: string, edition?: string) => Promise<object>

export interface Loader {
  readonly importModule: ImportModule
  /** Takes the TypeScript hooks out of the process again. */
  close(): Promise<void>
}

/** A loader for the modules of the project at `root`: TypeScript with the project's tsconfig, ES modules and CommonJS. */
export function createLoader(root: string): Loader {
  let hooks: Promise<() => Promise<void>> | undefined
  return {
    async importModule(file, edition) {
      if (/\.[cm]?ts$/.test(file)) await (hooks ??= registerTypeScript(root))
      const { href } = pathToFileURL(file)
      if (edition === undefined) return (await import(href)) as object
      // Node keeps modules by their URL, and those of CommonJS by their path.
      Reflect.deleteProperty(createRequire(import.meta.url).cache, file)
      return (await import(`${href}?edition=${edition}`)) as object
    },
    async close() {
      await (
        await hooks
      )?.()
    },
  }
}

/**
 * Loads the functions of a migration.
 * @throws GraphError `graph.bad-module` when it does not load, has changed since it was read, or has no functions
 */
export async function loadMigration(file: MigrationFile, importModule: ImportModule): Promise<Migration> {
  assertUnchanged(file)
  const exported = migrationExports(await importOrExplain(file, importModule))
  const { up, down } = exported
  if (typeof up !== 'function') throw notFunction(file, 'up', up)
  if (typeof down !== 'function' && !(down === undefined && file.revision.irreversible !== null))
    throw notFunction(file, 'down', down)
  return { file, up: up as MigrationFunction, down: down as MigrationFunction | undefined }
}

/** The values of a module: its named exports, or the properties of its default export (CommonJS, `export default`). */
export function defaultOr(namespace: object, isWanted: (exported: object) => boolean): object {
  if (isWanted(namespace) || !('default' in namespace)) return namespace
  const inner: unknown = namespace.default
  return typeof inner === 'object' && inner !== null ? defaultOr(inner, isWanted) : namespace
}

/** What a configuration file stands for: its default export, or all exports. A function is called, a promise awaited. */
export async function importValue(file: string, { importModule }: Loader): Promise<unknown> {
  if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
  const namespace = await importModule(file)
  if (Object.keys(namespace).length === 0) return undefined
  const exported = defaultOr(namespace, (inner) => !('default' in inner))
  const value: unknown = 'default' in exported ? exported.default : exported
  return await (typeof value === 'function' ? (value as () => unknown)() : value)
}

/** The texts of the migrations that this process has loaded: a program that runs on may load one that was edited. */
const loadedTexts = new Map<string, string>()

async function importOrExplain(file: MigrationFile, importModule: ImportModule): Promise<object> {
  const before = loadedTexts.get(file.file)
  try {
    loadedTexts.set(file.file, file.text)
    return await (before === undefined || before === file.text
      ? importModule(file.file)
      : importModule(file.file, file.checksum()))
  } catch (cause) {
    const { path, revision } = file.revision
    const position = positionInStack(cause, file.file)
    const at = position === null ? path : `${path}:${position.line}:${position.column}`
    throw new GraphError('graph.bad-module', `${revision} (${at}) cannot be loaded: ${messageOf(cause)}`, {
      hint: 'Mend it and run the command again. Nothing was run.',
      detail: position === null ? undefined : sourceFrame(file.text, position),
      revision,
      path,
      line: position?.line,
      column: position?.column,
      cause,
    })
  }
}

function migrationExports(namespace: object): { readonly up?: unknown; readonly down?: unknown } {
  return defaultOr(namespace, (exported) => 'up' in exported || 'revision' in exported)
}

/** What runs must be the text that was checked and will be stored. */
function assertUnchanged({ file, text, revision }: MigrationFile): void {
  if (textNow(file) === text) return
  throw new GraphError('graph.bad-module', `${revision.path} changed while mig was at work. Nothing was run.`, {
    hint: 'Run the command again.',
    revision: revision.revision,
    path: revision.path,
  })
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

/** Hooks for `import` and `require`, with the tsconfig (path aliases) that lies nearest above `root`. */
async function registerTypeScript(root: string): Promise<() => Promise<void>> {
  const tsconfig = nearestAbove(root, 'tsconfig.json')
  const before = process.env.TSX_TSCONFIG_PATH
  if (tsconfig !== null && before === undefined) process.env.TSX_TSCONFIG_PATH = tsconfig
  try {
    const [cjs, esm] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')])
    const leaveRequire = cjs.register()
    const leaveImport = esm.register(tsconfig === null ? {} : { tsconfig })
    return async () => {
      leaveRequire()
      await leaveImport()
    }
  } finally {
    if (before === undefined) delete process.env.TSX_TSCONFIG_PATH
  }
}

/** The file called `name` in `folder` or the nearest folder above it. */
function nearestAbove(folder: string, name: string): string | null {
  for (let here = folder; ; here = dirname(here)) {
    const path = join(here, name)
    if (existsSync(path)) return path
    if (dirname(here) === here) return null
  }
}
