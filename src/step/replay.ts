// Resuming: a migration runs again from its beginning, and statements that an earlier run did are left out. What is not
// certain is settled before the first of them is sent (`doubts.ts`).

import { PartialError } from '../core/errors.js'
import { revisionTitle } from '../core/graph/revision.js'
import { readAttempt } from '../history/read-journal.js'
import type { EntryOf } from '../history/journal.js'
import type { Passing } from './passing.js'
import { settleDoubts } from './doubts.js'
import { doubtsOf, pastOf } from './past.js'
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
   * @throws PartialError `partial.cannot-resume`
   */
  readonly next: (entry: EntryOf, passing: Passing) => Promise<'skip' | 'send' | 'record'>
  /** A read whose result could steer what follows. Throws when something that was done follows. */
  readonly assertMayRead: (step: string | null, ordinal: number, sql: string) => void
  /** Throws when something was done before that the migration does not do any more. */
  readonly assertAllMet: () => void
}

/** @throws PartialError `partial.unknown-statement`, `partial.cannot-resume` */
export async function openReplay(run: Run, work: Work): Promise<Replay> {
  const { revision, direction } = work.step
  const entries = await readAttempt(run.session, revision.revision, direction)
  if (entries.length === 0) throw unknownPast(work)
  const doubts = await settleDoubts(run, work, doubtsOf(entries))
  const past = pastOf(entries, doubts.findings)
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
      if (before !== null) await doubts.goOn(before)
      return kind
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

/** Each that is begun has an entry: without one the journal is gone, and what is done would be done again. */
function unknownPast({ step }: Work): PartialError {
  const { revision, path } = step.revision
  return new PartialError(
    'partial.cannot-resume',
    `${revisionTitle(step.revision)} cannot be resumed: the journal has nothing of it, so nobody knows which of its statements are done. Was its table dropped?`,
    { hint: `Look what of it is in the database. Then ${byHand(revision)}`, revision, path },
  )
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
