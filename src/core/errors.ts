// MigError and its kinds: who must act. An error is a diagnostic that stops the run.

import { codes, exitCodes, type Code, type Kind } from './codes.js'
import type { Diagnostic } from './diagnostic.js'
import type { FailedRun } from './failed-run.js'

type CodeOf<K extends Kind> = { [C in Code]: (typeof codes)[C]['kind'] extends K ? C : never }[Code]

export interface ErrorDetails {
  /** What to do or type next. */
  readonly hint?: string | undefined
  /** Several lines of evidence, printed as they are. */
  readonly detail?: string | undefined
  readonly revision?: string | undefined
  readonly path?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** The single findings, when there are several. */
  readonly diagnostics?: readonly Diagnostic[] | undefined
  /** The foreign error, untouched. */
  readonly cause?: unknown
}

/** Everything that mig throws. `code` tells programs what happened, `exitCode` is what the CLI ends with. */
export class MigError extends Error {
  readonly code: Code
  readonly exitCode: number
  readonly hint: string | undefined
  readonly detail: string | undefined
  /** All findings; an error with one finding lists that one. */
  readonly diagnostics: readonly Diagnostic[]
  /** Of a run that had begun: what it had done before this, and where the database stands. */
  run: FailedRun | null = null

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = new.target.name
    this.code = code
    this.exitCode = exitCodes[codes[code].kind]
    this.hint = details.hint
    this.detail = details.detail
    this.diagnostics = details.diagnostics ?? [ownDiagnostic(code, message, details)]
  }
}

/** Exit 1. The author of a migration must act; the database is at its last good revision. */
export class MigrationError extends MigError {
  declare readonly code: CodeOf<'migration'>
}

/** An error that stops a run before it is known what becomes of the migration at work: that is said later. */
export class UnsettledError extends MigrationError {
  readonly #details: ErrorDetails

  constructor(message: string, details: ErrorDetails) {
    super('migration.failed', message, details)
    this.#details = details
  }

  /** The same, once this was rolled back for it: "a1 was", "a1 and a2 were". */
  withRollback(rolledBack: string): UnsettledError {
    return new UnsettledError(`${this.message} ${rolledBack} rolled back.`, this.#details)
  }
}

/** Exit 2. Whoever typed it must act; nothing was touched. */
export class UsageError extends MigError {
  declare readonly code: CodeOf<'usage'>
}

/** Exit 3. Nobody must act: try again. */
export class LockError extends MigError {
  declare readonly code: CodeOf<'lock'>
}

/** Exit 4. The team must act: two branches met badly, or a file is broken. Nothing was touched. */
export class GraphError extends MigError {
  declare readonly code: CodeOf<'graph'>
}

/** Exit 5. Files and database disagree. Nothing was touched. */
export class HistoryError extends MigError {
  declare readonly code: CodeOf<'history'>
}

/** Exit 6. A migration without a transaction stopped in the middle. */
export class PartialError extends MigError {
  declare readonly code: CodeOf<'partial'>
}

/** Exit 8. Operations must act: the database cannot be used. */
export class EngineError extends MigError {
  declare readonly code: CodeOf<'engine'>
}

/** Exit 130 (SIGINT, and the caller's AbortSignal) or 143 (SIGTERM, SIGHUP). The run was stopped from outside. */
export class InterruptedError extends MigError {
  declare readonly code: CodeOf<'interrupted'>
  override readonly exitCode: number

  readonly #by: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'caller'

  /** `outcome`: what became of what was at work, as a sentence; null while nothing was, or nobody knows. */
  constructor(by: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'caller', cause?: unknown, outcome: string | null = null) {
    const stopped = by === 'caller' ? 'The run was stopped by its caller.' : `Stopped by ${by}.`
    super('interrupted.signal', outcome === null ? stopped : `${stopped} ${outcome}`, {
      hint: 'Run the command again to continue.',
      cause,
    })
    this.exitCode = by === 'SIGINT' || by === 'caller' ? 130 : 143
    this.#by = by
  }

  /** The same, once this was rolled back for it: "a1 was", "a1 and a2 were". */
  withRollback(rolledBack: string): InterruptedError {
    return new InterruptedError(this.#by, this.cause, `${rolledBack} rolled back.`)
  }
}

/** Exit 70. A fault of mig. */
export class InternalError extends MigError {
  declare readonly code: CodeOf<'internal'>
}

/** Throws one error that carries all findings; its code is that of the first. Does nothing when there is none. */
export function assertNoErrors(
  kind: typeof GraphError | typeof HistoryError | typeof UsageError,
  found: readonly Diagnostic[],
): void {
  const errors = found.filter((diagnostic) => diagnostic.severity === 'error')
  const [first] = errors
  if (first === undefined) return
  const message =
    errors.length === 1 ? first.message : `${errors.length} problems: ${first.message} (and ${errors.length - 1} more)`
  throw new kind(first.code, message, { hint: first.hint, detail: first.detail, diagnostics: errors })
}

function ownDiagnostic(code: Code, message: string, details: ErrorDetails): Diagnostic {
  const { hint, detail, revision, path, line, column } = details
  return {
    code,
    severity: 'error',
    message,
    ...(hint !== undefined && { hint }),
    ...(revision !== undefined && { revision }),
    ...(path !== undefined && { path }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(detail !== undefined && { detail }),
  }
}
