// What is said when the fence does not hold.

import { LockError } from '../core/errors.js'
import { describePlace } from '../core/place.js'
import type { Session } from '../session/session.js'

/** A migration can free all locks of its session, and mig's with them. */
export function freed({ place }: Session): LockError {
  return new LockError(
    'lock.lost',
    `The lock of ${describePlace(place)} is not held any more: a migration, or somebody else, has freed it.`,
    {
      hint: 'Does the migration free all locks of its session (discard all, pg_advisory_unlock_all, release_all_locks), or was the lock file deleted? Leave the lock of mig alone, and run the command again.',
    },
  )
}

export function overtaken({ place }: Session): LockError {
  return new LockError(
    'lock.lost',
    `Another run has changed the history of ${describePlace(place)} meanwhile. The migration at hand was not recorded.`,
    { hint: 'Run the command again.' },
  )
}
