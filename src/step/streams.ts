// Streams that are being read, and what is sent beside them by the same connection: the driver sends it when their last row
// has come. A stream stands still when whoever reads it waits for that: then neither would ever end.

import type { Readable } from 'node:stream'
import { MigrationError } from '../core/errors.js'
import { excerpt, shownOfStatement } from '../core/render/excerpt.js'
import type { Session } from '../session/session.js'
import { currentCaller } from './caller.js'

export interface Streams {
  /** A stream that a connection of the driver has begun to fill. */
  opened(raw: unknown, sql: string, stream: Readable): void
  /** Sends something by that connection. @throws MigrationError `migration.failed` when a stream stands still before it */
  behind<T>(raw: unknown, send: () => Promise<T>): Promise<T>
}

interface Open {
  readonly sql: string
  readonly stream: Readable
  movedMs: number
}

const checkMs = 250
const stillMs = 1500

export function watchStreams({ connection }: Session): Streams {
  const open = new Map<unknown, Set<Open>>()
  return {
    opened(raw, sql, stream) {
      const each: Open = { sql, stream, movedMs: performance.now() }
      const push = stream.push.bind(stream)
      stream.push = (...row) => {
        each.movedMs = performance.now()
        return push(...row)
      }
      const of = open.get(raw) ?? new Set()
      open.set(raw, of.add(each))
      stream.once('close', () => of.delete(each))
    },
    async behind(raw, send) {
      const of = open.get(raw)
      if (of === undefined || of.size === 0) return send()
      const watch = watchStill(of)
      const sent = send()
      sent.catch(() => undefined)
      try {
        return await Promise.race([sent, watch.still])
      } catch (error) {
        if (watch.found !== null) await connection.cancel().catch(() => undefined)
        throw error
      } finally {
        watch.stop()
      }
    },
  }
}

function watchStill(of: ReadonlySet<Open>) {
  let timer: NodeJS.Timeout | undefined
  const watch = {
    found: null as Open | null,
    still: new Promise<never>((_resolve, reject) => {
      timer = setInterval(() => {
        const now = performance.now()
        const found = [...of].find(({ stream, movedMs }) => stream.readableLength > 0 && now - movedMs > stillMs)
        if (found === undefined) return
        watch.found = found
        const error = standsStill(found.sql)
        found.stream.destroy(error)
        // Knex writes the statement into the message of what is thrown: ours travels as the cause, and stays as it is.
        reject(new Error(error.message, { cause: error }))
      }, checkMs)
    }),
    stop: () => clearInterval(timer),
  }
  return watch
}

function standsStill(sql: string): MigrationError {
  const revision = currentCaller()?.work.step.revision
  return new MigrationError(
    'migration.failed',
    `${revision === undefined ? 'A migration' : `${revision.revision} (${revision.path})`} reads a stream and waits for another query before it reads on. Both have one connection, and the query can only be sent when the last row was read.`,
    {
      hint: 'Read all rows first (`await knex(…)`), or in parts of some thousand. Without a transaction (`export const transaction = false`) a stream has a connection for itself.',
      detail: `  ${excerpt(sql, shownOfStatement)}`,
      ...(revision !== undefined && { revision: revision.revision, path: revision.path }),
    },
  )
}
