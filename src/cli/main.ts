// argv → command → print → exit code.

import type { Diagnostic } from '../core/diagnostic.js'
import type { MigEvent } from '../core/event.js'
import { exitCodes } from '../core/codes.js'
import { hasErrors } from '../core/diagnostic.js'
import { UsageError } from '../core/errors.js'
import { escapeControls, maskSecrets } from '../core/secrets.js'
import { reasonOf } from '../core/thrown.js'
import { history } from '../commands/history.js'
import { migVersion } from '../package.js'
import { askOnTerminal } from './confirm.js'
import { neverSettled, watchEnds } from './ends.js'
import { parse, type Parsed } from './parse.js'
import { asMigError, errorAsData, formatDiagnostic, formatError, safely, toJson } from './print.js'
import { openProgress, silent } from './progress.js'
import { catchSignals, endWith } from './signals.js'
import { divertOutput, openTerminal, type Terminal } from './terminal.js'

interface Switches {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly debug?: boolean
}

/** Runs a command line in this process and returns its exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = openTerminal(process, process.env, !argv.includes('--no-color'))
  const isJson = argv.includes('--json')
  const release = isJson ? divertOutput(process) : () => undefined
  const fail = (thrown: unknown): number => {
    const error = asMigError(thrown)
    if (isJson) terminal.write(toJson(errorAsData(error)))
    else terminal.err(formatError(error, terminal.style, argv.includes('--debug')))
    return error.exitCode
  }
  const stranded = () => process.exit(fail(neverSettled()))
  process.once('beforeExit', stranded)
  try {
    const parsed = await parse(argv, {
      version: migVersion(),
      width: terminal.style.width,
      shell: process.env.SHELL,
      readNames,
    })
    process.off('beforeExit', stranded)
    if (parsed.kind === 'command') return await runCommand(parsed, terminal, fail)
    if (isJson) terminal.write(toJson({ [parsed.name]: parsed.text }))
    else terminal.out(parsed.text)
    return 0
  } catch (thrown) {
    return fail(thrown)
  } finally {
    process.off('beforeExit', stranded)
    release()
  }
}

/**
 * Runs the command line of this process and ends it: what a migration leaves open (a pool, a timer) must not keep a
 * finished run alive.
 */
export async function runProcess(): Promise<never> {
  const code = await main(process.argv.slice(2))
  endWith(code)
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))))
  process.exit(code)
}

async function runCommand(
  { command, options }: Extract<Parsed, { kind: 'command' }>,
  terminal: Terminal,
  fail: (thrown: unknown) => number,
): Promise<number> {
  const { json = false, quiet = false, verbose = false } = options as Switches
  const { cwd, databaseUrl } = options as { readonly cwd?: string; readonly databaseUrl?: string }
  if (cwd !== undefined) enterFolder(cwd)
  if (!quiet && !json && databaseUrl !== undefined && maskSecrets(databaseUrl) !== databaseUrl)
    terminal.err(`${formatDiagnostic(visiblePassword, terminal.style)}\n`)
  const progress = command.changes && !json && !quiet ? await openProgress(terminal, verbose) : silent
  const shown: Diagnostic[] = []
  const signals = catchSignals()
  const ends = watchEnds(signals, terminal.err, (error) => {
    progress.stop()
    process.exit(fail(error))
  })
  try {
    const result: unknown = await command.run({
      ...options,
      cwd: process.cwd(),
      confirm: (question) => {
        progress.stop()
        return askOnTerminal(question, terminal, signals.signal)
      },
      onEvent: (event: MigEvent) => {
        ends.listener(event)
        progress.listener(event)
        if (event.kind === 'remark' && progress !== silent) shown.push(event.diagnostic)
      },
      signal: signals.signal,
    })
    progress.stop()
    const diagnostics = (result as { readonly diagnostics?: readonly Diagnostic[] }).diagnostics ?? []
    if (json) terminal.write(toJson(result))
    else {
      for (const diagnostic of diagnostics)
        if (!shown.includes(diagnostic)) terminal.err(`${formatDiagnostic(diagnostic, terminal.style)}\n`)
      const verbatim = command.verbatim?.(result) ?? null
      const isAnswer = !command.changes || (result as { readonly dryRun?: boolean }).dryRun === true
      const text =
        verbatim !== null || (quiet && !isAnswer) ? '' : command.format(safely(result), terminal.style, { verbose })
      if (verbatim !== null) terminal.write(terminal.isInteractive ? escapeControls(verbatim) : verbatim)
      else if (text !== '') terminal.out(text)
    }
    return command.name === 'check' && hasErrors(diagnostics) ? exitCodes.finding : 0
  } finally {
    progress.stop()
    ends.release()
    signals.release()
  }
}

/** Whoever may list the processes of the machine reads the command line of each. */
const visiblePassword: Diagnostic = {
  code: 'usage.visible-password',
  severity: 'warning',
  message:
    'A password on the command line is visible to other users of this machine, and stays in the history of the shell.',
  hint: 'Put the URL into MIG_DATABASE_URL or into the configuration.',
}

/** @throws UsageError `usage.bad-option` */
function enterFolder(folder: string): void {
  try {
    process.chdir(folder)
  } catch (cause) {
    throw new UsageError('usage.bad-option', `The folder ${folder} cannot be entered: ${reasonOf(cause)}.`, {
      hint: 'Check the path after --cwd.',
      cause,
    })
  }
}

/** Ids and labels of the folder, for the shell to complete. Whoever presses a key does not wait for a server: none is asked. */
async function readNames(): Promise<readonly string[]> {
  const { revisions } = await history.run({ databaseUrl: 'sqlite::memory:' })
  return revisions.flatMap(({ revision, branchLabels }) => [revision, ...branchLabels])
}
