// MySQL and MariaDB: what other sessions do. Where the rights or the tables for a question are missing, it has no answer.

import type { ActivityAnswers, OtherSession } from '../contract/activity.js'
import type { Connection } from '../contract/connection.js'
import { shortened } from '../../core/sql/sql.js'

export const activity: ActivityAnswers = {
  // Numbers of connections are not used again while the server runs.
  async connectionId(connection) {
    const { rows } = await connection.query('select connection_id() as `id`')
    return String(rows[0]?.id)
  },

  async statementOf(connection, connectionId) {
    const [row] = await processes(connection, [connectionId])
    return row?.statement ? shortened(row.statement) : null
  },

  blockers: (connection, connectionId) => others(connection, connectionId, 'holder', 'waiter'),
  waiters: (connection, connectionId) => others(connection, connectionId, 'waiter', 'holder'),
}

type Side = 'holder' | 'waiter'

/** The sessions on one side of a wait, of the session that is on the other. */
type Question = (asked: Side, given: Side) => string

async function others(
  connection: Connection,
  connectionId: string,
  asked: Side,
  given: Side,
): Promise<readonly OtherSession[]> {
  const idsBy = (some: readonly Question[]) =>
    idsOf(
      connection,
      connectionId,
      some.map((question) => question(asked, given)),
    )
  const sure = await idsBy(questions)
  const ids = sure.length > 0 ? sure : await idsBy([openTransactions])
  const doubt = sure.length > 0 ? '' : 'perhaps '
  const found = await processes(connection, ids)
  return ids.map((id) => otherOf(id, found, doubt))
}

/** MySQL, and MariaDB with performance_schema = ON: who holds, or wants before us, a lock of a table that excludes ours. */
const metadataLocks: Question = (asked, given) => `
  select distinct ${asked}.processlist_id as \`id\`
    from performance_schema.threads as waiter
    join performance_schema.metadata_locks as wanted
      on wanted.owner_thread_id = waiter.thread_id and wanted.lock_status = 'PENDING'
    join performance_schema.metadata_locks as held
      on held.object_type = wanted.object_type and held.object_schema <=> wanted.object_schema
         and held.object_name <=> wanted.object_name and held.owner_thread_id <> wanted.owner_thread_id
         and (held.lock_type in ('EXCLUSIVE', 'SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE', 'SHARED_READ_ONLY', 'SHARED')
              or (held.lock_status = 'GRANTED'
                  and wanted.lock_type in ('EXCLUSIVE', 'SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE')))
    join performance_schema.threads as holder on holder.thread_id = held.owner_thread_id
   where ${given}.processlist_id = ?`

/** Who holds a lock of a row, by transactions: `waits` lists whose wait for whose, in columns that end in `id`. */
function rowLocksIn(waits: string, id: string): Question {
  return (asked, given) => `
  select distinct ${asked}.trx_mysql_thread_id as \`id\`
    from information_schema.innodb_trx as waiter
    join ${waits} as waits on waits.requesting_${id} = waiter.trx_id
    join information_schema.innodb_trx as holder on holder.trx_id = waits.blocking_${id}
   where ${given}.trx_mysql_thread_id = ?`
}

/**
 * MySQL. Its list has threads, too, but those that made the entries: a lock of a row that was only just inserted is entered
 * by whoever waits for it first (tried with 9.7).
 */
const rowLocks = rowLocksIn('performance_schema.data_lock_waits', 'engine_transaction_id')

/**
 * MariaDB. InnoDB's tables are answered from a cache that is renewed only when nobody has asked for 0.1 s
 * (storage/innobase/trx/trx0i_s.cc, CACHE_MIN_IDLE_TIME): who asks more often sees nothing new.
 */
const rowLocksOfMaria = rowLocksIn('information_schema.innodb_lock_waits', 'trx_id')

/** MariaDB with the plugin METADATA_LOCK_INFO, which lists what is granted: other sessions with locks of our tables. */
const metadataLocksOfMaria: Question = (asked, given) => `
  select distinct ${asked}.thread_id as \`id\`
    from information_schema.processlist as process
    join information_schema.metadata_lock_info as waiter on waiter.thread_id = process.id
    join information_schema.metadata_lock_info as holder
      on holder.table_schema = waiter.table_schema and holder.table_name = waiter.table_name
         and holder.thread_id <> waiter.thread_id
   where ${given}.thread_id = ? and process.state like 'Waiting for % lock' and waiter.table_name <> ''`

const questions = [metadataLocks, rowLocks, rowLocksOfMaria, metadataLocksOfMaria]

/** Of no table is it told whose it is; but a lock of one is held by a transaction that was open before. */
const openTransactions: Question = (asked, given) => `
  select ${asked}.id as \`id\`
    from (select id, time from information_schema.processlist where state like 'Waiting for % metadata lock') as waiter
    join (select trx_mysql_thread_id as id, trx_started from information_schema.innodb_trx) as holder
      on holder.id not in (0, waiter.id) and holder.trx_started <= now() - interval waiter.time second
   where ${given}.id = ?
   order by holder.trx_started limit 3`

async function idsOf(connection: Connection, id: string, asked: readonly string[]): Promise<readonly string[]> {
  const ids = new Set<string>()
  for (const question of asked) {
    const rows = await rowsOrNone(connection, question, [id])
    for (const row of rows as readonly { readonly id: number | string | null }[])
      if (row.id !== null) ids.add(String(row.id))
  }
  return [...ids]
}

interface Process {
  readonly id: number | string
  readonly user: string
  readonly host: string
  readonly command: string
  readonly time: number | string | null
  readonly statement: string | null
}

async function processes(connection: Connection, ids: readonly string[]): Promise<readonly Process[]> {
  if (ids.length === 0) return []
  const rows = await rowsOrNone(
    connection,
    `select id as \`id\`, user as \`user\`, host as \`host\`, command as \`command\`, time as \`time\`, info as \`statement\`
       from information_schema.processlist where id in (${ids.map(() => '?').join(', ')})`,
    ids,
  )
  return rows as unknown as readonly Process[]
}

function otherOf(id: string, found: readonly Process[], doubt: string): OtherSession {
  const process = found.find((each) => String(each.id) === id)
  if (process === undefined)
    return { session: `${doubt}connection ${id} of another user`, state: null, statement: null, forS: null }
  const { user, host, command, time, statement } = process
  return {
    session: `${doubt}connection ${id} of ${user}@${host}`,
    state: command === 'Sleep' ? 'idle' : 'active',
    statement: statement === null ? null : shortened(statement),
    forS: time === null ? null : Number(time),
  }
}

async function rowsOrNone(
  connection: Connection,
  sql: string,
  values: readonly unknown[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  try {
    return (await connection.query(sql, values)).rows
  } catch (error) {
    if (connection.lost() !== null) throw error
    return []
  }
}
