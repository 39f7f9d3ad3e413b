// resolve: end by hand the state of a migration that stopped in the middle.

import { UsageError } from '../core/errors.js'
import { type AppliedRevision, unfinished } from '../core/graph/history.js'
import type { RevisionId } from '../core/graph/revision.js'
import { revisionTitle } from '../core/graph/revision.js'
import { endUnfinished, type Outcome } from '../runner/end-unfinished.js'
import { whoRuns } from '../runner/who.js'
import { defineCommand } from './command.js'
import { withConfig, withSession } from './open.js'
import { lockTimeout } from './run.js'

export interface ResolveResult {
  readonly revision: RevisionId
  readonly outcome: Outcome
}

export const resolve = defineCommand({
  name: 'resolve',
  summary: 'Say how a migration that stopped in the middle was completed or undone by hand',
  description:
    'A migration without a transaction (or with DDL on MySQL) that was killed leaves its state behind, and blocks upgrade and downgrade. Look what is in the database, complete it or undo it, and say so here. Runs nothing of the migration.',
  arguments: { revision: { kind: 'text', describe: 'The revision that is unfinished, or the start of its id' } },
  options: {
    applied: { kind: 'flag', describe: 'It is in the database now, completely' },
    notApplied: { kind: 'flag', describe: 'Nothing of it is in the database now' },
    lockTimeout,
  },
  examples: [
    ['mig resolve 0501ccd1d98c --applied', 'it was completed by hand'],
    ['mig resolve 0501ccd1d98c --not-applied', 'it was undone by hand'],
  ],
  needs: 'database',
  changes: true,
  run: (options) =>
    withConfig(options, (workplace) => {
      const name = options.revision
      if (name === undefined)
        throw new UsageError('usage.bad-option', 'Which revision should be resolved?', {
          hint: 'mig current names what is unfinished.',
        })
      if (options.applied === options.notApplied)
        throw new UsageError('usage.bad-option', 'Say how it is now: --applied or --not-applied, one of them.', {
          hint: `mig resolve ${name} --applied, when all of it is in the database.`,
        })
      const outcome: Outcome = options.applied === true ? 'applied' : 'not-applied'
      return withSession(workplace, 'run', (session) =>
        endUnfinished(session, {
          choose: (history) => choose(name, history),
          outcome,
          lock: {
            timeoutMs: (options.lockTimeout ?? lockTimeout.default) * 1000,
            label: `mig resolve ${whoRuns()} pid ${process.pid}`,
            report: workplace.report,
            signal: workplace.signal,
          },
        }),
      )
    }),
  format: ({ revision, outcome }, style) =>
    `${style.bold(revision)} is recorded as ${outcome === 'applied' ? 'applied' : 'not applied'}. Continue with: mig upgrade`,
})

/** The file may be gone, so the name is looked up among the unfinished rows themselves. */
function choose(name: string, history: readonly AppliedRevision[]): AppliedRevision {
  const open = unfinished(history)
  const found = open.filter(({ revision }) => revision === name)
  const [only, ...others] = found.length > 0 ? found : open.filter(({ revision }) => revision.startsWith(name))
  if (only !== undefined && others.length === 0) return only
  const list = open.map(revisionTitle).join(', ')
  throw new UsageError(
    'usage.not-unfinished',
    `${name} is not unfinished: ${open.length === 0 ? 'nothing is' : `unfinished is ${list}`}.`,
    {
      hint: 'To mark a revision without running it, use mig stamp.',
    },
  )
}
