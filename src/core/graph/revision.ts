// A revision: the paper side of a migration, read from its file's header.

export type RevisionId = string

/** What a migration file says of itself. Identity is `revision`, never the file's name, extension or place. */
export interface Revision {
  readonly revision: RevisionId
  /** None: a base. Two or more: a merge. */
  readonly downRevisions: readonly RevisionId[]
  /** Ids or branch labels. */
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
  /** The file's doc comment, or its slug. */
  readonly message: string
  readonly path: string
  /** `false`: it asks to run outside a transaction. */
  readonly transaction: boolean
  /** `false`: it is not run again by itself when a lock or a deadlock ended it. */
  readonly retry: boolean
  /** Why there is no way back; null when there is one. */
  readonly irreversible: string | null
  /** It says itself that it has nothing to run. */
  readonly empty: boolean
}

const reserved = new Set(['head', 'heads', 'base', 'current'])
const legalName = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/
/** `v-2` would read as "two below v"; a label may end so, because a label is looked up as a whole first. */
const readsAsRelative = /-\d+$/

/** Why `id` cannot be a revision id; `null` when it can. */
export function whyIllegalId(id: string): string | null {
  return whyIllegalName(id) ?? (readsAsRelative.test(id) ? 'it would be read as a relative target (name-number)' : null)
}

/** Why `label` cannot be a branch label; `null` when it can. */
export function whyIllegalLabel(label: string): string | null {
  return whyIllegalName(label)
}

function whyIllegalName(name: string): string | null {
  if (legalName.test(name) && !reserved.has(name)) return null
  if (name === '') return 'it is empty'
  if (reserved.has(name)) return 'it is a reserved word'
  if (name.length > 64) return `it has ${name.length} characters; at most 64 are allowed`
  const misread = /[@:+]/.exec(name)
  if (misread) return `“${misread[0]}” has a meaning in targets`
  if (/\s/.test(name)) return 'it has white space in it'
  return 'only letters, digits, “_”, “.” and inner “-” are allowed'
}

/** How a revision is named to a person: its id, and its message's first line. */
export function revisionTitle(revision: { readonly revision: RevisionId; readonly message: string }): string {
  const [firstLine = ''] = revision.message.split('\n')
  return firstLine === '' ? revision.revision : `${revision.revision} ${firstLine}`
}
