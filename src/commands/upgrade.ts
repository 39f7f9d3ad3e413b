// upgrade: apply what is pending, up to a target.

import { planUpgrade } from '../core/graph/plan.js'
import { formatDuration } from '../core/render/duration.js'
import { defineCommand } from './command.js'
import { withProject } from './open.js'
import { assertRunnable } from './preflight.js'
import { formatDryRun, lockTimeout, runIntent, standsAt } from './run.js'

export const upgrade = defineCommand({
  name: 'upgrade',
  summary: 'Apply pending migrations, up to a target',
  description:
    'Applies everything that the target stands on and that is not applied, parents first. Never takes anything down. Each migration and its history row commit together where the database can roll back DDL.',
  arguments: { target: { kind: 'text', describe: 'head (default), heads, a revision, label@head, +1, …' } },
  options: {
    dryRun: { kind: 'flag', describe: 'Show what would run; change nothing' },
    allowChanged: { kind: 'flag', describe: 'Go on although files of applied revisions have changed' },
    allowUnknown: { kind: 'flag', describe: 'Go on although the database has revisions that no file has' },
    lockTimeout,
  },
  examples: [
    ['mig upgrade', 'everything, to the single head'],
    ['mig upgrade heads', 'every branch, when there are several heads'],
    ['mig upgrade +1', 'one revision further'],
    ['mig upgrade billing@head', 'one branch'],
    ['mig upgrade --dry-run', 'only look'],
  ],
  needs: 'database',
  changes: true,
  run: (options) =>
    withProject(options, (project, workplace) =>
      runIntent(project, workplace, {
        command: 'upgrade',
        dryRun: options.dryRun ?? false,
        lockTimeout: options.lockTimeout,
        validate: (session, book) => assertRunnable(session, project, book, options),
        plan: (standing) => planUpgrade(standing, options.target ?? 'head'),
      }),
    ),
  format: (outcome, style) => {
    const { steps, to, durationMs, dryRun } = outcome
    if (steps.length === 0)
      return to.length === 0
        ? 'There are no migrations. Write the first: mig generate -m "..."'
        : `Already at ${standsAt(to, style)}.`
    if (dryRun) return formatDryRun(outcome, 'apply', style)
    return `Now at ${standsAt(to, style)}. ${style.dim(`${steps.length} applied in ${formatDuration(durationMs)}.`)}`
  },
})
