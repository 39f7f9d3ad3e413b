// MySQL and MariaDB: where histories are, by the comment on their state tables, and what may hide rows.

import { type HistoryAnswers, homeOfState, isSameHome, isView, markStart } from '../contract/histories.js'

export const histories: HistoryAnswers = {
  async find(connection, home, within) {
    const isWithin = within === null ? 'true' : `table_schema in (${within.map(() => '?').join(', ')})`
    const { rows } = await connection.query(
      `select table_schema as \`schema\`, table_name as \`state\`, nullif(table_comment, '') as \`mark\`
         from information_schema.tables
        where table_type = 'BASE TABLE' and ${isWithin}
          and (table_name = ? or left(table_comment, ${markStart.length}) = ?)
        order by table_schema, table_name`,
      [...(within ?? []), home.state, markStart],
    )
    return (rows as unknown as readonly StateRow[])
      .map(({ schema, state, mark }) => ({ home: homeOfState(schema, state, mark, home), isOnPath: false }))
      .filter((found) => !isSameHome(found.home, home))
  },
  async hidingOf(connection, { schema, history }) {
    const { rows } = await connection.query(
      'select table_type as `kind` from information_schema.tables where table_schema = ? and table_name = ?',
      [schema, history],
    )
    return /view/i.test(String(rows[0]?.kind)) ? isView : null
  },
}

interface StateRow {
  readonly schema: string
  readonly state: string
  readonly mark: string | null
}
