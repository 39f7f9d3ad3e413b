// Whether there is nothing to do, told from texts and rows alone: no header is read for it, and no graph is built.

import type { RevisionId } from './revision.js'

/** A migration's file, as far as it must be known. */
export interface Written {
  readonly text: string
  /** See `core/checksum.ts`. */
  checksum(): string
}

/** A row of the history, as far as it must be known. */
export interface Fingerprint {
  readonly revision: RevisionId
  readonly checksum: string
  /** JSON, as it is stored. */
  readonly downRevisions: string
  /** The same: ids, no labels. */
  readonly dependsOn: string
}

/**
 * The heads when each file is applied as it is and nothing else is; in no order. Null when that is not certain: only
 * headers and a graph can tell. A checksum is of all that a file says, and is only written together with what the file
 * depends on: so its row says what its header does. A row that names what its file does not was altered by hand.
 */
export function headsIfUpToDate(
  files: Iterable<Written>,
  fingerprints: readonly Fingerprint[],
): readonly RevisionId[] | null {
  const open = new Map(fingerprints.map((row) => [row.checksum, row]))
  if (open.size !== fingerprints.length) return null
  const parents = new Set<RevisionId>()
  const needed = new Set<RevisionId>()
  for (const file of files) {
    const row = open.get(file.checksum())
    const down = row && idsIn(row.downRevisions)
    const others = row && idsIn(row.dependsOn)
    if (!row || !down || !others || !names(file, row.revision, down)) return null
    open.delete(row.checksum)
    for (const id of down) parents.add(id)
    for (const id of others) needed.add(id) // the file may call them by a label
  }
  const heads = fingerprints.map(({ revision }) => revision).filter((id) => !parents.delete(id))
  // A parent that is left is no row.
  if (open.size > 0 || parents.size > 0) return null
  const applied = needed.size === 0 ? needed : new Set(fingerprints.map(({ revision }) => revision))
  return [...needed].every((id) => applied.has(id)) ? heads : null
}

/** As nearly every file is written; of another the graph is asked. */
function names({ text }: Written, revision: RevisionId, down: readonly RevisionId[]): boolean {
  return isQuoted(text, revision, 'revision = ') && down.every((id) => isQuoted(text, id, ''))
}

/** Without a pattern, and without a new text for each of thousands. */
function isQuoted(text: string, id: RevisionId, before: string): boolean {
  for (let at = text.indexOf(id); at > 0; at = text.indexOf(id, at + 1)) {
    const quote = text[at - 1]
    const isOne = (quote === "'" || quote === '"') && text[at + id.length] === quote
    if (isOne && text.startsWith(before, at - 1 - before.length)) return true
  }
  return false
}

const none: readonly RevisionId[] = []
/** As most rows have it. */
const oneId = /^\["([^"\\]+)"\]$/

function idsIn(json: string): readonly RevisionId[] | null {
  if (json === '[]') return none
  const only = oneId.exec(json)?.[1]
  if (only !== undefined) return [only]
  try {
    const ids: unknown = JSON.parse(json)
    return Array.isArray(ids) && ids.every((id) => typeof id === 'string') ? ids : null
  } catch {
    return null // altered by hand, and told by whoever reads the whole history
  }
}
