// downgrade: take down what stands above a target.

import { UsageError } from '../core/errors.js'
import { unfinished } from '../core/graph/history.js'
import { assertLeavesNoOrphans, planDowngrade, planDowngradeOf } from '../core/graph/downgrade.js'
import { planResumed } from '../core/graph/plan.js'
import { formatDuration } from '../core/render/duration.js'
import { defineCommand } from './workplace/command.js'
import { withProject } from './workplace/open.js'
import { assertRunnable } from './workplace/preflight.js'
import { formatDryRun, standsAt } from './run/format.js'
import { assertRunOptions, runOptions, typedAs } from './run/options.js'
import { runIntent } from './run/run.js'

export const downgrade = defineCommand({
  name: 'downgrade',
  summary: 'Take migrations down, to a target',
  description:
    'Takes down everything applied that stands above the target, children first. A target is required: nothing is ever taken down that nobody named. -n means the last n applied, in the reverse of the order in which they were applied.',
  arguments: { target: { kind: 'text', describe: '-1, a revision to stop at, base, label@base, …' } },
  options: runOptions,
  examples: [
    ['mig downgrade -1', 'the last one applied'],
    ['mig downgrade c9b52448285b', 'everything above that revision'],
    ['mig downgrade base', 'everything'],
    ['mig downgrade billing@base', 'one branch'],
    ['mig downgrade --resume', 'go on with one that was killed in the middle, and no further'],
  ],
  needs: 'database',
  changes: true,
  run: (options) =>
    withProject(options, (project, workplace) => {
      assertRunOptions(options)
      const target = options.resume === true ? options.target : required(options.target)
      return runIntent(project, workplace, {
        command: typedAs('downgrade', target, options),
        options,
        validate: (session, book) => assertRunnable(session, project, book, options, 'down'),
        plan: (standing, { history }) => {
          const begun = options.resume === true ? unfinished(history).map(({ revision }) => revision) : []
          const plan =
            target === undefined
              ? planDowngradeOf(standing, begun)
              : planResumed(planDowngrade(standing, target), begun)
          assertLeavesNoOrphans(plan, history)
          return plan
        },
      })
    }),
  format: (outcome, style) => {
    const { steps, to, durationMs, dryRun } = outcome
    if (steps.length === 0) return `Nothing to take down: already at ${standsAt(to, style)}.`
    if (dryRun) return formatDryRun(outcome, 'take down', style)
    return `Now at ${standsAt(to, style)}. ${style.dim(`${steps.length} taken down in ${formatDuration(durationMs)}.`)}`
  },
})

function required(target: string | undefined): string {
  if (target !== undefined) return target
  throw new UsageError('usage.target-required', 'A downgrade requires a target: how far should it go?', {
    hint: 'mig downgrade -1 takes the last one down; mig downgrade base takes everything down.',
  })
}
