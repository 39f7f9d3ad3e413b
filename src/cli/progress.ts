// Events of a run → lines as they happen; on a terminal, with a spinner for the step at hand.

import type { Spinner } from 'yocto-spinner'
import type { Listener, MigEvent } from '../core/event.js'
import type { Plan, Step } from '../core/graph/plan.js'
import { describePlace } from '../core/place.js'
import { fitWidth } from '../core/render/columns.js'
import { formatDuration } from '../core/render/duration.js'
import { formatSteps } from '../commands/run/format.js'
import { formatDiagnostic } from './print.js'
import { safe, type Terminal } from './terminal.js'

export interface Progress {
  readonly listener: Listener
  /** Takes a spinner away, whatever happened. */
  readonly stop: () => void
}

/** For `--json` and `--quiet`, and commands that only look. */
export const silent: Progress = { listener: () => undefined, stop: () => undefined }

export async function openProgress(terminal: Terminal, verbose: boolean): Promise<Progress> {
  const { style, isInteractive, out } = terminal
  const spinner: Spinner | null = isInteractive
    ? (await import('yocto-spinner')).default({ stream: process.stdout, handleSignals: false })
    : null
  const line = (text: string) => out(text)
  const tell = (event: MigEvent): void => {
    switch (event.kind) {
      case 'database':
        return line(style.dim(safe(describePlace(event.place))))
      case 'connecting':
        return connecting(event)
      case 'waiting':
        return wait(event)
      case 'still-running':
        spinner?.stop()
        line(style.yellow(safe(`  ${stillRunning(event)}`)))
        return void spinner?.start()
      case 'plan':
        return event.plan.steps.length === 0 ? undefined : line(formatPlan(event.plan, terminal))
      case 'step-started':
        return void spinner?.start(fitWidth(safe(title(event.step)), style.width - 4))
      case 'step-finished':
        spinner?.stop()
        return line(formatStep(event.step, event.durationMs, true, terminal))
      case 'step-failed':
        spinner?.stop()
        return line(formatStep(event.step, event.durationMs, false, terminal))
      case 'retrying':
        spinner?.stop()
        line(style.yellow(safe(`  ${event.reason}: rolled back, trying again (${event.attempt} of ${event.of})`)))
        for (const blocker of event.blockers) line(style.yellow(safe(`  it waited for ${blocker}`)))
        return void spinner?.start()
      case 'statement':
        return verbose
          ? line(
              style.dim(
                `  ${event.failed ? 'failed ' : ''}${formatDuration(event.durationMs).padStart(8)}  ${safe(event.sql)}`,
              ),
            )
          : undefined
      case 'log':
        return line(`  ${safe(event.message)}`)
      case 'remark':
        return terminal.err(formatDiagnostic(event.diagnostic, style))
    }
  }
  let isToldOnce = false
  function connecting({ reason, leftMs }: Extract<MigEvent, { kind: 'connecting' }>): void {
    const text = `${reason} Trying for ${Math.ceil(leftMs / 1000)} s.`
    if (spinner !== null) {
      spinner.text = fitWidth(safe(text), style.width - 4)
      spinner.start()
    } else if (!isToldOnce) line(safe(text))
    isToldOnce = true
  }
  let lastHolder: string | null | undefined
  function wait({ holder, waitedMs }: Extract<MigEvent, { kind: 'waiting' }>): void {
    const text = `Waiting for another run: ${holder ?? 'its holder is not known'}`
    if (spinner === null) {
      if (lastHolder === undefined || lastHolder !== holder) line(safe(text))
    } else {
      spinner.text = fitWidth(safe(`${text}, ${formatDuration(waitedMs)}`), style.width - 4)
      spinner.start()
    }
    lastHolder = holder
  }
  return {
    listener: (event) => {
      if (event.kind === 'plan' || event.kind === 'database') spinner?.stop()
      tell(event)
    },
    stop: () => void spinner?.stop(),
  }
}

function stillRunning(event: Extract<MigEvent, { kind: 'still-running' }>): string {
  const { step, elapsedMs, sql, waitedMs, blockers, waiters } = event
  const statement = sql === null ? '' : `: ${sql.replace(/\s+/g, ' ').slice(0, 100)}`
  if (blockers.length > 0) return `waiting for ${blockers.join('; ')}${statement}`
  if (waiters.length > 0)
    return `between two statements, and waiting for it: ${waiters.join('; ')}. If ${step.revision.path} opened that connection itself, each waits for the other: use the Knex that \`${step.direction}\` is given`
  return `still running after ${formatDuration(elapsedMs)}${sql === null ? ', between two statements' : `, ${formatDuration(waitedMs)} at${statement}`}`
}

function formatPlan({ steps }: Plan, { style }: Terminal): string {
  const count = `${steps.length} ${steps.length === 1 ? 'revision' : 'revisions'}`
  const [first] = steps
  const doing =
    first?.run === false
      ? `Marking ${count}`
      : first?.direction === 'down'
        ? `Taking down ${count}`
        : `Applying ${count}`
  const listed = formatSteps(
    steps.map(({ direction, revision }) => ({
      direction,
      revision: revision.revision,
      message: safe(revision.message),
      path: revision.path,
    })),
    style,
  )
  return [`${doing}:`, ...listed, ''].join('\n')
}

function formatStep(step: Step, durationMs: number, succeeded: boolean, { style }: Terminal): string {
  const signs = style.unicode ? { done: '✓', failed: '✗' } : { done: 'ok', failed: 'x' }
  const sign = succeeded ? style.green(signs.done) : style.red(signs.failed)
  const time = formatDuration(durationMs)
  return `${sign} ${fitWidth(safe(title(step)), style.width - time.length - 6)}  ${style.dim(time)}`
}

function title({ direction, revision }: Step): string {
  return `${direction === 'up' ? '' : 'down '}${revision.revision}  ${revision.message.split('\n')[0] ?? ''}`
}
