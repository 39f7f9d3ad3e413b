// Asks before something is done that cannot be undone. Where nobody can answer, it is not done.

import type { Question } from '../commands/workplace/command.js'
import { UsageError } from '../core/errors.js'
import { safe, type Terminal } from './terminal.js'

/** @throws UsageError `usage.not-confirmed` when standard input is no terminal */
export async function askOnTerminal({ lines, question }: Question, { err, style }: Terminal): Promise<boolean> {
  err(lines.map(safe).join('\n'))
  if (!process.stdin.isTTY)
    throw new UsageError('usage.not-confirmed', 'Nobody is there to be asked. Nothing was written.', {
      hint: 'If this is what you want, run the same command with --yes',
    })
  const { createInterface } = await import('node:readline/promises') // few are asked
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await prompt.question(`${style.bold(question)} [y/N] `)).trim())
  } finally {
    prompt.close()
  }
}
