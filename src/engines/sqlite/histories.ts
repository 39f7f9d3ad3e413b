// SQLite: where histories are, in this file and in those that are attached, and what may hide rows.

import {
  type FoundHistory,
  type HistoryAnswers,
  homeOfState,
  isSameHome,
  isView,
  markStart,
} from '../contract/histories.js'
import { tables } from './tables.js'

export const histories: HistoryAnswers = {
  async find(connection, home, within) {
    const { rows } = await connection.query('select name from pragma_database_list')
    const schemas = rows.map(({ name }) => String(name)).filter((name) => within === null || within.includes(name))
    const found: FoundHistory[] = []
    for (const schema of schemas) {
      const states = await connection.query(
        `select name, sql from ${tables.quote(schema)}.sqlite_master
          where type = 'table' and (name = ? or instr(sql, ?) > 0) order by name`,
        [home.state, markStart],
      )
      for (const { name, sql } of states.rows) {
        const mark = /\/\* (.*?) \*\//s.exec(String(sql))?.[1] ?? null
        found.push({ home: homeOfState(schema, String(name), mark, home), isOnPath: false })
      }
    }
    return found.filter((each) => !isSameHome(each.home, home))
  },
  async hidingOf(connection, { history }) {
    const { rows } = await connection.query(`select 1 from main.sqlite_master where type = 'view' and name = ?`, [
      history,
    ])
    return rows.length > 0 ? isView : null
  },
}
