// Rows of the history that a session does not see: a history read short is noticed, never planned on.

import { HistoryError } from '../core/errors.js'
import { describePlace } from '../core/place.js'
import type { Hiding } from '../engines/contract/histories.js'
import type { Session } from '../session/session.js'

/**
 * Looks why a session sees another number of rows than mig has written. Returns where nothing hides any: then somebody
 * deleted or added rows.
 * @throws HistoryError `history.hidden`
 */
export async function assertSeesAll(session: Session, seen: number, counted: number): Promise<void> {
  const { engine, connection, home, place } = session
  const hiding = (await findCut(session, seen)) ?? (await engine.histories.hidingOf(connection, home))
  if (hiding === null) return
  throw new HistoryError(
    'history.hidden',
    `${home.state} in ${describePlace(place)} counts ${counted} ${counted === 1 ? 'revision' : 'revisions'}, and this session sees ${seen} in ${home.history}: ${hiding.why}. Nothing was changed.`,
    { hint: hiding.hint },
  )
}

/** A count is one row: it passes a limit that cuts longer answers off. */
async function findCut({ connection, tables }: Session, seen: number): Promise<Hiding | null> {
  const { rows } = await connection.query(`select count(*) as counted from ${tables.history}`)
  if (rows[0] === undefined || Number(rows[0].counted) <= seen) return null
  return {
    why: 'the connection cuts longer answers off (sql_select_limit?)',
    hint: 'Take the limit out of the settings of the connection: `pool.afterCreate`, the URL, `init_connect` of the server.',
  }
}
