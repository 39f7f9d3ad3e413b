// Migrations: what the headers of their files say.

import { basename } from 'node:path'
import { checksum } from '../core/checksum.js'
import type { Diagnostic } from '../core/diagnostic.js'
import { InternalError } from '../core/errors.js'
import type { Revision } from '../core/graph/revision.js'
import { type Header, readHeader } from './header.js'
import { createModuleReader, type LocalModules, mayImport, type ReadModules } from './modules.js'
import { loadParser, type Parser } from './parser.js'
import { scanHeader } from './scan-header.js'
import { migrationName, type Texts } from './texts.js'

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

export interface Care {
  /** Parses each file whole, so that mistakes outside of the headers are found, too. Without it only where a header is unusual. */
  readonly isThorough?: boolean
}

/** The migrations that texts of the project at `root` are. What was to be said of the files before is kept. */
export async function discover(
  root: string,
  { texts, diagnostics: before }: Texts,
  care: Care = {},
): Promise<Discovery> {
  const diagnostics: Diagnostic[] = [...before]
  const scanned = texts.map(({ text }) => (care.isThorough === true ? null : scanHeader(text)))
  const imports = texts.map(({ text }) => mayImport(text))
  const parse = scanned.includes(null) || imports.includes(true) ? await loadParser() : noParser
  const readModules = createModuleReader(root, parse)
  const migrations: MigrationFile[] = []
  for (const [index, { path, shown, text }] of texts.entries()) {
    const header = scanned[index] ?? parsedHeader(parse, shown, text, diagnostics)
    if (header === null) continue
    const message = header.message || slugOf(path, header.revision)
    const revision = { ...header, message, path: shown }
    migrations.push(new FoundFile(revision, path, text, imports[index] === true ? readModules : null))
  }
  return { migrations, diagnostics }
}

/** Stands where no file needs one. */
const noParser: Parser = () => {
  throw new InternalError('internal.unexpected', 'A file was to be parsed, and no parser was loaded.')
}

function parsedHeader(parse: Parser, shown: string, text: string, diagnostics: Diagnostic[]): Header | null {
  const reading = readHeader(parse, shown, text)
  diagnostics.push(...reading.diagnostics)
  return reading.header
}

const noModules: LocalModules = { texts: {}, read: new Map() }

/** A class, and no object of closures: there may be thousands. */
class FoundFile implements MigrationFile {
  readonly revision: Revision
  readonly file: string
  readonly text: string
  /** Null where the text imports nothing. */
  readonly #readModules: ReadModules | null
  #checksum: string | undefined
  #local: LocalModules | undefined

  constructor(revision: Revision, file: string, text: string, readModules: ReadModules | null) {
    this.revision = revision
    this.file = file
    this.text = text
    this.#readModules = readModules
  }

  checksum(): string {
    return (this.#checksum ??= checksum(this.text, this.modules()))
  }

  modules(): Readonly<Record<string, string>> {
    return (this.#local ??= this.#readModules?.(this.file, this.text) ?? noModules).texts
  }

  textsRead(): ReadonlyMap<string, string> {
    return new Map([[this.file, this.text], ...(this.#local?.read ?? [])])
  }
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
