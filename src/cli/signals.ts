// Signals: the first stops the run in order, the second ends the process at once.

import { InterruptedError } from '../core/errors.js'

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface Signals {
  readonly signal: AbortSignal
  /** Stops the run as a signal would, with another reason. */
  readonly stop: (reason: Error) => void
  /** Takes the handlers away again, once those are there that the caller sets up now: without any the process would die. */
  readonly release: () => void
}

/** From now on a signal ends the process with the code that it ends with anyway. */
export function endWith(code: number): void {
  for (const name of names) process.on(name, () => process.exit(code))
}

export function catchSignals(): Signals {
  const controller = new AbortController()
  const handlers = names.map((name) => {
    const handler = () => {
      const error = new InterruptedError(name)
      if (controller.signal.aborted) process.exit(error.exitCode)
      controller.abort(error)
    }
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    release: () => void setImmediate(() => handlers.forEach((remove) => remove())),
  }
}
