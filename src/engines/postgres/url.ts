// PostgreSQL: what a URL means for node-pg. Parameters are those of libpq, with the spellings of JDBC and Prisma.

import type { DatabaseUrl } from '../contract/connection.js'
import { badUrl } from '../url.js'
import {
  asBoolean,
  asNumber,
  asText,
  isSoAnyway,
  never,
  only,
  refused,
  refusedValue,
  type Rule,
  type Settings,
  settingsFrom,
} from '../url-parameters.js'
import { tlsOf, tlsParameters } from './tls.js'

/** @throws UsageError `config.bad-url` */
export function settingsOf(url: DatabaseUrl, root: string): Settings {
  const { user, password, host, port, database, parameters } = url
  const settings: Settings = {
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    ...(host !== null && { host }),
    ...(port !== null && { port }),
    ...(database !== '' && { database }),
    ...settingsFrom(parameters, rules),
  }
  const isSocket = typeof settings.host === 'string' && settings.host.startsWith('/')
  const options = optionsOf(parameters)
  return { ...settings, ...tlsOf(parameters, isSocket, root), ...(options !== null && { options }) }
}

const handledElsewhere: Rule = () => ({})

const socketTimes = 'Node cannot set it'

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(tlsParameters.map((name) => [name, handledElsewhere])),
  host: (value, name) => {
    if (value.includes(',')) throw refused(name, 'mig connects to one host', 'Name the primary.')
    return { host: value }
  },
  port: asNumber('port'),
  user: asText('user'),
  password: asText('password'),
  dbname: asText('database'),
  database: asText('database'),
  application_name: asText('application_name'),
  fallback_application_name: asText('fallback_application_name'),
  connect_timeout: asNumber('connectionTimeoutMillis', 1000),
  connectTimeout: asNumber('connectionTimeoutMillis', 1000),
  keepalives: asBoolean('keepAlive'),
  keepalives_idle: asNumber('keepAliveInitialDelayMillis', 1000),
  statement_timeout: asNumber('statement_timeout'),
  query_timeout: asNumber('query_timeout'),
  idle_in_transaction_session_timeout: asNumber('idle_in_transaction_session_timeout'),
  channel_binding: (value, name) => {
    if (!['disable', 'prefer', 'require'].includes(value)) throw refusedValue(name, value, 'disable, prefer or require')
    return value === 'disable'
      ? {}
      : { enableChannelBinding: true, ...(value === 'require' && { channelBinding: value }) }
  },
  target_session_attrs: (value, name) => {
    if (value === 'read-write' || value === 'primary') return { targetSession: value }
    return only(['any', 'read-write', 'primary', 'prefer-standby'], 'mig has to write')(value, name)
  },
  client_encoding: only(['utf8', 'utf-8', 'unicode', 'auto'], 'the driver reads and writes UTF-8'),
  uselibpqcompat: only(['true'], 'sslmode means here what libpq means by it'),
  load_balance_hosts: only(['disable', 'random'], 'mig connects to one host'),
  gssencmode: only(['disable', 'prefer'], 'the driver has no GSSAPI'),
  sslcompression: only(['0'], 'TLS no longer has it'),
  sslsni: only(['1'], 'the driver always names the host'),
  replication: only(['false', 'off', 'no', '0'], 'a session of replication runs no migrations'),
  // Where the tables go: of these the search path is made.
  options: handledElsewhere,
  search_path: handledElsewhere,
  currentSchema: handledElsewhere,
  schema: handledElsewhere,
  // Of pools, and of prepared statements behind a pooler: mig has neither.
  pgbouncer: isSoAnyway,
  connection_limit: isSoAnyway,
  pool_timeout: isSoAnyway,
  statement_cache_size: isSoAnyway,
  // Known, and not to be had.
  lock_timeout: never('mig limits itself how long statements wait for locks', 'See: mig help upgrade, --lock-retries'),
  socket_timeout: never('it is none of the driver', 'Write statement_timeout, in milliseconds.'),
  hostaddr: never('the driver finds the address itself', 'Write the address in place of the host.'),
  service: never('files of services are not read', 'Write host, port and database into the URL.'),
  passfile: never('it is not read', 'Set the variable PGPASSFILE.'),
  require_auth: never('the driver chooses the method', 'Let pg_hba.conf demand it; or channel_binding=require.'),
  gsslib: never('the driver has no GSSAPI', 'Leave it out.'),
  krbsrvname: never('the driver has no GSSAPI', 'Leave it out.'),
  sslcrldir: never('no folder is read', 'Name one file: sslcrl=…'),
  keepalives_interval: never(socketTimes, 'Leave it out; keepalives_idle works.'),
  keepalives_count: never(socketTimes, 'Leave it out; keepalives_idle works.'),
  tcp_user_timeout: never(socketTimes, 'Leave it out; keepalives_idle works.'),
  sslaccept: never('it is of MySQL', 'Write sslmode=verify-full, or require where nothing is verified.'),
  sslidentity: never('no such archive is read', 'Write sslcert=… and sslkey=….'),
}

/** Options of the command line of the server (manual, "options"), with the search path as one of them. */
function optionsOf(parameters: DatabaseUrl['parameters']): string | null {
  const { options, search_path: path, currentSchema, schema } = parameters
  const paths = [path, currentSchema, schema === undefined ? undefined : quoted(schema)].filter(
    (given) => given !== undefined,
  )
  if (paths.length > 1 || (paths.length > 0 && /search_path/.test(options ?? '')))
    throw badUrl(
      'it names the schema in several ways',
      'Write one of: schema=…, currentSchema=…, search_path=…, options=-c search_path=….',
    )
  const parts = [options, ...paths.map((given) => `-c search_path=${given.replace(/[\\\s]/g, '\\$&')}`)]
  const given = parts.filter((part) => part !== undefined)
  return given.length === 0 ? null : given.join(' ')
}

/** `schema` of Prisma is one name, as it stands. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
