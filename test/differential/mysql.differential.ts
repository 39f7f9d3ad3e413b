// MySQL or MariaDB, whichever the tests have: what the reader says of a statement is what the server then does.

import { statements } from '../../src/engines/mysql/statements.js'
import type { ServerKind } from './server.js'
import { compareWithServer } from './servers.js'
import { base, notRun, rows } from './mysql/rows.js'

const changing = [
  'timestamp',
  'statement_id', // of MySQL, from 9 on
  'last_insert_id',
  'identity',
  'insert_id',
  'rand_seed1',
  'rand_seed2',
  'warning_count',
  'error_count',
  'pseudo_thread_id',
  'last_gtid',
  'gtid_seq_no',
  'in_transaction',
]

const server: ServerKind = {
  base,
  names: [
    't',
    'u',
    'v',
    'x',
    'y',
    'a',
    'probe',
    'nowhere',
    'information_schema',
    'tr',
    'ev',
    'f',
    'w',
    'p',
    'pc',
    't_c',
    'tables(?= where)',
  ],
  settings: async (connection) => {
    const variables = await connection.query('show session variables')
    const seen = variables.filter((row) => !changing.includes(String(Object.values(row)[0])))
    return JSON.stringify([seen, await connection.query('select database() as d, @x as x, @y as y')])
  },
  readOnly: 'start transaction read only',
  isReadOnlyError: (error) => (error as { readonly code?: string }).code === 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  isRefusal: () => false,
}

compareWithServer('mysql', statements, rows, server, notRun)
