// Foreign words → ours: a driver's error as an EngineError, wrapped exactly once.

import { EngineError, LockError, MigError } from '../core/errors.js'
import { describePlace, type Place } from '../core/place.js'
import type { Engine } from '../engines/contract/engine.js'

/** Runs something and turns what the driver throws into an EngineError, once. What is no driver's error passes. */
export async function withWords<T>(engine: Engine, place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MigError || !isOfDriver(engine, error)) throw error
    throw engine.describe(error).kind === 'lock-timeout'
      ? lockedOut(engine, place, error)
      : engineError(engine, place, error)
  }
}

/** Somebody else holds what mig itself has to write. */
function lockedOut(engine: Engine, place: Place, cause: unknown): LockError {
  const { message } = engine.describe(cause)
  return new LockError('lock.timeout', `${describePlace(place)} is being written by somebody else: ${message}.`, {
    hint: 'Run the same command again when that is over; see: mig current',
    cause,
  })
}

/** A driver's errors have a code, or words that the engine knows. */
function isOfDriver(engine: Engine, error: unknown): boolean {
  const { kind, code } = engine.describe(error)
  return kind !== 'other' || code !== null
}

/** A driver's error as an EngineError: what is so, at which database, in the server's words. */
export function engineError(engine: Engine, place: Place, cause: unknown): EngineError {
  const { kind, message, code } = engine.describe(cause)
  const where = describePlace(place)
  const words = code === null || message.includes(code) ? message : `${message} (${code})`
  switch (kind) {
    case 'unreachable':
      return new EngineError('engine.unreachable', `${where} does not answer: ${words}`, {
        hint: 'Is the server running, and are host and port right?',
        cause,
      })
    case 'lost':
      return new EngineError('engine.unreachable', `The connection to ${where} broke: ${words}`, {
        hint: 'Run `mig current` to see where the database stands.',
        cause,
      })
    case 'authentication':
      return new EngineError('engine.authentication', `${where} refuses the user or the password (${words})`, {
        hint: /no encryption|SSL off/.test(words)
          ? 'Does the server let this user in only with TLS? Add sslmode=verify-full (or require) to the database URL.'
          : 'Check both in the database URL; encode special characters with encodeURIComponent.',
        cause,
      })
    case 'tls':
      return new EngineError('engine.tls', `${where} cannot be reached as safely as was asked for: ${words}`, {
        hint: tlsHint(engine, words),
        cause,
      })
    case 'missing-database':
      return new EngineError('engine.missing-database', `${where} cannot be opened: ${words}`, {
        hint: 'Create the database first; mig never creates one. Or correct its name.',
        cause,
      })
    case 'unopened':
      return new EngineError('engine.permission', `${where} cannot be opened: ${words}`, {
        hint: 'Let this user read and write the file, and write into its folder: the journal of SQLite is beside it.',
        cause,
      })
    case 'permission':
      return new EngineError('engine.permission', `${where} refuses a statement of mig: ${words}`, {
        hint: 'Grant the right to the user of this connection; mig needs to create and write its tables.',
        cause,
      })
    case 'read-only':
      return new EngineError('engine.read-only', `${where} cannot be written: ${words}`, {
        hint: 'Connect to the primary, or make the file writable.',
        cause,
      })
    case 'unsupported':
      return new EngineError('engine.unsupported', `${where} cannot be used: ${words}`, {
        hint: 'Is it the right database, and are its settings right?',
        cause,
      })
    default:
      return new EngineError('engine.failed', `${where} refused a statement of mig: ${words}`, {
        hint: 'Run again with --debug for the whole error.',
        cause,
      })
  }
}

function tlsHint({ name }: Engine, words: string): string {
  const [mode, root, weaker] =
    name === 'postgres'
      ? ['sslmode=verify-full', 'sslrootcert', 'sslmode=require']
      : ['ssl-mode=VERIFY_IDENTITY', 'ssl-ca', 'ssl-mode=REQUIRED']
  if (/insecure transport/.test(words)) return `Add ${mode} to the database URL.`
  if (/not support|secure connection/i.test(words))
    return 'Turn TLS on at the server; or, if the line is safe without it, take it out of the database URL.'
  if (/channel binding/.test(words)) return 'Let the server offer SCRAM over TLS, or leave channel_binding out.'
  return `Name the authority of the server's certificate in the database URL, ${root}=file.pem, and the host as the certificate has it; ${weaker} without ${root} encrypts and verifies nothing.`
}
