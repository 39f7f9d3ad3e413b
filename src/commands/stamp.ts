// stamp: mark revisions as applied or not, without running anything.

import { UsageError } from '../core/errors.js'
import { planStamp } from '../core/graph/stamp.js'
import { defineCommand } from './workplace/command.js'
import { withProject } from './workplace/open.js'
import { assertFinished, assertNotForeign, assertSameProject } from './workplace/preflight.js'
import { formatDryRun, standsAt } from './run/format.js'
import { allowUnknown, lock, lockTimeout, newHistory } from './run/options.js'
import { runIntent } from './run/run.js'

export const stamp = defineCommand({
  name: 'stamp',
  summary: 'Mark a database as being at a target, without running anything',
  description:
    'Writes into the history what an upgrade or downgrade to the targets would leave there. For a database that has its tables already, or whose history was lost. Several targets are allowed if none depends on another.',
  arguments: { targets: { kind: 'list', describe: 'head, heads, base, revisions, label@head, …' } },
  options: {
    purge: { kind: 'flag', describe: 'Forget everything that is applied first, also what no file knows' },
    dryRun: { kind: 'flag', describe: 'Show what would be marked; change nothing' },
    allowUnknown,
    newHistory,
    lockTimeout,
    lock,
  },
  examples: [
    ['mig stamp head', 'a database that was built by hand is up to date'],
    ['mig stamp base', 'nothing is applied'],
    ['mig stamp --purge head', 'forget what is there, and begin anew'],
  ],
  needs: 'database',
  changes: true,
  run: (options) =>
    withProject(options, (project, workplace) => {
      const targets = required(options.targets)
      return runIntent(project, workplace, {
        command: ['stamp', ...(options.purge === true ? ['--purge'] : []), ...targets].join(' '),
        options,
        newHistory: options.newHistory,
        purge: options.purge ?? false,
        // A purge is the way out of a history that cannot be repaired otherwise.
        validate: async (session, book) => {
          assertSameProject(project.config.project, book)
          if (options.allowUnknown !== true) assertNotForeign(project.graph.revisions, book)
          if (options.purge !== true) await assertFinished(session, book)
          return []
        },
        plan: (standing) => planStamp(standing, targets, options.purge ?? false),
      })
    }),
  format: (outcome, style) => {
    const { steps, from, to, dryRun } = outcome
    if (steps.length === 0 && from.join() === to.join()) return `Nothing to mark: already at ${standsAt(to, style)}.`
    if (dryRun) return formatDryRun(outcome, 'mark', style)
    return `Marked as being at ${standsAt(to, style)}. ${style.dim('Nothing was run.')}`
  },
})

function required(targets: readonly string[] | undefined): readonly string[] {
  if (targets !== undefined && targets.length > 0) return targets
  throw new UsageError('usage.target-required', 'A stamp requires a target: what should the database be marked as?', {
    hint: 'mig stamp head marks it as up to date; mig stamp base as empty.',
  })
}
