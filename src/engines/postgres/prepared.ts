// PostgreSQL: statements of mig that a run sends once for each migration. Prepared, the server reads and plans them once.

import type { Client, QueryResult } from 'pg'

export interface Prepared {
  /** `text` has `$1`, `$2`, …; it must ask for the same columns each time. */
  query(text: string, values: readonly unknown[]): Promise<QueryResult<Record<string, unknown>>>
  /** The session may have lost what was prepared in it: it is prepared anew. */
  forget(): void
}

/** The server's word for a name that it does not know (manual, appendix A). */
const unknownName = '26000'

export function createPrepared(client: Client): Prepared {
  const names = new Map<string, string>()
  let count = 0
  function nameOf(text: string): string {
    const known = names.get(text)
    if (known !== undefined) return known
    const name = `mig_${++count}`
    names.set(text, name)
    return name
  }
  return {
    // The driver remembers each name for good: a forgotten one is never used again.
    forget: () => names.clear(),
    async query(text, values) {
      try {
        return await client.query<Record<string, unknown>>({ name: nameOf(text), text, values: [...values] })
      } catch (error) {
        if ((error as { readonly code?: string }).code !== unknownName) throw error
        names.clear()
        throw forgotten(error)
      }
    },
  }
}

/** A function that a migration calls can do that unseen. All is rolled back, and succeeds when it is tried again: so is its code. */
function forgotten(cause: unknown): Error {
  const error = new Error('the session lost the statements that mig had prepared in it (DEALLOCATE or DISCARD)', {
    cause,
  })
  return Object.assign(error, { code: '40001' })
}
