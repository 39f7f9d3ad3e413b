// PostgreSQL: where histories are, by the comment on their state tables, and what may hide rows.

import { type HistoryAnswers, homeOfState, isSameHome, isView, markStart } from '../contract/histories.js'
import { tables } from './tables.js'

export const histories: HistoryAnswers = {
  async find(connection, home, within) {
    const { rows } = await connection.query(
      `select n.nspname::text as "schema", c.relname::text as "state", obj_description(c.oid, 'pg_class') as "mark",
              n.nspname = any(current_schemas(false)) as "isOnPath"
         from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and (?::text[] is null or n.nspname = any(?::text[]))
          and (c.relname = ? or starts_with(obj_description(c.oid, 'pg_class'), ?))
          and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
        order by array_position(current_schemas(false)::text[], n.nspname::text), n.nspname, c.relname`,
      [within, within, home.state, markStart],
    )
    return (rows as unknown as readonly StateRow[])
      .map(({ schema, state, mark, isOnPath }) => ({ home: homeOfState(schema, state, mark, home), isOnPath }))
      .filter((found) => !isSameHome(found.home, home))
  },
  async hidingOf(connection, { schema, history }) {
    const { rows } = await connection.query(
      `select row_security_active(c.oid) as "isSecured", c.relkind in ('v', 'm') as "isView", current_user as "role"
         from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ?`,
      [schema, history],
    )
    const { isSecured, isView: hasView, role } = rows[0] ?? {}
    if (hasView === true) return isView
    if (isSecured !== true) return null
    return {
      why: `row-level security hides rows from the role ${String(role)}`,
      hint: `Connect as the owner of the table, or let the role see all of it: create policy mig_all on ${tables.quote(schema)}.${tables.quote(history)} to ${tables.quote(String(role))} using (true)`,
    }
  },
}

interface StateRow {
  readonly schema: string
  readonly state: string
  readonly mark: string | null
  readonly isOnPath: boolean
}
