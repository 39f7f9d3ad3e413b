// Results, diagnostics and errors → terminal or JSON.

import type { Diagnostic, Severity } from '../core/diagnostic.js'
import { InternalError, MigError } from '../core/errors.js'
import { wrapText } from '../core/render/columns.js'
import type { Style } from '../core/render/style.js'
import { escapeControls, maskSecrets } from '../core/secrets.js'
import { safe } from './terminal.js'

/** The keys of texts that are wanted to the letter: a file that is restored from one must be what it was. */
const verbatim: ReadonlySet<string> = new Set(['stored', 'modules'])

/** One JSON document with its line end; secrets are masked in every text of it, and nothing in it steers a terminal. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(withTexts(value, maskSecrets), undefined, 2)
  return `${escapeControls(text, (code) => `\\u${code.padStart(4, '0')}`)}\n`
}

/** A result whose texts came from files and databases, made safe to show. */
export function safely(value: unknown): unknown {
  return withTexts(value, safe)
}

/** The value with each of its texts changed, but for those that are wanted to the letter. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, verbatim.has(key) ? item : withTexts(item, change)]),
  )
}

/** An error as data, as `--json` prints it: of a run that had begun with the fields that it has when it goes well. */
export function errorAsData(error: MigError): object {
  const { code, exitCode, message, hint, detail, diagnostics, run } = error
  return { error: { code, exitCode, message, hint: hint ?? null, detail: detail ?? null, diagnostics }, ...run }
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

function stackOf(error: MigError): string {
  const own = error.stack ?? error.message
  const { cause } = error
  if (cause === undefined || cause === null) return own
  return `${own}\ncaused by ${cause instanceof MigError ? stackOf(cause) : placesOf(cause)}`
}

/**
 * Of a foreign error its kind and its places: its words are in ours, where values were taken out that a server quotes in
 * them ("Duplicate entry 'Ann'").
 */
function placesOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown
  const { name, code, cause } = thrown as Error & { readonly code?: unknown }
  const places = (thrown.stack ?? '').split('\n').filter((line) => /^ +at /.test(line))
  const kind = typeof code === 'string' ? `${name} (${code})` : name
  const deeper = cause === undefined || cause === null ? [] : [`caused by ${placesOf(cause)}`]
  return [kind, ...places, ...deeper].join('\n')
}
