// What an engine needs around the transactions of mig: done once for several that follow each other.

import type { Session } from '../session/session.js'

export interface Around {
  /** Before a transaction. Answers what the engine is handed in it. */
  enter(): Promise<unknown>
  /** Before whatever is no such transaction, and after one that failed. Never throws: the connection may be gone. */
  leave(): Promise<void>
}

export function openAround({ engine, connection }: Session): Around {
  let open: { readonly before: unknown } | null = null
  return {
    async enter() {
      const before = await engine.transaction.before(connection, open?.before ?? null)
      open = { before }
      return before
    },
    async leave() {
      if (open === null) return
      const { before } = open
      open = null
      await engine.transaction.after(connection, before).catch(() => undefined)
    },
  }
}
