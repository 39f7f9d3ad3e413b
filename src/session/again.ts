// What mig writes itself is tried again where it only met somebody else.

import { setTimeout as sleep } from 'node:timers/promises'
import { pauseAfter } from './back-off.js'
import type { Connection } from '../engines/contract/connection.js'
import type { Engine } from '../engines/contract/engine.js'

const tries = 5
const pace = { firstMs: 100 }

/**
 * What mig writes itself, outside of a migration's transaction, is tried again when it only met another transaction: on
 * a Galera cluster that happens to anybody, also at the commit.
 */
export async function again<T>({ engine }: { readonly engine: Engine }, write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (engine.describe(error).kind !== 'serialization' || attempt >= tries) throw error
      await sleep(pauseAfter(attempt, pace))
    }
  }
}

/**
 * The connection of a cluster: there any statement may lose against one of another node, a `select` against a `create table`
 * too, and is told so by an error of deadlocks. Outside of a transaction it has left nothing then, and is sent again.
 * Galera documentation, "Certification-Based Replication".
 */
export function sendingAgain(engine: Engine, connection: Connection): Connection {
  const query: Connection['query'] = async (sql, values) => {
    const isAlone = (await connection.transactionStatus()) === 'none'
    return isAlone ? again({ engine }, () => connection.query(sql, values)) : connection.query(sql, values)
  }
  return Object.create(connection, { query: { value: query } }) as Connection
}
