// Errors of a migration's Knex: with the line of the builder, and without bound values.

import { isError } from '../core/thrown.js'
import type { Query, Runner } from './dialect.js'

/** The stack of an error of the driver does not reach the migration: that of its builder is put below. */
export function withStack(runner: Runner, origin: Error | undefined): Runner {
  if (origin === undefined) return runner
  const run = runner.run.bind(runner)
  runner.run = () =>
    run().catch((error: unknown) => {
      if (isError(error)) error.stack = `${error.stack ?? ''}\n${framesOf(origin)}`
      throw error
    })
  return runner
}

function framesOf({ stack = '' }: Error): string {
  return stack.slice(stack.indexOf('\n') + 1)
}

/** The driver's words for an error, before Knex writes the statement with its values before them. */
export type DriverWords = WeakMap<Error, string>

/** What `send` throws, noted before Knex gets it. */
export async function noting<T>(words: DriverWords, send: Promise<T>): Promise<T> {
  try {
    return await send
  } catch (error) {
    if (isError(error)) words.set(error, error.message)
    throw error
  }
}

/** The statement before the driver's words, without its values: these do not belong into logs. */
export function withoutValues(words: DriverWords, query: Query | string, error: unknown): unknown {
  const said = isError(error) ? words.get(error) : undefined
  if (said !== undefined) (error as Error).message = `${typeof query === 'string' ? query : query.sql} - ${said}`
  return error
}
