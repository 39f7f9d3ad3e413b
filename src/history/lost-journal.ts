// A journal that is gone, as when a backup leaves it out: it decides nothing of what is applied, and is made again.

import type { Diagnostic } from '../core/diagnostic.js'
import type { Listener } from '../core/event.js'
import { describePlace } from '../core/place.js'
import type { Session } from '../session/session.js'
import { selectOrNull } from './book.js'
import { createTables } from './rows.js'

/** What needs the journal, once it is there. */
export async function withJournal<T>(session: Session, report: Listener, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (session.engine.describe(error).kind !== 'missing-table' || (await hasJournal(session))) throw error
    await makeJournal(session, report)
    return work()
  }
}

/** The same where `work` is a transaction, which such a failure would end. */
export async function ensureJournal(session: Session, report: Listener): Promise<void> {
  if (!(await hasJournal(session))) await makeJournal(session, report)
}

/** A remark where it is gone; none where it is there. */
export async function findLostJournal(session: Session): Promise<readonly Diagnostic[]> {
  return (await hasJournal(session)) ? [] : [lost(session, 'The next run makes it again.')]
}

async function hasJournal(session: Session): Promise<boolean> {
  return (await selectOrNull(session, `select id from ${session.tables.journal} where 1 = 0`)) !== null
}

async function makeJournal(session: Session, report: Listener): Promise<void> {
  await createTables(session, null)
  report({ kind: 'remark', diagnostic: lost(session, 'It was made again.') })
}

function lost({ home, place }: Session, what: string): Diagnostic {
  return {
    code: 'history.journal-lost',
    severity: 'warning',
    message: `The table ${home.journal} of ${describePlace(place)} is gone: what was done before is in no log. ${what}`,
    hint: 'What is applied is known without it. Does a backup leave it out?',
  }
}
