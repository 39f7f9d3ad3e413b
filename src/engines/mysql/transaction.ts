// MySQL and MariaDB: what a rollback leaves.

import { plainTransaction, type TransactionAnswers } from '../contract/transaction.js'

/** ER_WARNING_NOT_COMPLETE_ROLLBACK: "Some non-transactional changed tables couldn't be rolled back". */
const notRolledBack = 1196

export const transaction: TransactionAnswers = {
  ...plainTransaction,
  async leftBehind(connection) {
    const { rows } = await connection.query('show warnings')
    const isLeft = rows.some(({ Code }) => Number(Code) === notRolledBack)
    return isLeft ? 'tables without transactions (MyISAM, Aria, MEMORY) keep what was written to them' : null
  },
}
