// MySQL and MariaDB: what a rollback leaves.

import type { Connection as MysqlConnection, QueryError } from 'mysql2'

import type { Connection } from '../contract/connection.js'
import { plainTransaction, type TransactionAnswers } from '../contract/transaction.js'

/** ER_WARNING_NOT_COMPLETE_ROLLBACK: "Some non-transactional changed tables couldn't be rolled back". */
const notRolledBack = 1196
/** ER_PARSE_ERROR */
const parseError = 1064

export const transaction: TransactionAnswers = {
  ...plainTransaction,
  leftBehind: async (connection) =>
    (await isIncomplete(connection))
      ? 'tables without transactions (MyISAM, Aria, MEMORY) keep what was written to them'
      : null,

  async refusalLeaves(connection, { sql, isInside }) {
    if (!(await isStatement(connection, sql))) return false
    if (!isInside) return true
    // A rollback says so in a transaction that has changed such a table, if only by a statement that failed.
    await connection.query('savepoint mig_refused')
    await connection.query('rollback to savepoint mig_refused')
    const isLeft = await isIncomplete(connection)
    await connection.query('release savepoint mig_refused')
    return isLeft
  },
}

/** Nothing is executed of what the server cannot even parse; it says that when the statement is prepared. */
async function isStatement(connection: Connection, sql: string): Promise<boolean> {
  const raw = connection.raw as MysqlConnection
  return new Promise((resolve) => {
    raw.prepare(sql, (error: QueryError | null, prepared) => {
      if (error === null) prepared.close()
      resolve(error?.errno !== parseError)
    })
  })
}

async function isIncomplete(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query('show warnings')
  return rows.some(({ Code }) => Number(Code) === notRolledBack)
}
