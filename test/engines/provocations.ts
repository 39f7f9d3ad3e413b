// How each kind of error is provoked on a real server.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Connection } from '../../src/engines/contract/connection.js'
import type { Engine } from '../../src/engines/contract/engine.js'
import type { DriverErrorKind } from '../../src/engines/contract/errors.js'
import type { chooseEngine } from '../../src/engines/index.js'
import type { Database, EngineName } from '../support/engines.js'

interface Open {
  readonly engine: Engine
  readonly connection: Connection
}
type Setting = Parameters<typeof chooseEngine>[0]

interface Scene {
  readonly database: Database
  /** An open connection to the database, or to another place. */
  readonly openOn: (setting?: Setting) => Promise<Open>
  readonly connectionTo: (setting: Setting) => Promise<Open>
}

interface Outcome {
  readonly own: Engine
  readonly error: unknown
}

export interface Provocation {
  readonly kind: DriverErrorKind
  readonly how: string
  readonly provoke: (scene: Scene) => Promise<Outcome>
  readonly codes?: RegExp
}

const secret = 'geheim:@/%?#'

export const provocations: Readonly<Record<EngineName, readonly Provocation[]>> = {
  sqlite: [
    { kind: 'missing-table', how: 'select', provoke: statement('select * from nowhere') },
    { kind: 'missing-column', how: 'select', provoke: statement('select nowhere from sqlite_master') },
    { kind: 'missing-column', how: 'insert', provoke: statement('insert into thing (nowhere) values (1)') },
    { kind: 'other', how: 'syntax', provoke: statement('selec 1'), codes: /SQLITE_ERROR/ },
    { kind: 'other', how: 'constraint', provoke: statement('insert into thing values (null)'), codes: /CONSTRAINT/ },
    { kind: 'unopened', how: 'a socket', provoke: openingSocket },
    {
      kind: 'unsupported',
      how: 'no database',
      provoke: async ({ connectionTo }) => {
        const { engine, connection } = await connectionTo(`sqlite:${process.execPath}`)
        return {
          own: engine,
          error: await errorOf(() => connection.connect().then(() => connection.query('select * from sqlite_master'))),
        }
      },
    },
    {
      kind: 'read-only',
      how: 'opened so',
      provoke: async ({ database, openOn }) => {
        const filename = decodeURIComponent(database.url.slice('sqlite:'.length))
        const { engine, connection } = await openOn({
          client: 'better-sqlite3',
          connection: { filename, options: { readonly: true } } as never,
        })
        return { own: engine, error: await errorOf(() => connection.query('create table t (a integer)')) }
      },
    },
    {
      kind: 'lock-timeout',
      how: 'another writes',
      provoke: async ({ database, openOn }) => {
        const filename = decodeURIComponent(database.url.slice('sqlite:'.length))
        const { connection: other } = await openOn()
        await other.query('begin immediate')
        const { engine, connection } = await openOn({
          client: 'better-sqlite3',
          connection: { filename, timeout: 10 } as never,
        })
        const error = await errorOf(() => connection.query('create table t (a integer)'))
        await other.query('rollback')
        return { own: engine, error }
      },
    },
    {
      kind: 'lost',
      how: 'closed',
      provoke: async ({ openOn }) => {
        const { engine, connection } = await openOn()
        await connection.close()
        return { own: engine, error: await errorOf(() => connection.query('select 1')) }
      },
    },
  ],

  postgres: [
    { kind: 'missing-table', how: 'select', provoke: statement('select * from nothing'), codes: /42P01/ },
    { kind: 'missing-column', how: 'select', provoke: statement('select nothing from thing'), codes: /42703/ },
    { kind: 'other', how: 'syntax', provoke: statement('selec 1'), codes: /42601/ },
    { kind: 'other', how: 'constraint', provoke: statement('insert into thing values (null)'), codes: /23502/ },
    {
      kind: 'missing-database',
      how: 'connect',
      provoke: connecting(({ url }) => withPath(url, '/nothing_here')),
      codes: /3D000/,
    },
    {
      kind: 'unreachable',
      how: 'nobody listens',
      provoke: connecting(({ url }) => withAddress(url, '127.0.0.1:1')),
      codes: /ECONNREFUSED/,
    },
    {
      kind: 'unreachable',
      how: 'no such host',
      provoke: connecting(({ url }) => withAddress(url, 'nowhere.invalid:5432')),
      codes: /ENOTFOUND|EAI_AGAIN/,
    },
    { kind: 'authentication', how: 'no such role', provoke: connecting(({ url }) => withUser(url, 'nobody-here')) },
    { kind: 'authentication', how: 'wrong password', provoke: wrongPostgresPassword, codes: /28P01|28000/ },
    {
      kind: 'permission',
      how: 'no right to create',
      provoke: asPostgresRole('create table t (a integer)'),
      codes: /42501/,
    },
    { kind: 'permission', how: 'no right to read', provoke: asPostgresRole('select * from thing'), codes: /42501/ },
    {
      kind: 'read-only',
      how: 'default_transaction_read_only',
      provoke: statement('create table t (a integer)', 'set default_transaction_read_only = on'),
      codes: /25006/,
    },
    {
      kind: 'lock-timeout',
      how: 'lock_timeout',
      provoke: inTheWay('lock table thing', 'select * from thing', `set lock_timeout = '50ms'`),
      codes: /55P03/,
    },
  ],

  mysql: [
    { kind: 'missing-table', how: 'select', provoke: statement('select * from nothing'), codes: /ER_NO_SUCH_TABLE/ },
    { kind: 'missing-column', how: 'select', provoke: statement('select nothing from thing'), codes: /ER_BAD_FIELD/ },
    { kind: 'other', how: 'syntax', provoke: statement('selec 1'), codes: /ER_PARSE_ERROR/ },
    { kind: 'other', how: 'constraint', provoke: statement('insert into thing values (null)'), codes: /ER_BAD_NULL/ },
    {
      kind: 'missing-database',
      how: 'connect',
      provoke: connecting(({ url }) => withPath(url, '/nothing_here')),
      codes: /ER_BAD_DB_ERROR/,
    },
    {
      kind: 'unreachable',
      how: 'nobody listens',
      provoke: connecting(({ url }) => withAddress(url, '127.0.0.1:1')),
      codes: /ECONNREFUSED/,
    },
    {
      kind: 'authentication',
      how: 'wrong password',
      provoke: connecting(({ url }) => withUser(url, 'mig')),
      codes: /ER_ACCESS_DENIED/,
    },
    {
      kind: 'permission',
      how: 'no right to the database',
      provoke: asMysqlUser(null),
      codes: /ER_DBACCESS_DENIED/,
    },
    {
      kind: 'permission',
      how: 'no right to create',
      provoke: asMysqlUser('create table t (a integer)'),
      codes: /ER_TABLEACCESS_DENIED/,
    },
    {
      kind: 'read-only',
      how: 'read_only, and no right to write anyway',
      provoke: readOnlyMysql,
      codes: /ER_OPTION_PREVENTS_STATEMENT/,
    },
    {
      kind: 'read-only',
      how: 'a read-only transaction',
      provoke: statement('insert into thing values (1)', 'start transaction read only'),
      codes: /ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION/,
    },
    {
      kind: 'lock-timeout',
      how: 'lock_wait_timeout',
      provoke: inTheWay('select * from thing', 'drop table thing', 'set session lock_wait_timeout = 1'),
      codes: /ER_LOCK_WAIT_TIMEOUT/,
    },
    {
      kind: 'lock-timeout',
      how: 'nowait',
      provoke: inTheWay('select * from thing for update', 'select * from thing for update nowait'),
      codes: /ER_LOCK_NOWAIT|ER_LOCK_WAIT_TIMEOUT/,
    },
  ],
}

/** A statement that fails, after others that do not. A table `thing` is there. */
function statement(sql: string, ...before: readonly string[]): Provocation['provoke'] {
  return async ({ openOn }) => {
    const { engine, connection } = await openOn()
    await connection.query('create table thing (a integer not null)')
    for (const each of before) await connection.query(each)
    return { own: engine, error: await errorOf(() => connection.query(sql)) }
  }
}

/** A statement that meets what another session holds, after others that do not. */
function inTheWay(holding: string, sql: string, ...before: readonly string[]): Provocation['provoke'] {
  return async ({ openOn }) => {
    const [{ engine, connection }, { connection: other }] = [await openOn(), await openOn()]
    await other.query('create table thing (a integer)')
    await other.query('insert into thing values (1)')
    await other.query('begin')
    await other.query(holding)
    for (const each of before) await connection.query(each)
    const error = await errorOf(() => connection.query(sql))
    await other.query('rollback')
    return { own: engine, error }
  }
}

function connecting(settingOf: (database: Database) => string): Provocation['provoke'] {
  return async ({ database, connectionTo }) => {
    const { engine, connection } = await connectionTo(settingOf(database))
    const error = await errorOf(() => connection.connect())
    await connection.close().catch(() => undefined)
    return { own: engine, error }
  }
}

/** What has a name among the files and cannot be opened as one, by whomever. */
async function openingSocket({ connectionTo }: Scene): Promise<Outcome> {
  const path = join(mkdtempSync(join(tmpdir(), 'mig-')), 'socket')
  const server = createServer().listen(path)
  await once(server, 'listening')
  try {
    return await connecting(() => `sqlite:${path}`)({ connectionTo } as Scene)
  } finally {
    server.close()
  }
}

function wrongPostgresPassword({ database, connectionTo }: Scene): Promise<Outcome> {
  return withPostgresRule(database, 'host', (url) => connecting(() => url)({ database, connectionTo } as Scene))
}

/**
 * With a role whose password is not the one in the URL. The server lets everybody in unless it is somebody else's; so
 * the role gets a rule of its own before all others: `host`, or `hostssl`, which demands TLS.
 */
export async function withPostgresRule<T>(
  database: Database,
  kind: 'host' | 'hostssl',
  work: (url: string) => Promise<T>,
): Promise<T> {
  const role = `mig_test_${randomUUID().slice(-12)}`
  await database.query(`create role ${role} login password 'right'`)
  try {
    const rules = kind === 'host' ? [] : [`host all ${role} 0.0.0.0/0 reject`]
    if (new URL(database.url).password === '')
      await prependRules(database, [`${kind} all ${role} 0.0.0.0/0 scram-sha-256`, ...rules].join('\n'))
    return await work(withUser(database.url, role))
  } finally {
    await database.query(`drop role ${role}`)
  }
}

/** Written by the server itself; a session that begins afterwards is held to them. */
async function prependRules(database: Database, added: string): Promise<void> {
  await database.query(
    `do $$ declare path text := current_setting('hba_file'); rules text := pg_read_file(path); begin
       execute format('copy (select line from regexp_split_to_table(%L, e''\\n'') as line where line ~ ''^[^#]'') to %L',
         '${added}' || e'\\n' || replace(rules, e'\\t', ' '), path);
     end $$`,
  )
  await database.query('select pg_reload_conf()')
  await new Promise((resolve) => setTimeout(resolve, 200))
}

function asPostgresRole(sql: string): Provocation['provoke'] {
  return async ({ database, openOn }) => {
    const role = `mig_test_${randomUUID().slice(-12)}`
    const { engine, connection } = await openOn()
    await connection.query('create table thing (a integer)')
    await connection.query(`create role ${role}`)
    await connection.query(`set role ${role}`)
    const error = await errorOf(() => connection.query(sql))
    await connection.query('reset role')
    await database.query(`drop role ${role}`)
    return { own: engine, error }
  }
}

/** As a user who may read one table of the database, or, without a statement, nothing at all. */
function asMysqlUser(sql: string | null): Provocation['provoke'] {
  return ({ database, connectionTo }) =>
    withMysqlUser(database, sql === null ? 'usage on *.*' : `select on \`${database.name}\`.*`, async (url) => {
      const { engine, connection } = await connectionTo(url)
      const error = await errorOf(async () => {
        await connection.connect()
        if (sql !== null) await connection.query(sql)
      })
      await connection.close().catch(() => undefined)
      return { own: engine, error }
    })
}

/** The other tests' user may write all the same, so the switch disturbs nobody. */
async function readOnlyMysql({ database, connectionTo }: Scene): Promise<Outcome> {
  return withMysqlUser(database, `all privileges on \`${database.name}\`.*`, async (url) => {
    const { engine, connection } = await connectionTo(url)
    await connection.connect()
    await database.query('set global read_only = 1')
    try {
      const error = await errorOf(() => connection.query('create table t (a integer)'))
      const { readOnly } = await engine.greet(connection)
      if (readOnly === null) throw new Error('the greeting does not say that the server is read-only')
      const { connection: mighty } = await connectionTo(database.url)
      await mighty.connect()
      const greeting = await engine.greet(mighty)
      await mighty.close()
      if (greeting.readOnly !== null)
        throw new Error(`whether it may be written is reported otherwise: ${greeting.readOnly}`)
      return { own: engine, error }
    } finally {
      await database.query('set global read_only = 0')
      await connection.close()
    }
  })
}

export async function withMysqlUser<T>(
  database: Database,
  right: string,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const user = `mig_test_${randomUUID().slice(-12)}`
  await database.query(`create user '${user}'@'%' identified by '${secret}'`)
  await database.query(`grant ${right} to '${user}'@'%'`)
  try {
    return await work(withUser(database.url, user))
  } finally {
    await database.query(`drop user '${user}'@'%'`)
  }
}

function withUser(url: string, user: string): string {
  const changed = new URL(url)
  changed.username = encodeURIComponent(user)
  changed.password = encodeURIComponent(secret)
  return changed.href
}

function withPath(url: string, path: string): string {
  const changed = new URL(url)
  changed.pathname = path
  changed.password = encodeURIComponent(changed.password === '' ? secret : decodeURIComponent(changed.password))
  return changed.href
}

function withAddress(url: string, address: string): string {
  const changed = new URL(url)
  changed.host = address
  changed.password = encodeURIComponent(secret)
  return changed.href
}

async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
    return null
  } catch (error) {
    return error
  }
}
