// Ends that nobody ordered: a migration that ends the process, never ends itself, or throws where nobody listens.

import { exitCodes } from '../core/codes.js'
import type { Listener, MigEvent } from '../core/event.js'
import { InternalError, InterruptedError, type MigError, PartialError, UnsettledError } from '../core/errors.js'
import type { Step } from '../core/graph/plan.js'
import { revisionTitle } from '../core/graph/revision.js'
import { messageOf } from '../core/thrown.js'
import type { Signals } from './signals.js'

export interface Ends {
  /** To be told what happens, so that it is known what was running. */
  readonly listener: Listener
  /** Takes the hooks away again. */
  readonly release: () => void
}

/** So long a stopped run may take to roll back; then the process ends, and says what is not known. */
const longestEndMs = 7000

/**
 * Watches over a run. `stop` ends it in order, with an error; `tell` prints when there is no time for order, and `endWith` ends
 * the process with an error that it prints.
 */
export function watchEnds(
  { signal, stop }: Signals,
  tell: (text: string) => void,
  endWith: (error: MigError) => void,
): Ends {
  let running: Step | null = null
  const begun: Step[] = []
  const onThrown = (thrown: unknown) => stop(nobodyListened(running, begun, thrown))
  const onExit = (code: number) => {
    if (running === null || signal.aborted || code === exitCodes.internal) return
    tell(
      `${revisionTitle(running.revision)} ended the process, or waits for something that never comes. An open transaction is rolled back by the database; see: mig current`,
    )
    process.exitCode = exitCodes.internal
  }
  /** Of a migration what is left of it can be looked up; whatever else waits, there is nothing to wait for. */
  const onStranded = () => {
    if (running === null || signal.aborted) endWith(neverSettled())
    else stop(waitsForNothing(running))
  }
  let deadline: NodeJS.Timeout | undefined
  const onAbort = () => {
    deadline = setTimeout(() => endWith(unconfirmed(running, signal.reason)), longestEndMs)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  process.on('unhandledRejection', onThrown).on('uncaughtException', onThrown)
  process.on('beforeExit', onStranded).on('exit', onExit)
  return {
    listener: (event) => {
      if (event.kind === 'step-started') begun.push(event.step)
      running = runningAfter(event, running)
    },
    release: () => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', onAbort)
      process.off('unhandledRejection', onThrown).off('uncaughtException', onThrown)
      process.off('beforeExit', onStranded).off('exit', onExit)
    },
  }
}

/** Node ends a process in which nothing can happen any more, whatever is being awaited. */
export function neverSettled(): InternalError {
  return new InternalError(
    'internal.unexpected',
    'The run did not finish: it waits for a promise that never settles.',
    { hint: 'Look for one in the configuration, or in what it imports.' },
  )
}

function waitsForNothing({ revision: { revision, path }, direction }: Step): UnsettledError {
  return new UnsettledError(
    `${direction} of ${revision} (${path}) waits for a promise that never settles, and nothing else is under way.`,
    { hint: `Find it in ${path}, and run the same command again.`, revision, path },
  )
}

/** What can be said of a run that was stopped when the database does not answer. */
function unconfirmed(running: Step | null, reason: unknown): MigError {
  const waited = `${longestEndMs / 1000} s`
  if (running === null && reason instanceof InterruptedError) return reason
  const title = running === null ? 'The run' : revisionTitle(running.revision)
  return new PartialError(
    'partial.outcome-unknown',
    `${title} was stopped, and the database has not confirmed within ${waited} that it was rolled back. The connection is closed: what was open in it is rolled back when the server notices.`,
    {
      hint: 'See where it stands: mig current',
      cause: reason,
      ...(running !== null && { revision: running.revision.revision }),
    },
  )
}

function runningAfter(event: MigEvent, running: Step | null): Step | null {
  if (event.kind === 'step-started') return event.step
  return event.kind === 'step-finished' || event.kind === 'step-failed' ? null : running
}

/** A query that was not awaited fails when the next migration is already at work: the stack knows who sent it. */
function nobodyListened(running: Step | null, begun: readonly Step[], cause: unknown): UnsettledError {
  const stack = cause instanceof Error ? (cause.stack ?? '') : ''
  const thrower = begun.findLast(({ revision }) => stack.includes(revision.path)) ?? running
  const where = thrower === null ? 'the run' : revisionTitle(thrower.revision)
  const when = thrower === running ? '' : ' after it had ended'
  return new UnsettledError(`An error was thrown in ${where}${when} and nobody handled it: ${messageOf(cause)}.`, {
    hint: 'Put `await` before every promise of the migration.',
    ...(thrower !== null && { revision: thrower.revision.revision, path: thrower.revision.path }),
    cause,
  })
}
