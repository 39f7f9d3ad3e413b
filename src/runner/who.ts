// Who runs: the user and the machine, for the history and for those who wait.

import { hostname, userInfo } from 'node:os'

/** user@host */
export function whoRuns(): string {
  return `${userName()}@${hostname()}`
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
