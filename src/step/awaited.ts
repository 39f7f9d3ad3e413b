// What a migration must have waited for when it returns: its queries, and those that it only built.

import type { Diagnostic } from '../core/diagnostic.js'
import { MigrationError } from '../core/errors.js'
import { type Position, sourceFrame } from '../core/position.js'
import type { Unused } from './builders.js'
import type { Caller } from './caller.js'
import type { Work } from './prepared-step.js'
import type { Trace } from './step-state.js'

/**
 * `streams`: how many statements are at work that Knex runs without a builder.
 * @throws MigrationError `migration.failed` when queries are still running that were begun in it
 */
export function assertNonePending({ work, step, pending: queries }: Caller, streams: number): void {
  const pending = Math.max(queries, streams)
  if (pending === 0) return
  const { direction, revision } = work.step
  const what = step === null ? direction : `step “${step}”`
  throw new MigrationError(
    'migration.failed',
    `${pending === 1 ? 'A query was' : `${pending} queries were`} still running when ${what} of ${revision.revision} (${revision.path}) returned.`,
    { hint: 'Put `await` before every query.', revision: revision.revision, path: revision.path },
  )
}

/** A query that was built in the file of the migration, or called from there, and never ran. */
export interface Forgotten extends Unused {
  readonly position: Position
}

/** Of what was built only what leads back to the migration's file: Knex builds things for itself, and so do packages. */
export function forgotten({ migration }: Work, unused: readonly Unused[]): readonly Forgotten[] {
  return unused.flatMap((each) => {
    const position = migration.positionOf(each.origin)
    return position === null ? [] : [{ ...each, position }]
  })
}

/** @throws MigrationError `migration.no-statement` for what would have changed something and was never run */
export function assertNoneForgotten(work: Work, all: readonly Forgotten[]): void {
  const [first, ...others] = all.filter(({ writes }) => writes)
  if (first === undefined) return
  const { revision, path } = work.step.revision
  const named = [first, ...others].map(({ what, position }) => `${what} (${at(path, position)})`).join('; ')
  throw new MigrationError(
    'migration.no-statement',
    `${work.step.direction} of ${revision} built what it never ran: ${named}.`,
    {
      hint: 'A query without `await` never runs: put `await` before it, or take it out.',
      revision,
      path,
      ...first.position,
      detail: sourceFrame(work.migration.file.text, first.position),
    },
  )
}

/** What is worth knowing, and no mistake for certain: reads that were built and never run, and a migration that ran nothing. */
export function remarksOn({ work, statements }: Trace, all: readonly Forgotten[]): readonly Diagnostic[] {
  const { direction } = work.step
  const { revision, path, empty, downRevisions } = work.step.revision
  const about = { severity: 'warning', revision, path } as const
  const reads = all.map(({ what, position }): Diagnostic => ({
    ...about,
    ...position,
    code: 'migration.unused-query',
    message: `${direction} of ${revision} built a query that it never ran: ${what} (${at(path, position)}).`,
    hint: 'Put `await` before it, or take it out.',
  }))
  if (reads.length > 0 || statements > 0 || empty || downRevisions.length > 1 || direction === 'down') return reads
  const nothing: Diagnostic = {
    ...about,
    code: 'migration.nothing-done',
    message: `${direction} of ${revision} (${path}) sent no query by the Knex that it is given.`,
    hint: 'If that is right (it has nothing to do here, or uses the raw connection): export const empty = true',
  }
  return [nothing]
}

function at(path: string, { line, column }: Position): string {
  return `${path}:${line}:${column}`
}
