// Results, diagnostics and errors → terminal or JSON.

import type { Diagnostic, Severity } from '../core/diagnostic.js'
import { InternalError, MigError } from '../core/errors.js'
import { wrapText } from '../core/render/columns.js'
import type { Style } from '../core/render/style.js'
import { maskSecrets } from '../core/secrets.js'
import { safe } from './terminal.js'

/** The key of a text that is wanted to the letter: a file that is restored from it must be what it was. */
const verbatim = 'stored'

/** One JSON document; secrets are masked in every text of it. */
export function toJson(value: unknown): string {
  const masked = (key: string, item: unknown) =>
    typeof item === 'string' && key !== verbatim ? maskSecrets(item) : item
  return JSON.stringify(value, masked, 2)
}

/** A result whose texts came from files and databases, made safe to show. */
export function safely(value: unknown): unknown {
  if (typeof value === 'string') return safe(value)
  if (Array.isArray(value)) return value.map(safely)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === verbatim ? item : safely(item)]))
}

/** An error as data, as `--json` prints it. */
export function errorAsData(error: MigError): object {
  const { code, exitCode, message, hint, detail, diagnostics } = error
  return { error: { code, exitCode, message, hint: hint ?? null, detail: detail ?? null, diagnostics } }
}

/** Whatever was thrown, as an error of mig. */
export function asMigError(error: unknown): MigError {
  if (error instanceof MigError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new InternalError('internal.unexpected', `mig met something unexpected: ${message}`, {
    hint: 'Run again with --debug for the stack trace, and report it.',
    cause: error,
  })
}

/** An error with all its findings. `debug` adds stack traces. */
export function formatError(error: MigError, style: Style, debug: boolean): string {
  const several = error.diagnostics.length > 1
  const own: Diagnostic = {
    code: error.code,
    severity: 'error',
    message: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.detail !== undefined && { detail: error.detail }),
  }
  const findings = several ? error.diagnostics : [{ ...own, ...error.diagnostics[0], ...own }]
  const stacks = debug ? [style.dim(safe(stackOf(error)))] : []
  return [...findings.map((diagnostic) => formatDiagnostic(diagnostic, style)), ...stacks].join('\n\n')
}

export function formatDiagnostic({ severity, code, message, detail, hint }: Diagnostic, style: Style): string {
  const sign = style.unicode
    ? { error: '✗', warning: '!', info: '·' }[severity]
    : { error: 'x', warning: '!', info: '-' }[severity]
  const paint = colorOf(severity, style)
  return [
    ...wrapText(`${paint(sign)} ${safe(message)} ${style.dim(`[${code}]`)}`, style.width - 2).map((line, index) =>
      index === 0 ? line : `  ${line}`,
    ),
    ...(detail === undefined
      ? []
      : [
          '',
          ...safe(detail)
            .split('\n')
            .map((line) => paintDetail(line, style)),
        ]),
    ...(hint === undefined
      ? []
      : [...(detail === undefined ? [] : ['']), `${style.cyan(style.unicode ? '→' : '->')} ${safe(hint)}`]),
  ].join('\n')
}

function colorOf(severity: Severity, style: Style): (text: string) => string {
  return severity === 'error' ? style.red : severity === 'warning' ? style.yellow : style.dim
}

/** The lines of a diff in their colours, a caret in red. */
function paintDetail(line: string, style: Style): string {
  if (line.startsWith('+')) return style.green(line)
  if (line.startsWith('-')) return style.red(line)
  if (line.startsWith('@@')) return style.cyan(line)
  return /^[\s|]*\^$/.test(line) ? style.red(line) : line
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined || error.cause === null ? own : `${own}\ncaused by ${stackOf(error.cause)}`
}
