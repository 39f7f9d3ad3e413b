// Before a new history is begun: is there one already, where this connection does not look for it?

import { HistoryError } from '../core/errors.js'
import type { RevisionId } from '../core/graph/revision.js'
import { isOtherProject } from '../core/graph/validate-history.js'
import { describePlace } from '../core/place.js'
import type { FoundHistory, Home } from '../engines/contract/histories.js'
import type { Session } from '../session/session.js'
import { type Book, readBook, textOrNull } from './book.js'

/** Whose history is looked for. */
export interface Own {
  /** As the configuration says; null when it does not. */
  readonly project: string | null
  /** The revisions of the files. */
  readonly revisions: ReadonlySet<RevisionId>
  /** Whether another history may be begun beside one that is elsewhere. */
  readonly mayBegin: boolean
}

/**
 * Reads the history. Where there is none it is looked for: the one that is found along the search path of the session is
 * this session's from then on.
 * @throws what `readBook` throws; HistoryError `history.elsewhere`
 */
export async function findBook(session: Session, own: Own): Promise<Book> {
  const book = await readBook(session)
  if (book.exists || own.mayBegin) return book
  const found = await findOwn(session, own)
  const [first, ...others] = found
  if (first === undefined) return book
  if (others.length > 0 || !isTakenFor(session, first)) throw elsewhere(session, found)
  session.moveTo(first.home)
  return readBook(session)
}

/** Whoever wrote a search path into the configuration has chosen its first schema; the server's own order is no choice. */
function isTakenFor({ home, settings }: Session, found: FoundHistory): boolean {
  return found.isOnPath && settings.searchPath.length === 0 && found.home.history === home.history
}

async function findOwn(session: Session, own: Own): Promise<readonly FoundHistory[]> {
  const { engine, connection, home, ownSchemas } = session
  const all = await engine.histories.find(connection, home, ownSchemas)
  const owned: FoundHistory[] = []
  for (const found of all) if (await isOwn(session, own, found.home)) owned.push(found)
  return owned
}

/** Of the same project, or with a revision that a file has. A history that cannot be read is somebody else's. */
async function isOwn({ engine, connection }: Session, own: Own, home: Home): Promise<boolean> {
  const { quote } = engine.tables
  const full = (table: string) => `${quote(home.schema)}.${quote(table)}`
  try {
    const state = await connection.query(`select project from ${full(home.state)}`)
    const project = textOrNull(state.rows[0]?.project)
    if (isOtherProject(own.project, project)) return false
    if (own.project !== null && own.project === project) return true
    const { rows } = await connection.query(`select revision from ${full(home.history)}`)
    return rows.some(({ revision }) => own.revisions.has(String(revision)))
  } catch (error) {
    if (connection.lost() !== null) throw error
    return false
  }
}

function elsewhere({ place, home, engine }: Session, found: readonly FoundHistory[]): HistoryError {
  const names = found.slice(0, 3).map((each) => `${each.home.schema}.${each.home.history}`)
  const more = found.length > 3 ? ` and ${found.length - 3} more places` : ''
  const [first] = found
  const table = `historyTable: '${first?.home.history}'`
  const settings = engine.hasSchemas ? `historySchema: '${first?.home.schema}', ${table}` : table
  return new HistoryError(
    'history.elsewhere',
    `There is no ${home.schema}.${home.history} in ${describePlace(place)}, and a history of these revisions is in ${names.join(' and ')}${more}. Nothing was changed.`,
    {
      hint: `To go on with it, set in mig.config.ts: ${settings}. To begin another one, in which everything runs again: --new-history`,
    },
  )
}
