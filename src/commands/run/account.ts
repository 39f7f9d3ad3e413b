// Keeps account of a run, so that an error can say what was done before it and where the database stands.

import { MigError } from '../../core/errors.js'
import type { Listener } from '../../core/event.js'
import type { AttemptedStep } from '../../core/failed-run.js'
import type { RevisionGraph } from '../../core/graph/graph.js'
import { headsAfter } from '../../core/graph/history.js'
import type { Plan, Step } from '../../core/graph/plan.js'
import type { Place } from '../../core/place.js'
import type { Book } from '../../history/book.js'
import { planned } from './outcome.js'

export interface Account {
  readonly listener: Listener
  /** What was decided, before anything of it is done. */
  decided(plan: Plan, book: Book): void
  /** Adds what is known to an error that ends the run. */
  addTo(error: unknown, place: Place): void
}

export function keepAccount(graph: RevisionGraph): Account {
  const done = new Set<Step>()
  let failed: Step | null = null
  let decision: { readonly plan: Plan; readonly book: Book } | null = null
  return {
    listener: (event) => {
      if (event.kind === 'step-finished') done.add(event.step)
      if (event.kind === 'step-failed') failed = event.step
    },
    decided: (plan, book) => (decision = { plan, book }),
    addTo(error, place) {
      if (!(error instanceof MigError) || decision === null) return
      const { plan, book } = decision
      const left = leftOf(error)
      const isThere = (step: Step) =>
        done.has(step) || (step === failed && left === 'unfinished' && step.direction === 'up')
      error.run = {
        place,
        from: plan.from,
        to: left === 'unknown' ? null : headsAfter(graph, book.history, plan.steps.filter(isThere)),
        steps: plan.steps.map((step) => ({ ...planned(step), state: stateOf(step) })),
      }

      function stateOf(step: Step): AttemptedStep['state'] {
        return done.has(step) ? 'done' : step === failed ? left : 'pending'
      }
    },
  }
}

/** What is left of the step that an error ended. */
function leftOf({ code }: MigError): 'failed' | 'unfinished' | 'unknown' {
  if (code === 'partial.outcome-unknown') return 'unknown'
  return code.startsWith('partial.') ? 'unfinished' : 'failed'
}
