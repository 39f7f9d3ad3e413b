// MySQL and MariaDB: what a URL means for mysql2. Parameters are those of mysql2, with the spellings of other clients.

import type { DatabaseUrl } from '../contract/connection.js'
import {
  asBoolean,
  asNumber,
  asText,
  isSoAnyway,
  never,
  only,
  refusedValue,
  type Rule,
  type Settings,
  settingsFrom,
} from '../url-parameters.js'
import { tlsName, tlsOf } from './tls.js'

/** @throws UsageError `config.bad-url` */
export function settingsOf(url: DatabaseUrl, root: string): Settings {
  const { user, password, host, port, database, parameters } = url
  const others = Object.entries(parameters).filter(([name]) => tlsName(name) === null)
  const settings = settingsFrom(Object.fromEntries(others), rules)
  return {
    ...settings,
    ...tlsOf(parameters, host ?? settings.host, root),
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    ...(host !== null && { host }),
    ...(port !== null && { port }),
    ...(database !== '' && { database }),
  }
}

/** Written in JSON. */
function asJson(key: string): Rule {
  return (value, name) => {
    try {
      return { [key]: JSON.parse(value) as unknown }
    } catch {
      throw refusedValue(name, value, 'a value in JSON')
    }
  }
}

const booleans = [
  ...['bigNumberStrings', 'compress', 'dateStrings', 'decimalNumbers', 'debug', 'disableEval', 'enableKeepAlive'],
  ...['enableCleartextPlugin', 'insecureAuth', 'jsonStrings', 'multipleStatements', 'namedPlaceholders'],
  ...['rowsAsArray', 'stringifyObjects', 'supportBigNumbers', 'trace', 'typeCast'],
]
const texts = ['charset', 'localAddress', 'password1', 'password2', 'password3', 'socketPath', 'timezone']
const numbers = ['charsetNumber', 'connectTimeout', 'keepAliveInitialDelay', 'maxPreparedStatements']
const pools = [
  ...['connectionLimit', 'maxIdle', 'idleTimeout', 'queueLimit', 'resetOnRelease', 'waitForConnections'],
  ...['connection_limit', 'pool_timeout', 'statement_cache_size', 'pgbouncer'],
]
const forJava = never('it is of Connector/J', 'Leave it out.')

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(booleans.map((name) => [name, asBoolean(name)])),
  ...Object.fromEntries(texts.map((name) => [name, asText(name)])),
  ...Object.fromEntries(numbers.map((name) => [name, asNumber(name)])),
  // mig has no pool: a setting of one holds for it anyway.
  ...Object.fromEntries(pools.map((name) => [name, isSoAnyway])),
  user: asText('user'),
  password: asText('password'),
  host: asText('host'),
  port: asNumber('port'),
  database: asText('database'),
  nestTables: asJson('nestTables'),
  connectAttributes: asJson('connectAttributes'),
  flags: asText('flags'),
  socket: asText('socketPath'),
  connect_timeout: asNumber('connectTimeout', 1000),
  characterEncoding: only(['utf8', 'utf-8', 'utf8mb4'], 'mig writes UTF-8'),
  useUnicode: only(['true'], 'mig writes UTF-8'),
  socket_timeout: never('the driver has none', 'Leave it out.'),
  schema: never('a database of MySQL is its schema', 'Write it as the name of the database: mysql://host/name.'),
  currentSchema: never('a database of MySQL is its schema', 'Write it as the name of the database: mysql://host/name.'),
  search_path: never('a database of MySQL is its schema', 'Write it as the name of the database: mysql://host/name.'),
  options: never('MySQL knows no options of a connection', 'Let `pool.afterCreate` of a Knex configuration set them.'),
  serverTimezone: forJava,
  allowPublicKeyRetrieval: forJava,
  zeroDateTimeBehavior: forJava,
  rewriteBatchedStatements: forJava,
  sessionVariables: never('the driver has none', 'Let `pool.afterCreate` of a Knex configuration set them.'),
}
