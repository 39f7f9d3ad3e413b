// SQLite: a table that is rebuilt (made anew, filled, and renamed, as Knex alters tables) loses its triggers: they go with
// the old one (sqlite.org/lang_droptable.html). One that is only altered keeps its root page.

import type { Connection } from '../contract/connection.js'
import type { Loss, LossAnswers } from '../contract/losses.js'

interface Thing {
  readonly type: unknown
  readonly name: unknown
  readonly table: unknown
  readonly page: unknown
  readonly sql: unknown
}

export const losses: LossAnswers = {
  mayLose: (sql) => /\bdrop\b/i.test(sql),
  look: read,
  async since(connection, before): Promise<readonly Loss[]> {
    const then = before as readonly Thing[]
    if (!then.some(isTrigger)) return []
    const now = await read(connection)
    const isThere = new Set(now.filter(isTrigger).map(({ name }) => name))
    const pages = (things: readonly Thing[]) => new Map(things.filter(isTable).map(({ name, page }) => [name, page]))
    const [pagesThen, pagesNow] = [pages(then), pages(now)]
    return then
      .filter((thing) => isTrigger(thing) && !isThere.has(thing.name))
      .filter(({ table }) => pagesNow.has(table) && pagesNow.get(table) !== pagesThen.get(table))
      .map(({ name, table, sql }) => ({ what: `the trigger ${String(name)} of ${String(table)}`, sql: String(sql) }))
  },
}

async function read(connection: Connection): Promise<readonly Thing[]> {
  const { rows } = await connection.query(
    `select type, name, tbl_name as "table", rootpage as page, sql from main.sqlite_master where type in ('table', 'trigger')`,
  )
  return rows as unknown as readonly Thing[]
}

function isTrigger({ type }: Thing): boolean {
  return type === 'trigger'
}

function isTable({ type }: Thing): boolean {
  return type === 'table'
}
