// What mig writes itself is tried again where it only met somebody else.

import { setTimeout as sleep } from 'node:timers/promises'
import { pauseAfter } from '../session/back-off.js'
import type { Session } from '../session/session.js'

const tries = 5
const pace = { firstMs: 100 }

/**
 * What mig writes itself, outside of a migration's transaction, is tried again when it only met another transaction: on
 * a Galera cluster that happens to anybody, also at the commit.
 */
export async function again<T>({ engine }: Session, write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (engine.describe(error).kind !== 'serialization' || attempt >= tries) throw error
      await sleep(pauseAfter(attempt, pace))
    }
  }
}
