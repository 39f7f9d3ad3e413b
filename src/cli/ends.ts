// Ends that nobody ordered: a migration that ends the process, never ends itself, or throws where nobody listens.

import { exitCodes } from '../core/codes.js'
import type { Listener, MigEvent } from '../core/event.js'
import { MigrationError } from '../core/errors.js'
import type { Step } from '../core/graph/plan.js'
import { revisionTitle } from '../core/graph/revision.js'
import { messageOf } from '../core/thrown.js'

export interface Ends {
  /** To be told what happens, so that it is known what was running. */
  readonly listener: Listener
  /** Takes the hooks away again. */
  readonly release: () => void
}

/** Watches over a run. `stop` ends it in order, with an error; `tell` prints when there is no time for order. */
export function watchEnds(stop: (error: MigrationError) => void, tell: (text: string) => void): Ends {
  let running: Step | null = null
  const onThrown = (thrown: unknown) => stop(nobodyListened(running, thrown))
  const onExit = (code: number) => {
    if (running === null || code === exitCodes.internal) return
    tell(
      `${revisionTitle(running.revision)} ended the process, or waits for something that never comes. An open transaction is rolled back by the database; see: mig current`,
    )
    process.exitCode = exitCodes.internal
  }
  process.on('unhandledRejection', onThrown).on('uncaughtException', onThrown).on('exit', onExit)
  return {
    listener: (event) => {
      running = runningAfter(event, running)
    },
    release: () =>
      void process.off('unhandledRejection', onThrown).off('uncaughtException', onThrown).off('exit', onExit),
  }
}

function runningAfter(event: MigEvent, running: Step | null): Step | null {
  if (event.kind === 'step-started') return event.step
  return event.kind === 'step-finished' || event.kind === 'step-failed' ? null : running
}

function nobodyListened(running: Step | null, cause: unknown): MigrationError {
  const where = running === null ? 'the run' : revisionTitle(running.revision)
  return new MigrationError(
    'migration.failed',
    `An error was thrown in ${where} and nobody handled it: ${messageOf(cause)}. It was rolled back.`,
    {
      hint: 'Put `await` before every promise of the migration.',
      ...(running !== null && { revision: running.revision.revision, path: running.revision.path }),
      cause,
    },
  )
}
