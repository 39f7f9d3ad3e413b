// The user's editor, on files of the project.

import { UsageError } from '../core/errors.js'
import { reasonOf } from '../core/thrown.js'

/**
 * Opens files and waits until the editor is closed. `editor` may be a command with options, as `code --wait`.
 * @throws UsageError `usage.no-editor`
 */
export async function openEditor(editor: string | undefined, paths: readonly string[]): Promise<void> {
  const [program, ...parameters] = words(editor ?? '')
  if (program === undefined)
    throw new UsageError('usage.no-editor', 'No editor is set.', { hint: 'export EDITOR=nano' })
  const { spawn } = await import('node:child_process')
  const code = await new Promise<number | null>((done, fail) => {
    const child = spawn(program, [...parameters, ...paths], { stdio: 'inherit' })
    child.on('error', (cause) => fail(notStarted(program, cause)))
    child.on('exit', done)
  })
  if (code === 0) return
  throw new UsageError(
    'usage.no-editor',
    `The editor ${program} ended with ${code === null ? 'a signal' : `code ${code}`}.`,
    {
      hint: 'The file is as the editor left it.',
    },
  )
}

/** The words of a command; quotes hold blanks together, as in `"/opt/my editor/run" -w`. */
function words(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  )
}

function notStarted(program: string, cause: Error): UsageError {
  return new UsageError('usage.no-editor', `The editor ${program} could not be started: ${reasonOf(cause)}.`, {
    hint: 'Set EDITOR to a program that is installed.',
    cause,
  })
}
