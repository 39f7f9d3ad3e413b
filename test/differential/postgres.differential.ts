// PostgreSQL: what the reader says of a statement is what the server then does.

import { statements } from '../../src/engines/postgres/statements.js'
import { compareWithServer } from './servers.js'
import { base, rows } from './postgres/rows.js'

const code = (error: unknown) => (error as { readonly code?: string }).code

compareWithServer(
  'postgres',
  statements,
  rows,
  {
    base,
    settings: async (connection) =>
      JSON.stringify(
        await connection.query(
          `select name, setting from pg_settings
          where context in ('user', 'superuser') and name not like 'plpgsql.%' and name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')
         union all select 'role', current_user union all select 'my.own', current_setting('my.own', true) order by 1`,
        ),
      ),
    readOnly: 'begin read only',
    isReadOnlyError: (error) => code(error) === '25006',
    isRefusal: (error) => code(error) === '25001',
  },
  {},
)
