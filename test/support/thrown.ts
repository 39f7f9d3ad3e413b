// What a piece of work throws, in the two things that matter: the code, for programs, and the words, for people.

import { MigError } from '../../src/core/errors.js'

/** The error of work that must fail with one of ours. */
export function errorOf(work: () => unknown): MigError {
  try {
    work()
  } catch (error) {
    if (error instanceof MigError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The same for work that takes time. */
export async function errorOfAsync(work: () => Promise<unknown>): Promise<MigError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof MigError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Code, message, hint and evidence as one text to look into. */
export function saidBy({ code, message, hint, detail }: MigError): string {
  return [`${code}: ${message}`, hint ?? '', detail ?? ''].join('\n')
}
