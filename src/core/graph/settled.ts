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
}

/**
 * The heads when each file is applied as it is and nothing else is; in no order. Null when that is not certain: only
 * headers and a graph can tell. A checksum is of all that a file says, so a row with it was written of that very file;
 * a row that names what its file does not was altered by hand, and is none of it.
 */
export function settledHeads(
  files: Iterable<Written>,
  fingerprints: readonly Fingerprint[],
): readonly RevisionId[] | null {
  const open = new Map(fingerprints.map((row) => [row.checksum, row]))
  if (open.size !== fingerprints.length) return null
  const parents = new Set<RevisionId>()
  for (const file of files) {
    const checksum = file.checksum()
    const row = open.get(checksum)
    if (row === undefined || !names(file, row, parents)) return null
    open.delete(checksum)
  }
  if (open.size > 0) return null
  const heads = fingerprints.filter(({ revision }) => !parents.delete(revision)).map(({ revision }) => revision)
  return parents.size === 0 ? heads : null // else a row is missing that another stands on
}

/** Whether the text has the names that its row has. The parents are added to `parents`. */
function names({ text }: Written, { revision, downRevisions }: Fingerprint, parents: Set<RevisionId>): boolean {
  if (!text.includes(revision)) return false
  const ids = idsIn(downRevisions)
  if (ids === null || !ids.every((id) => text.includes(id))) return false
  for (const id of ids) parents.add(id)
  return true
}

function idsIn(json: string): readonly RevisionId[] | null {
  try {
    const ids: unknown = JSON.parse(json)
    return Array.isArray(ids) && ids.every((id) => typeof id === 'string') ? ids : null
  } catch {
    return null // altered by hand, and told by whoever reads the whole history
  }
}
