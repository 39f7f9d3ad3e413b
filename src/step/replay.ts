// Resuming: a migration runs again from its beginning, and statements that an earlier run did are left out. What is not
// certain is looked up in the catalog and told; where that cannot tell, nothing is guessed.

import { PartialError } from '../core/errors.js'
import { revisionTitle } from '../core/graph/revision.js'
import type { Effect } from '../engines/contract/effects.js'
import { readAttempt } from '../history/read-journal.js'
import { hashOf } from '../core/checksum.js'
import type { EntryOf } from '../history/journal.js'
import type { Passing } from './passing.js'
import { type PastStatement, pastOf } from './past.js'
import type { Run } from './run.js'
import type { Work } from './prepared-step.js'
import { byHand } from '../core/ways-out.js'
import { excerpt, shownOfStatement } from '../core/render/excerpt.js'

export interface Replay {
  /** Whether an earlier run did anything of it. */
  readonly hasBegun: boolean
  /** Whether a named step was done to its end. */
  readonly isStepDone: (name: string) => boolean
  /**
   * What is to be done with the statement that comes now: `skip` it, `send` it, or `record` it as done and skip it.
   * @throws PartialError `partial.cannot-resume`, `partial.unknown-statement`
   */
  readonly next: (entry: EntryOf, passing: Passing) => Promise<'skip' | 'send' | 'record'>
  /** A read whose result could steer what follows. Throws when something that was done follows. */
  readonly assertMayRead: (step: string | null, ordinal: number, sql: string) => void
  /** Throws when something was done before that the migration does not do any more. */
  readonly assertAllMet: () => void
}

export async function openReplay(run: Run, work: Work): Promise<Replay> {
  const { revision, direction } = work.step
  const past = pastOf(await readAttempt(run.session, revision.revision, direction))
  return {
    hasBegun: past.hasBegun,
    isStepDone: past.isStepDone,
    async next(entry, passing) {
      const { sql } = passing
      const { ordinal = 0 } = entry
      const { kind, before } = past.decide(entry, passing, work.isEdited)
      if (kind === 'differs' || kind === 'differs in values')
        throw differs(work, ordinal, sql, before?.sql ?? null, kind === 'differs in values')
      if (kind === 'temporary') throw temporary(work, sql)
      if (kind !== 'look') return kind
      const outcome = await judgeUnknown(run, work, ordinal, before)
      if (outcome === 'not-done') return 'send'
      if (before.hash !== hashOf(sql)) throw differs(work, ordinal, sql, before.sql)
      return 'record'
    },
    assertMayRead(step, ordinal, sql) {
      if (past.isDoneAfter(step, ordinal)) throw readsBetween(work, sql)
    },
    assertAllMet() {
      const left = past.notMet()
      if (left !== null) throw differs(work, left.at.ordinal, null, left.sql)
    },
  }
}

/** Whether a statement took effect of which the journal does not know. */
async function judgeUnknown(run: Run, work: Work, ordinal: number, past: PastStatement): Promise<'done' | 'not-done'> {
  const { session, report } = run
  const { effects, statements } = session.engine
  if (past.state === 'refused' && statements.read(past.sql).allOrNothing) return 'not-done'
  if (run.interrupted !== null) return run.interrupted
  const effect = effects.of(past.sql)
  const now = effect === null ? null : await effect.look(session.connection)
  const tell = (message: string) =>
    report({ kind: 'log', revision: work.step.revision.revision, message: `statement ${ordinal}: ${message}` })
  if (effect !== null && now === 'invalid') {
    await cleanUp(run, past.sql)
    tell(`${effect.what} was left unfinished; it was removed and is made anew`)
    return 'not-done'
  }
  if (effect !== null && now === effect.after && past.seen !== null && past.seen !== effect.after) {
    tell(`${effect.what} is ${now}, so it was done`)
    return 'done'
  }
  if (isNotDone(effect, now, past) || effects.isRepeatable(past.sql)) {
    tell(effect === null ? 'it does no harm twice, and is run again' : `${effect.what} is ${now}, so it is run`)
    return 'not-done'
  }
  throw unknown(work, ordinal, past.sql)
}

/** What is there stood there before, too: the statement would be refused now as it was then. */
function isNotDone(effect: Effect | null, now: string | null, { seen }: PastStatement): boolean {
  return effect !== null && (now !== effect.after || seen === effect.after)
}

async function cleanUp({ session }: Run, sql: string): Promise<void> {
  const statement = session.engine.effects.cleanup(sql)
  if (statement !== null) await session.connection.query(statement)
}

function differs(
  { step }: Work,
  ordinal: number,
  now: string | null,
  before: string | null,
  isOfValues = false,
): PartialError {
  const { revision, path } = step.revision
  return new PartialError(
    'partial.cannot-resume',
    `${revisionTitle(step.revision)} cannot be resumed: its statement ${ordinal} is not what the interrupted run did there${isOfValues ? ': the text is the same, the values bound to it are others' : ''}.`,
    {
      hint: `Restore the file (mig show ${revision} --stored) and resume, or ${byHand(revision)}`,
      detail: [
        `- ${before === null ? '(none)' : excerpt(before, shownOfStatement)}`,
        `+ ${now === null ? '(none)' : excerpt(now, shownOfStatement)}`,
      ].join('\n'),
      revision,
      path,
    },
  )
}

function readsBetween({ step }: Work, sql: string): PartialError {
  const { revision, path } = step.revision
  return new PartialError(
    'partial.cannot-resume',
    `${revisionTitle(step.revision)} cannot be resumed: it reads from the database between statements that are done, and may read something else than before.`,
    {
      hint: `To go on, ${byHand(revision)}. Next time give its parts names, with \`await step(...)\`: a part that is done is left out as a whole.`,
      detail: excerpt(sql, shownOfStatement),
      revision,
      path,
    },
  )
}

function temporary({ step }: Work, sql: string): PartialError {
  const { revision, path } = step.revision
  return new PartialError(
    'partial.cannot-resume',
    `${revisionTitle(step.revision)} cannot be resumed: it works with a temporary table, which went with the interrupted run.`,
    { hint: `To go on, ${byHand(revision)}`, detail: excerpt(sql, shownOfStatement), revision, path },
  )
}

function unknown({ step }: Work, ordinal: number, sql: string): PartialError {
  const { revision, path } = step.revision
  return new PartialError(
    'partial.unknown-statement',
    `Statement ${ordinal} of ${revisionTitle(step.revision)} may or may not have run when it was interrupted, and the catalog does not show which.`,
    {
      hint: `Look whether it took effect, then: mig ${step.direction === 'up' ? 'upgrade' : 'downgrade'} --resume --interrupted done, or: --interrupted not-done`,
      detail: excerpt(sql, shownOfStatement),
      revision,
      path,
    },
  )
}
