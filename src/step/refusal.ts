// A query that is refused before the gate: with the line at which it was built.

import { MigrationError } from '../core/errors.js'
import { sourceFrame } from '../core/position.js'
import { currentCaller } from './caller.js'

export class Refusal extends MigrationError {}

export function refusal(what: string, hint: string, detail?: string): Refusal {
  const caller = currentCaller()
  const about = caller?.work.step.revision
  const who = about === undefined ? '' : `${about.revision} (${about.path}): `
  return new Refusal('migration.failed', `${who}${what} It was not sent.`, {
    hint,
    ...(detail !== undefined && { detail }),
    ...(about !== undefined && { revision: about.revision, path: about.path }),
  })
}

/** The same, with the line at which the query was built. */
export function withLine(error: unknown, origin: Error | undefined): unknown {
  const work = currentCaller()?.work
  if (!(error instanceof Refusal) || origin === undefined || work === undefined) return error
  const position = work.migration.positionOf(origin)
  if (position === null) return error
  const frame = `${work.step.revision.path}:${position.line}:${position.column}\n${sourceFrame(work.migration.file.text, position)}`
  return new MigrationError('migration.failed', error.message, {
    hint: error.hint,
    revision: work.step.revision.revision,
    path: work.step.revision.path,
    ...position,
    detail: error.detail === undefined ? frame : `${frame}\n\n${error.detail}`,
  })
}
