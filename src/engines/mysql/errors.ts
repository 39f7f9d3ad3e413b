// MySQL and MariaDB: what their errors mean. Codes: MySQL manual, "Server Error Message Reference"; Node's for the network.

import {
  brokenCodes,
  type DriverError,
  type DriverErrorKind,
  errorFacts,
  networkCodes,
  tlsCodes,
} from '../contract/errors.js'

const kinds: Readonly<Record<string, DriverErrorKind>> = {
  ER_ACCESS_DENIED_ERROR: 'authentication',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'authentication',
  ER_NOT_SUPPORTED_AUTH_MODE: 'authentication',
  ER_SECURE_TRANSPORT_REQUIRED: 'tls',
  ER_BAD_DB_ERROR: 'missing-database',
  ER_DBACCESS_DENIED_ERROR: 'permission',
  ER_TABLEACCESS_DENIED_ERROR: 'permission',
  ER_COLUMNACCESS_DENIED_ERROR: 'permission',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'permission',
  ER_OPTION_PREVENTS_STATEMENT: 'read-only',
  ER_READ_ONLY_MODE: 'read-only',
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: 'read-only',
  ER_LOCK_WAIT_TIMEOUT: 'lock-timeout',
  ER_LOCK_NOWAIT: 'lock-timeout', // of `nowait`; MariaDB answers it as a time-out
  ER_LOCK_DEADLOCK: 'serialization',
  ER_SIGNAL_EXCEPTION: 'raised',
  ER_NO_SUCH_TABLE: 'missing-table',
  ER_TABLE_EXISTS_ERROR: 'table-exists',
  ER_BAD_FIELD_ERROR: 'missing-column',
  ER_CON_COUNT_ERROR: 'unreachable',
  // A Galera node without its cluster: "WSREP has not yet prepared node for application use".
  ER_UNKNOWN_COM_ERROR: 'unreachable',
  PROTOCOL_CONNECTION_LOST: 'lost',
  ER_SERVER_SHUTDOWN: 'lost',
  ER_CONNECTION_KILLED: 'lost',
  ER_CLIENT_INTERACTION_TIMEOUT: 'lost',
}

/** Codes of limits of time and length, with the setting. */
const limits: Readonly<Record<string, string>> = {
  ER_STATEMENT_TIMEOUT: 'max_statement_time',
  ER_QUERY_TIMEOUT: 'max_execution_time',
  ER_CLIENT_INTERACTION_TIMEOUT: 'wait_timeout',
  ER_NET_PACKET_TOO_LARGE: 'max_allowed_packet',
}

export function describe(error: unknown): DriverError {
  const { code, message } = errorFacts(error)
  return {
    kind: kindOf(code, message),
    code,
    message,
    detail: null,
    position: null,
    limit: (code !== null && limits[code]) || null,
  }
}

function kindOf(code: string | null, message: string): DriverErrorKind {
  if (code !== null && kinds[code] !== undefined) return kinds[code]
  if (code !== null && tlsCodes.test(code)) return 'tls'
  if (code !== null && networkCodes.has(code)) return 'unreachable'
  if ((code !== null && brokenCodes.has(code)) || /closed state|connection is closed|Connection lost/i.test(message))
    return 'lost'
  return 'other'
}

/** What stands between the words of these messages is data (server error message reference). */
export const quotedData: readonly RegExp[] = [
  /(?<=^Duplicate entry ').*(?=' for key)/s,
  /(?<=^(?:Incorrect|Truncated incorrect|Invalid) [\w ()]{1,60} value: ').*(?='(?: for |$))/s,
]
