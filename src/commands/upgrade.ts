// upgrade: apply what is pending, up to a target.

import { unfinished } from '../core/graph/history.js'
import { planResumed, without } from '../core/graph/plan.js'
import { planUpgrade } from '../core/graph/upgrade.js'
import { formatDuration } from '../core/render/duration.js'
import { openProject, type Project, textsOf } from '../files/project.js'
import { defineCommand } from './workplace/command.js'
import { withConfig, withSession } from './workplace/open.js'
import { assertRunnable } from './workplace/preflight.js'
import { formatDryRun, standsAt } from './run/format.js'
import { assertRunOptions, newHistory, type RunOptions, runOptions, typedAs } from './run/options.js'
import { runIntent, runIntentOn, type RunIntent } from './run/run.js'
import { mayAskBeforeHeaders, outcomeIfUpToDate } from './run/up-to-date.js'

export const upgrade = defineCommand({
  name: 'upgrade',
  summary: 'Apply pending migrations, up to a target',
  description:
    'Applies everything that the target depends on and that is not applied, parents first. Never takes anything down. Each migration and its history row commit together where the database can roll back DDL.',
  arguments: { target: { kind: 'text', describe: 'head (default), heads, a revision, label@head, +1, …' } },
  options: { ...runOptions, newHistory },
  examples: [
    ['mig upgrade', 'everything, to the single head'],
    ['mig upgrade heads', 'every branch, when there are several heads'],
    ['mig upgrade +1', 'one revision further'],
    ['mig upgrade billing@head', 'one branch'],
    ['mig upgrade --dry-run', 'only look'],
    ['mig upgrade --resume', 'go on with a migration that was killed in the middle'],
  ],
  needs: 'database',
  changes: true,
  run: (options) =>
    withConfig(options, async (workplace) => {
      assertRunOptions(options)
      const { config } = workplace
      const texts = textsOf(config)
      if (!mayAskBeforeHeaders(config, texts, options.target ?? 'head', options)) {
        const project = await openProject(config, texts)
        return runIntent(project, workplace, intentOf(project, options))
      }
      return withSession(workplace, 'run', async (session) => {
        const done = await outcomeIfUpToDate(session, config, texts)
        if (done !== null) return done
        const project = await openProject(config, texts)
        return runIntentOn(session, project, workplace, intentOf(project, options))
      })
    }),
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

function intentOf(
  project: Project,
  options: RunOptions & { readonly target?: string | undefined; readonly newHistory?: boolean | undefined },
): RunIntent {
  const target = options.target ?? 'head'
  return {
    command: typedAs('upgrade', options.target, options),
    options,
    newHistory: options.newHistory,
    validate: (session, book) => assertRunnable(session, project, book, options, 'up'),
    planUpToDate: options.resume === true ? undefined : (standing) => planUpgrade(standing, target),
    plan: (standing, book) => {
      if (options.resume !== true) return planUpgrade(standing, target)
      const begun = unfinished(book.history).map(({ revision }) => revision)
      return planResumed(planUpgrade(without(standing, begun), target), begun)
    },
  }
}
