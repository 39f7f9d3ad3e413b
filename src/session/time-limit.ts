// The server's own limits, of time and of length: which one ended a statement or a session, and who set it.

import type { Session } from './session.js'

/** A shorter statement is never too long for a server. */
const longStatement = 500_000

/**
 * In a sentence, of the first of `errors` that was such a limit; null when none was. `bytes`: of the statement that failed,
 * with its values.
 * Asked in a fresh session: the run has lifted the limits of its own.
 */
export async function limitThatEnded(
  session: Session,
  errors: readonly unknown[],
  bytes: number,
): Promise<string | null> {
  const { engine } = session
  const isLost = session.connection.lost() !== null || errors.some((error) => engine.describe(error).kind === 'lost')
  if (isLost && bytes > longStatement) return tooLong(session, bytes).catch(() => null)
  const limit = errors.map((error) => engine.describe(error).limit).find((name) => name !== null)
  if (limit === undefined) return null
  const origin = await originOf(session, limit).catch(() => undefined)
  if (origin === undefined) return `The setting ${limit} ended it.`
  return origin === null
    ? `The setting ${limit} ended it, and the migration sets it itself, or a function that it calls.`
    : `The setting ${limit} ended it; ${origin}.`
}

async function originOf(session: Session, limit: string): Promise<string | null> {
  const other = await session.reopen()
  try {
    return await other.engine.limitOrigin(other.connection, limit)
  } finally {
    await other.close()
  }
}

/** A server ends the connection of whoever sends more than it takes, mostly without a word. */
async function tooLong(session: Session, bytes: number): Promise<string | null> {
  const other = await session.reopen()
  try {
    const most = await other.engine.longestStatement(other.connection)
    if (most === null || bytes < most.bytes) return null
    return `The statement has ${bytes} bytes with its values, and the server takes ${most.bytes} at once (${most.setting}): send it in parts, or raise that.`
  } finally {
    await other.close()
  }
}
