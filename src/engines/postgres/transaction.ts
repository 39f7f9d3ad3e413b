// PostgreSQL: what a migration's transaction tells of itself.

import { plainTransaction, type TransactionAnswers } from '../contract/transaction.js'

export const transaction: TransactionAnswers = {
  ...plainTransaction,
  joinsBegin: true,
  // It gives a transaction that has written nothing its number; the history is about to do so anyway.
  identity: 'pg_catalog.txid_current()::text',
  // COMMIT of a failed transaction succeeds, and its command tag says ROLLBACK (manual, "COMMIT").
  isCommitted: (response) => (response as { readonly command?: unknown } | null | undefined)?.command !== 'ROLLBACK',
}
