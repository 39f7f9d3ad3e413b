// Watches how long a migration takes: tells whom it waits for, that it is still at work, and when its time is over.

import { MigrationError } from '../core/errors.js'
import { revisionTitle } from '../core/graph/revision.js'
import type { OtherSession } from '../engines/contract/activity.js'
import { describeOther } from '../session/second-connection.js'
import type { Trace } from './step-state.js'
import type { Run } from './run.js'
import { excerpt, shownOfStatement } from '../core/render/excerpt.js'
import { noteOthers } from './tally.js'

export interface TimeWatch {
  /** Aborted with a MigrationError when the migration has used up its time; null when that has no end. */
  readonly expired: AbortSignal | null
  readonly stop: () => void
}

const lookEveryMs = 1000
/** So long between two statements, and whoever waits for the migration may wait for ever. */
const longIdleMs = 3000
const firstLineMs = 60_000
const nextLineMs = 300_000
/** Of Node: a longer one would end at once. */
const longestTimerMs = 2 ** 31 - 1

export function watchTime(run: Run, trace: Trace): TimeWatch {
  const { timeoutMs } = run
  const expired = timeoutMs === null ? null : new AbortController()
  const started = performance.now()
  let nextLine = firstLineMs
  let told = ''
  let others: Record<'blockers' | 'waiters', readonly OtherSession[]> = { blockers: [], waiters: [] }
  let looking: Promise<void> | null = null
  let idleSinceMs = started
  let idleAfter = -1

  async function look(): Promise<void> {
    const { current, statements } = trace
    const now = performance.now()
    if (current !== null || statements !== idleAfter) [idleSinceMs, idleAfter] = [now, statements]
    const waitedMs = current === null ? 0 : now - current.sinceMs
    if (waitedMs >= lookEveryMs) {
      const blockers = await run.aside.blockers()
      if (trace.current === current) note({ blockers })
    }
    const waiters = now - idleSinceMs >= longIdleMs ? await run.aside.waiters() : []
    note({ waiters: trace.current === null ? waiters : [] })
    report(waitedMs)
  }

  function note(found: Partial<typeof others>): void {
    others = { ...others, ...found }
    noteOthers(trace, others.blockers.map(describeOther), others.waiters.map(describeOther))
  }

  function report(waitedMs: number): void {
    const { blockers, waiters, work } = trace
    // Not their words: these say for how long.
    const seen = [...others.blockers, ...others.waiters].map(({ session }) => session).join()
    const elapsedMs = performance.now() - started
    if ((seen === '' || seen === told) && elapsedMs < nextLine) return
    told = seen
    if (elapsedMs >= nextLine) nextLine += nextLineMs
    const sql = trace.current?.sql ?? null
    run.report({ kind: 'still-running', step: work.step, elapsedMs, sql, waitedMs, blockers, waiters })
  }

  const lookTimer = setInterval(() => {
    looking ??= look().finally(() => (looking = null))
  }, lookEveryMs)
  lookTimer.unref()
  const endTimer =
    timeoutMs === null || timeoutMs > longestTimerMs
      ? undefined
      : setTimeout(() => expired?.abort(tooLong(trace, timeoutMs)), timeoutMs)
  return {
    expired: expired?.signal ?? null,
    stop: () => {
      clearInterval(lookTimer)
      clearTimeout(endTimer)
    },
  }
}

function tooLong({ work, current, blockers, waiters }: Trace, timeoutMs: number): MigrationError {
  const { revision, path } = work.step.revision
  const what = current === null ? 'between two statements' : 'in the midst of a statement'
  return new MigrationError(
    'migration.timeout',
    `${revisionTitle(work.step.revision)} took longer than ${timeoutMs / 1000} s and was stopped ${what}.${blockers.length === 0 ? '' : ` It waited for ${blockers.join('; ')}.`}${waiters.length === 0 ? '' : ` Waiting for it: ${waiters.join('; ')}.`}`,
    {
      hint:
        waiters.length > 0
          ? `If ${path} opened that connection itself, each waits for the other: use the Knex that \`${work.step.direction}\` is given. What another one does is not rolled back.`
          : 'Find what it waited for, or allow more: --timeout SECONDS.',
      ...(current !== null && { detail: `  ${excerpt(current.sql, shownOfStatement)}` }),
      revision,
      path,
    },
  )
}
