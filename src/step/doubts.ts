// Statements of which the journal does not know whether they took effect: all of them are settled before a resumed migration
// sends anything. The catalog is asked first; what it cannot tell, a person is asked, for all such statements at once.

import { PartialError } from '../core/errors.js'
import { revisionTitle } from '../core/graph/revision.js'
import { excerpt, shownOfStatement } from '../core/render/excerpt.js'
import { answersCommand } from '../core/ways-out.js'
import type { Effect } from '../engines/contract/effects.js'
import { keyOf } from '../history/journal.js'
import type { Finding, PastStatement } from './past.js'
import type { Work } from './prepared-step.js'
import type { Session } from '../session/session.js'
import type { Run } from './run.js'

export interface Doubts {
  /** By `keyOf`. */
  readonly findings: ReadonlyMap<string, Finding>
  /** To be called when the statement comes again: says what was found, and takes away what is left of it in pieces. */
  readonly goOn: (statement: PastStatement) => Promise<void>
}

/** `null`: neither the catalog nor the statement itself tells. */
interface Look {
  readonly finding: Finding | null
  /** What was found; null when there is nothing to say. */
  readonly says: string | null
  /** A statement that takes away what is left in pieces. */
  readonly cleanup: string | null
}

const nothingToSay = { says: null, cleanup: null }

/** @throws PartialError `partial.unknown-statement` when the answers are not one for each statement that needs one */
export async function settleDoubts(run: Run, work: Work, doubts: readonly PastStatement[]): Promise<Doubts> {
  const looks = new Map<string, Look>()
  for (const statement of doubts) looks.set(keyOf(statement.at), await lookFor(run, statement))
  const asked = doubts.filter(({ at }) => looks.get(keyOf(at))?.finding === null)
  const answers = run.interrupted
  if (asked.length > 0 && answers.length !== asked.length) throw unknown(run, work, asked)
  for (const [index, { at }] of asked.entries())
    looks.set(keyOf(at), { ...nothingToSay, finding: answers[index] ?? null })
  const findings = new Map<string, Finding>()
  for (const [key, { finding }] of looks) if (finding !== null) findings.set(key, finding)
  return {
    findings,
    async goOn({ at }) {
      const { says, cleanup } = looks.get(keyOf(at)) ?? nothingToSay
      if (cleanup !== null) await run.session.connection.query(cleanup)
      const { revision } = work.step.revision
      if (says !== null) run.report({ kind: 'log', revision, message: `statement ${at.ordinal}: ${says}` })
    },
  }
}

async function lookFor({ session }: Run, past: PastStatement): Promise<Look> {
  const { effects, statements } = session.engine
  if (past.state === 'refused' && statements.read(past.sql).allOrNothing)
    return { ...nothingToSay, finding: 'not-done' }
  const effect = effects.of(past.sql)
  const now = effect === null ? null : await effect.look(session.connection)
  if (effect !== null && now === 'invalid') {
    const says = `${effect.what} was left unfinished; it was removed and is made anew`
    return { finding: 'not-done', says, cleanup: effects.cleanup(past.sql) }
  }
  if (effect !== null && now === effect.after && past.seen !== null && past.seen !== effect.after)
    return { finding: 'done', says: `${effect.what} is ${now}, so it was done`, cleanup: null }
  if (isNotDone(effect, now, past) || effects.isRepeatable(past.sql)) {
    const says = effect === null ? 'it does no harm twice, and is run again' : `${effect.what} is ${now}, so it is run`
    return { finding: 'not-done', says, cleanup: null }
  }
  return { ...nothingToSay, finding: null }
}

/** What is there stood there before, too: the statement would be refused now as it was then. */
function isNotDone(effect: Effect | null, now: string | null, { seen }: PastStatement): boolean {
  return effect !== null && (now !== effect.after || seen === effect.after)
}

function unknown({ session, interrupted }: Run, { step }: Work, asked: readonly PastStatement[]): PartialError {
  const { revision, path } = step.revision
  const [only, ...others] = asked
  const which = only !== undefined && others.length === 0 ? `statement ${nameOf(only)}` : `${asked.length} statements`
  const given = interrupted.length
  const answered = given === 0 ? '' : ` Of ${asked.length} answers ${given} ${given === 1 ? 'was' : 'were'} given.`
  return new PartialError(
    'partial.unknown-statement',
    `Whether ${which} of ${revisionTitle(step.revision)} took effect is not known: the run did not come to its end, and the catalog does not show it.${answered}`,
    {
      hint: howToAnswer(session, step.direction, asked),
      detail: asked
        .map((statement) => {
          const text = excerpt(statement.sql, shownOfStatement)
          return others.length === 0 ? text : `${nameOf(statement)}: ${text}`
        })
        .join('\n'),
      revision,
      path,
    },
  )
}

function nameOf({ at }: PastStatement): string {
  return `${at.ordinal}${at.step === null ? '' : ` of the step “${at.step}”`}`
}

/** A text of several statements may be there in part: neither answer fits before a person has made it whole, or taken it away. */
function howToAnswer({ engine }: Session, direction: 'up' | 'down', asked: readonly PastStatement[]): string {
  const done = answersCommand(direction, asked.length)
  const isOne = asked.length === 1
  if (asked.some(({ sql }) => engine.statements.read(sql).count > 1))
    return `Of several statements in one text a part may be there: complete it by hand, or take it away. Then answer ${isOne ? '' : 'in this order, each '}with done or not-done: ${done}`
  return isOne
    ? `Look whether it took effect, then: ${done}, or: ${done.replace(/done$/, 'not-done')}`
    : `Look for each whether it took effect, and answer in this order, each with done or not-done: ${done}`
}
