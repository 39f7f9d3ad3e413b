// What a person types after a run that was killed: the same again, and with --resume where that is reported to be unfinished.

import type { ProgramResult } from '../../support/project.js'

/** Resolves with what was typed and how it ended; rejects when the end was not reached. */
export async function runToTheEnd(
  run: (args: readonly string[]) => Promise<ProgramResult>,
  args: readonly string[] = ['upgrade'],
): Promise<readonly string[]> {
  const again = await run(args)
  const typed = [`mig ${args.join(' ')} → ${again.code}`]
  if (again.code === 0) return typed
  if (again.code !== 6) throw new Error(`${typed.join('\n')}\n${said(again)}`)
  const resumed = await run([...args, '--resume'])
  typed.push(`mig ${args.join(' ')} --resume → ${resumed.code}`)
  if (resumed.code !== 0) throw new Error(`${typed.join('\n')}\n${said(again)}\n${said(resumed)}`)
  return typed
}

export function said({ stdout, stderr }: ProgramResult): string {
  return `${stdout}\n${stderr}`.trim()
}
