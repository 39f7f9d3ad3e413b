// MySQL and MariaDB: facts and settings of a session.

import type { Connection } from '../contract/connection.js'
import type { LongestStatement } from '../contract/engine.js'
import type { Greeting } from '../contract/session.js'

export async function greet(connection: Connection): Promise<Greeting> {
  const { rows } = await connection.query(
    `select database() as \`schema\`, @@global.read_only as \`readOnly\`, version() as \`version\`,
            connection_id() as \`threadId\``,
  )
  const { schema, readOnly, version, threadId } = rows[0] as unknown as GreetingRow
  const isMaria = /mariadb/i.test(version)
  const keepsSession = Number(threadId) === (connection.raw as { readonly threadId?: number }).threadId
  const cluster = isMaria ? await readCluster(connection) : noCluster
  return {
    schema,
    keepsSession,
    hasSeveralClocks: cluster !== noCluster,
    silence: cluster.silence,
    weakLock: keepsSession
      ? cluster.weakLock
      : 'a pooler (ProxySQL?) stands before the server, and each statement may reach another session',
    readOnly:
      Number(readOnly) === 1 && !(await mayWriteAnyway(connection))
        ? 'the server is read-only (read_only = ON)'
        : cluster.cutOff,
    version: `${isMaria ? 'MariaDB' : 'MySQL'} ${version.split('-')[0]}`,
  }
}

interface GreetingRow {
  readonly schema: string | null
  readonly readOnly: number
  readonly version: string
  readonly threadId: number | string
}

interface Cluster extends Pick<Greeting, 'weakLock' | 'silence'> {
  /** Why this node is none of its cluster at present; null when it is one. */
  readonly cutOff: string | null
}

const noCluster: Cluster = { weakLock: null, silence: null, cutOff: null }

/** mariadb.com/kb, "Galera Cluster Status Variables". Each node has its own locks (tried: GET_LOCK gives 1 on three). */
async function readCluster(connection: Connection): Promise<Cluster> {
  const { rows } = await connection.query(
    `show global status where variable_name in ('wsrep_provider_name', 'wsrep_ready', 'wsrep_cluster_status')`,
  )
  const status = new Map(rows.map((row) => Object.values(row).map(String) as [string, string]))
  if (!status.get('wsrep_provider_name')) return noCluster
  const [ready, cluster] = [status.get('wsrep_ready'), status.get('wsrep_cluster_status')]
  const cutOff =
    ready === 'ON' && cluster === 'Primary'
      ? null
      : `this Galera node is cut off from its cluster (wsrep_ready = ${ready}, wsrep_cluster_status = ${cluster})`
  return {
    weakLock: 'a lock of one Galera node means nothing to the others',
    silence: cutOff !== null && !(await readsDirty(connection)) ? cutOff : null,
    cutOff,
  }
}

/** mariadb.com/kb, "wsrep_dirty_reads": whether a node that is cut off answers what only reads. */
async function readsDirty(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query('select @@session.wsrep_dirty_reads as dirty')
  return Number(rows[0]?.dirty) === 1
}

/** Some users may write to a read-only server; whether this one can is known by trying a statement that changes nothing. */
async function mayWriteAnyway(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query('show grants')
  return rows.some((row) =>
    Object.values(row).some((grant) =>
      /\b(SUPER|CONNECTION_ADMIN|READ_ONLY ADMIN|READ ONLY ADMIN|ALL PRIVILEGES ON \*\.\*)/.test(String(grant)),
    ),
  )
}

/**
 * A long statement or pause in a migration must not end it, short waits for rows are as long as those for tables, and
 * `init_connect` may have turned autocommit off. MySQL takes only an integer for a limit of time, and what `greatest`
 * gives is none there without a cast. MariaDB passes over MySQL's comments from 50700 on, and MySQL over MariaDB's.
 */
export async function prepareRun(connection: Connection): Promise<void> {
  await connection.query(
    `set session wait_timeout = cast(greatest(@@session.wait_timeout, 28800) as unsigned),
         session autocommit = 1,
         session lock_wait_timeout = 5,
         session innodb_lock_wait_timeout = cast(greatest(@@session.innodb_lock_wait_timeout, 5) as unsigned)
         /*!50720 , session max_execution_time = 0 */
         /*M! , session max_statement_time = 0, session idle_transaction_timeout = 0,
         session idle_readonly_transaction_timeout = 0, session idle_write_transaction_timeout = 0 */`,
  )
}

/** Of these servers only the global value can be asked for. */
export async function limitOrigin(connection: Connection, name: string): Promise<string | null> {
  const { rows } = await connection.query(`select @@global.${name} as \`global\``)
  const value = String(rows[0]?.global)
  return Number(value) === 0 ? null : `the server has it as ${value} (global ${name})`
}

/** A packet holds a statement and a byte that says what it is. */
export async function longestStatement(connection: Connection): Promise<LongestStatement> {
  const { rows } = await connection.query('select @@session.max_allowed_packet as `bytes`')
  return { bytes: Number(rows[0]?.bytes), setting: 'max_allowed_packet' }
}
