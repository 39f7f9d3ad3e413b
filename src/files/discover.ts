// Which files are migrations, and what their headers say.

import { isUtf8 } from 'node:buffer'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { checksum } from '../core/checksum.js'
import type { Diagnostic } from '../core/diagnostic.js'
import { UsageError } from '../core/errors.js'
import type { Revision } from '../core/graph/revision.js'
import { reasonOf } from '../core/thrown.js'
import { readHeader } from './header.js'
import { createModuleReader, type LocalModules, type ReadModules } from './modules.js'

/** A migration as it lies in a folder. */
export interface MigrationFile {
  readonly revision: Revision
  /** Absolute. */
  readonly file: string
  /** As it was read once, at the start: what is checked, hashed, stored and run is the same text. */
  readonly text: string
  /** Of the text and the local modules; see `core/checksum.ts`. Computed when it is asked for. */
  checksum(): string
  /** The local modules that it imports: name → normalized text; see `modules.ts`. Read when they are asked for. */
  modules(): Readonly<Record<string, string>>
  /** Every file that was read for it so far, its own among them: absolute path → text. */
  textsRead(): ReadonlyMap<string, string>
}

export interface Discovery {
  readonly migrations: readonly MigrationFile[]
  /** Files that are no readable migrations, all of them. */
  readonly diagnostics: readonly Diagnostic[]
}

const migrationName = /\.[cm]?[jt]s$/
const otherName = /^[._]|\.d\.[cm]?ts$|\.(test|spec)\.[cm]?[jt]s$|~$/
const maximumBytes = 5 * 1024 * 1024
const replacement = Buffer.from('\uFFFD')

/**
 * Reads all migrations of some folders, not of their subfolders. Paths in the result are relative to `root`.
 * @throws UsageError `config.not-found` when a folder is missing
 */
export function discover(root: string, folders: readonly string[]): Discovery {
  const migrations: MigrationFile[] = []
  const diagnostics: Diagnostic[] = []
  const readModules = createModuleReader(root)
  for (const path of dropCompiled(root, listFiles(root, folders), diagnostics)) {
    const shown = display(root, path)
    const text = readText(path, shown, diagnostics)
    if (text === null) continue
    const { header, diagnostics: problems } = readHeader(shown, text)
    diagnostics.push(...problems)
    if (header !== null)
      migrations.push(
        migrationFile(
          path,
          text,
          { ...header, path: shown, message: header.message || slugOf(path, header.revision) },
          readModules,
        ),
      )
  }
  return { migrations, diagnostics }
}

function migrationFile(file: string, text: string, revision: Revision, readModules: ReadModules): MigrationFile {
  let sum: string | undefined
  let local: LocalModules | undefined
  const modules = () => (local ??= readModules(file, text)).texts
  return {
    revision,
    file,
    text,
    checksum: () => (sum ??= checksum(text, modules())),
    modules,
    textsRead: () => new Map([[file, text], ...(local?.read ?? [])]),
  }
}

/** Absolute paths of what looks like a migration, each real file once, in the order of names. */
function listFiles(root: string, folders: readonly string[]): readonly string[] {
  const real = new Set<string>()
  return folders.flatMap((folder) =>
    namesIn(root, folder)
      .filter((name) => migrationName.test(name) && !otherName.test(name))
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => isFirst(real, path)),
  )
}

/** Two links to one file are one migration. A link that leads nowhere is kept, so that reading it says so. */
function isFirst(real: Set<string>, path: string): boolean {
  try {
    const target = realpathSync(path)
    if (real.has(target)) return false
    real.add(target)
  } catch {
    return true
  }
  return true
}

function namesIn(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    const shown = display(root, folder)
    throw new UsageError('config.not-found', `The migrations folder ${shown} cannot be read: ${reasonOf(cause)}.`, {
      hint: 'Create it with `mig init`, or name another one as `migrations` in mig.config.ts. Nothing was changed.',
      path: shown,
      cause,
    })
  }
}

/** Of `x.ts` and its compiled `x.js` in one folder the source is the migration. */
function dropCompiled(root: string, paths: readonly string[], diagnostics: Diagnostic[]): readonly string[] {
  const sources = new Set(paths.filter((path) => path.endsWith('ts')))
  return paths.filter((path) => {
    const source = path.replace(/js$/, 'ts')
    if (source === path || !sources.has(source)) return true
    diagnostics.push({
      code: 'graph.shadowed-file',
      severity: 'warning',
      message: `${basename(path)} lies beside ${basename(source)}; the TypeScript file is used.`,
      hint: 'Remove it, or compile into another folder.',
      path: display(root, path),
    })
    return false
  })
}

function readText(file: string, shown: string, diagnostics: Diagnostic[]): string | null {
  const refuse = (message: string, hint: string) => {
    diagnostics.push({ code: 'graph.bad-module', severity: 'error', message, hint, path: shown })
    return null
  }
  try {
    const stats = statSync(file)
    if (!stats.isFile() && !stats.isDirectory()) return refuse(`${shown} is no file.`, 'Remove it.') // a pipe never ends
    if (stats.size > maximumBytes)
      return refuse(
        `${shown} has ${Math.ceil((stats.size / 1024 / 1024) * 10) / 10} MB; a migration may have 5.`,
        'Move the data into a file that the migration reads.',
      )
    const bytes = readFileSync(file)
    const text = bytes.toString('utf8')
    const broken = text.includes('\uFFFD') ? firstBrokenByte(bytes, text) : null
    if (broken !== null) return refuse(`${shown} is not UTF-8: ${broken}.`, 'Save it as UTF-8.')
    return text
  } catch (cause) {
    return refuse(`${shown} cannot be read: ${reasonOf(cause)}.`, 'Make it readable, or remove it.')
  }
}

/** Where the bytes stop being UTF-8; null when the text truly holds U+FFFD. */
function firstBrokenByte(bytes: Buffer, text: string): string | null {
  if (isUtf8(bytes)) return null
  let at = 0
  for (const letter of text) {
    // Up to the first broken byte the text has the bytes' own lengths.
    if (letter === '\uFFFD' && !bytes.subarray(at, at + 3).equals(replacement)) break
    at += Buffer.byteLength(letter)
  }
  return `byte 0x${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')} at ${at}`
}

/** "20261121_c9b52448285b_create_users.ts" → "create users" */
function slugOf(path: string, revision: string): string {
  const bare = basename(path).replace(migrationName, '')
  const words = bare
    .replace(revision, ' ')
    .replace(/^[\d_T.-]+/, ' ')
    .replace(/[_\s.-]+/g, ' ')
    .trim()
  return words === '' ? bare : words
}

/** How a file is named to a person: from the project's root, with forward slashes; absolute when it lies outside. */
export function display(root: string, path: string): string {
  const short = relative(root, path)
  return short === '' ? '.' : (short.startsWith('..') ? path : short).split(sep).join('/')
}
