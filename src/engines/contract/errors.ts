// A driver's error in the words of mig.

import { messageOf } from '../../core/thrown.js'

export type DriverErrorKind =
  | 'unreachable'
  | 'lost'
  | 'authentication'
  | 'tls'
  | 'missing-database'
  | 'unopened'
  | 'permission'
  | 'read-only'
  | 'unsupported'
  | 'lock-timeout'
  | 'serialization'
  | 'aborted-transaction'
  | 'no-transaction'
  | 'raised'
  | 'missing-table'
  | 'table-exists'
  | 'missing-column'
  | 'other'

/** A driver's error in our words. */
export interface DriverError {
  readonly kind: DriverErrorKind
  /** The driver's own code: SQLSTATE, errno name, or SQLITE_… */
  readonly code: string | null
  /** The server's words. */
  readonly message: string
  /** What the server adds. */
  readonly detail: string | null
  /** Where in the statement, from 1; null when the driver does not say. */
  readonly position: number | null
  /** The setting of the server whose limit of time ended the statement or the session; null when none did. */
  readonly limit: string | null
}

/** The code and message of anything that a driver threw. */
export function errorFacts(error: unknown): { readonly code: string | null; readonly message: string } {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  return {
    code: typeof code === 'string' ? code : null,
    message: typeof message === 'string' && message !== '' ? message : (firstCause(error) ?? messageOf(error)),
  }
}

/** Node reports a refused connection to several addresses as one error without a message. */
function firstCause(error: unknown): string | undefined {
  const causes = (error as { readonly errors?: readonly Error[] } | null | undefined)?.errors
  return causes?.[0]?.message
}

/** Codes by which Node says that nobody answers. */
export const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
  'ECONNABORTED',
])

/** Codes by which Node says that an open connection broke. */
export const brokenCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])

/** Codes by which Node, OpenSSL and the drivers say that TLS came to nothing: certificates, names, versions. */
export const tlsCodes =
  /^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_|CRL_|INVALID_CA|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|ERR_OSSL_|HANDSHAKE_(NO_SSL|SSL)|EPROTO$)/
