// The files of a project that look like migrations, and their texts. What they say is read elsewhere.

import { isUtf8 } from 'node:buffer'
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import type { Diagnostic } from '../core/diagnostic.js'
import { UsageError } from '../core/errors.js'
import { reasonOf } from '../core/thrown.js'

/** What a migration's file may end with. */
export const migrationName = /\.[cm]?[jt]s$/
const otherName = /^[._]|\.d\.[cm]?ts$|\.(test|spec)\.[cm]?[jt]s$|~$/
const maximumLength = 5 * 1024 * 1024
const replacement = Buffer.from('\uFFFD')
/** Made once: Node makes it anew of a bare 'utf8', for each of thousands of files. */
const asText = { encoding: 'utf8', flag: 'r' } as const

/** A file as it was read, once. */
export interface FileText {
  /** Absolute. */
  readonly path: string
  /** As a person is told. */
  readonly shown: string
  readonly text: string
}

export interface Texts {
  /** In the order of folders and names. */
  readonly texts: readonly FileText[]
  /** What could not be read, and what was left out. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads what looks like a migration in some folders, not in their subfolders. What is shown is relative to `root`.
 * @throws UsageError `config.not-found` when a folder is missing
 */
export function readTexts(root: string, folders: readonly string[]): Texts {
  const diagnostics: Diagnostic[] = []
  const texts = dropCompiled(root, listFiles(root, folders), diagnostics).flatMap((listed) => {
    const { path } = listed
    const shown = display(root, path)
    const text = readText(listed, shown, diagnostics)
    return text === null ? [] : [{ path, shown, text }]
  })
  return { texts, diagnostics }
}

interface Listed {
  /** Absolute. */
  readonly path: string
  /** Not so for links, folders and pipes: what they are must be asked. */
  readonly isFile: boolean
}

/** What looks like a migration, each real file once, in the order of names. No file is touched for it, but links. */
function listFiles(root: string, folders: readonly string[]): readonly Listed[] {
  const real = new Set<string>()
  return folders.flatMap((folder) => {
    const { realFolder, entries } = readFolder(root, folder)
    const files = entries.filter(({ name }) => migrationName.test(name) && !otherName.test(name))
    files.sort((one, other) => (one.name < other.name ? -1 : 1))
    // Only a second folder, or a link, can lead to a file that is listed already.
    const isPlain = folders.length === 1 && files.every((entry) => entry.isFile())
    return (isPlain ? files : files.filter((entry) => isFirst(real, targetOf(realFolder, entry)))).map((entry) => ({
      path: `${folder}${sep}${entry.name}`,
      isFile: entry.isFile(),
    }))
  })
}

/** Two links to one file are one migration. */
function isFirst(real: Set<string>, path: string): boolean {
  if (real.has(path)) return false
  real.add(path)
  return true
}

/** Where a link leads to. One that leads nowhere is kept, so that reading it says so. */
function targetOf(folder: string, entry: Dirent): string {
  const path = join(folder, entry.name)
  if (entry.isFile()) return path
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

interface Folder {
  /** Without links in its path. */
  readonly realFolder: string
  readonly entries: Dirent[]
}

function readFolder(root: string, folder: string): Folder {
  try {
    return { realFolder: realpathSync(folder), entries: readdirSync(folder, { withFileTypes: true }) }
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
function dropCompiled(root: string, files: readonly Listed[], diagnostics: Diagnostic[]): readonly Listed[] {
  if (!files.some(({ path }) => path.endsWith('js'))) return files
  const sources = new Set(files.map(({ path }) => path))
  return files.filter(({ path }) => {
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

function readText({ path: file, isFile }: Listed, shown: string, diagnostics: Diagnostic[]): string | null {
  const refuse = (message: string, hint: string) => {
    diagnostics.push({ code: 'graph.bad-module', severity: 'error', message, hint, path: shown })
    return null
  }
  try {
    if (!isFile && isNoFile(file)) return refuse(`${shown} is no file.`, 'Remove it.') // a pipe never ends
    const text = readFileSync(file, asText)
    if (text.length > maximumLength)
      return refuse(
        `${shown} has ${Math.ceil((text.length / 1024 / 1024) * 10) / 10} MB; a migration may have 5.`,
        'Move the data into a file that the migration reads.',
      )
    const broken = text.includes('\uFFFD') ? firstBrokenByte(readFileSync(file), text) : null
    if (broken !== null) return refuse(`${shown} is not UTF-8: ${broken}.`, 'Save it as UTF-8.')
    return text
  } catch (cause) {
    return refuse(`${shown} cannot be read: ${reasonOf(cause)}.`, 'Make it readable, or remove it.')
  }
}

/** Folders are left to whoever reads them: the system has words for it. */
function isNoFile(path: string): boolean {
  const stats = statSync(path)
  return !stats.isFile() && !stats.isDirectory()
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

/** How a file is named to a person: from the project's root, with forward slashes; absolute when it lies outside. */
export function display(root: string, path: string): string {
  const short = path.startsWith(root + sep) ? path.slice(root.length + 1) : relative(root, path)
  const named = short === '' ? '.' : short.startsWith('..') ? path : short
  return sep === '/' ? named : named.split(sep).join('/')
}
