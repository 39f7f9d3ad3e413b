// PostgreSQL: what its errors mean. Codes: PostgreSQL manual, appendix A.

import {
  brokenCodes,
  type DriverError,
  type DriverErrorKind,
  errorFacts,
  networkCodes,
  tlsCodes,
} from '../contract/errors.js'

const kinds: Readonly<Record<string, DriverErrorKind>> = {
  '28P01': 'authentication',
  '28000': 'authentication',
  '3D000': 'missing-database',
  '42501': 'permission',
  '25006': 'read-only',
  '55P03': 'lock-timeout',
  '40001': 'serialization',
  '40P01': 'serialization',
  '25P02': 'aborted-transaction',
  P0001: 'raised',
  '42P01': 'missing-table',
  '42P07': 'table-exists',
  '0A000': 'unsupported',
  '42703': 'missing-column',
  '53300': 'unreachable',
  '57P03': 'unreachable',
  '57P01': 'lost',
  '57P02': 'lost',
  '57P05': 'lost',
  '25P03': 'lost',
  '25P04': 'lost',
}

/** Codes of limits of time, with the setting. 57014 is also an answer to a request to cancel. */
const limits: Readonly<Record<string, string>> = {
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
  '57P05': 'idle_session_timeout',
}

function limitOf(code: string | null, message: string): string | null {
  if (code === '57014' && /statement timeout/.test(message)) return 'statement_timeout'
  return (code !== null && limits[code]) || null
}

/** What a statement with more than 65,535 values is answered with; the connection stays. */
const protocolViolation = '08P01'

export function describe(error: unknown): DriverError {
  const { code, message } = errorFacts(error)
  const { position, detail, hint } = (error ?? {}) as { position?: string; detail?: string; hint?: string }
  return {
    kind: kindOf(code, message),
    code,
    message,
    detail: [detail, hint].filter((text) => text !== undefined).join(' ') || null,
    position: position === undefined ? null : Number(position),
    limit: limitOf(code, message),
  }
}

function kindOf(code: string | null, message: string): DriverErrorKind {
  if (code !== null && kinds[code] !== undefined) return kinds[code]
  if ((code !== null && tlsCodes.test(code)) || /SSL connection|channel binding is required/.test(message)) return 'tls'
  if (code !== null && networkCodes.has(code)) return 'unreachable'
  if (
    (code !== null && (brokenCodes.has(code) || (code.startsWith('08') && code !== protocolViolation))) ||
    /connection terminated|not queryable|closed the connection/i.test(message)
  )
    return 'lost'
  if (/password must be a string|SASL|no pg_hba/i.test(message)) return 'authentication'
  return /timeout expired/i.test(message) ? 'unreachable' : 'other'
}

/** What stands between the words of these messages and details is data (src/backend, errdetail and errmsg of the executor). */
export const quotedData: readonly RegExp[] = [
  /(?<=^Failing row contains \().*(?=\))/s,
  /(?<=^Key \([^)]{1,500}\)=\().*(?=\) (?:already exists|is not present|is still referenced|conflicts with|is duplicated))/s,
  /(?<= existing key \([^)]{1,500}\)=\().*(?=\))/s,
  /(?<=^Token ").*(?=" is invalid)/s,
  /(?<= but found ").*(?=")/s,
  /(?<=^invalid input (?:syntax|value) for [^:]{1,100}: ").*(?="$)/s,
  /(?<=^value ").*(?=" is out of range for type)/s,
  /(?<=field value out of range: ").*(?="$)/s,
]
