// Asks before something is done that cannot be undone. Where nobody can answer, it is not done.

import type { Question } from '../commands/workplace/command.js'
import { InterruptedError, UsageError } from '../core/errors.js'
import { safe, type Terminal } from './terminal.js'

/**
 * @throws UsageError `usage.not-confirmed` when standard input is no terminal, or ends; InterruptedError when the signal is
 * aborted, or Ctrl+C is pressed at the question
 */
export async function askOnTerminal(
  { lines, question }: Question,
  { err, style }: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  err(lines.map(safe).join('\n'))
  if (!process.stdin.isTTY) throw notConfirmed('Nobody is there to be asked.')
  const { createInterface } = await import('node:readline/promises') // few are asked
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  // In a terminal that reads single keys Ctrl+C is a key and no signal.
  let isInterrupted = false
  prompt.on('SIGINT', () => {
    isInterrupted = true
    prompt.close()
  })
  const ended = new Promise<never>((_resolve, reject) => {
    prompt.once('close', () =>
      reject(
        isInterrupted
          ? new InterruptedError('SIGINT', undefined, 'Nothing was written.')
          : notConfirmed('The question was not answered.'),
      ),
    )
  })
  try {
    const answer = await Promise.race([prompt.question(`${style.bold(question)} [y/N] `, { signal }), ended])
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : error
  } finally {
    ended.catch(() => undefined)
    prompt.close()
  }
}

function notConfirmed(why: string): UsageError {
  return new UsageError('usage.not-confirmed', `${why} Nothing was written.`, {
    hint: 'If this is what you want, run the same command with --yes',
  })
}
