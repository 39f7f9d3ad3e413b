// Diagnostic: the one word for a remark. Validation, checksums and errors all speak it; one printer shows them all.

import type { Code } from './codes.js'
import type { RevisionId } from './graph/revision.js'

export type Severity = 'error' | 'warning' | 'info'

/** One remark about a file, a revision or a database. Plain data: `--json` prints it as it is. */
export interface Diagnostic {
  readonly code: Code
  readonly severity: Severity
  /** One sentence with the names in it. */
  readonly message: string
  /** What to do or type next. */
  readonly hint?: string
  readonly revision?: RevisionId
  readonly path?: string
  /** From 1. */
  readonly line?: number
  /** From 1. */
  readonly column?: number
  /** Several lines of evidence, printed as they are: a piece of source, a diff, a list. */
  readonly detail?: string
}

/** Whether one of them stops a run. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}
