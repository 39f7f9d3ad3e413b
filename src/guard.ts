// Guard: is this database ready for this build? For an application's start and health check: it reads, and nothing else.

import type { Knex } from 'knex'

export interface GuardOptions {
  /** Revisions that this build needs, as `mig heads` shows them. All of them must be applied. */
  readonly needs: readonly string[]
  /** As in mig.config.ts. Default: `mig_history`. */
  readonly historyTable?: string
  /** As in mig.config.ts. Default: the connection's own. */
  readonly historySchema?: string
}

export interface Readiness {
  /** True when everything that is needed is applied, and nothing is left unfinished. */
  readonly ready: boolean
  /** What is needed and not applied. */
  readonly missing: readonly string[]
  /** Migrations that are running now, or stopped in the middle. */
  readonly unfinished: readonly string[]
}

/**
 * Asks the database of `knex` whether it has what a build needs, in one query. A database that is further than the build
 * is ready: an older instance may go on while a newer one is deployed. A database without a history table has nothing
 * applied. Throws what the driver throws.
 */
export async function readiness(knex: Knex, { needs, historyTable, historySchema }: GuardOptions): Promise<Readiness> {
  const states = await readStates(knex, historyTable ?? 'mig_history', historySchema)
  const missing = needs.filter((revision) => states.get(revision) !== 'applied')
  const unfinished = [...states].filter(([, state]) => state !== 'applied').map(([revision]) => revision)
  return { ready: missing.length === 0 && unfinished.length === 0, missing, unfinished }
}

async function readStates(knex: Knex, table: string, schema: string | undefined): Promise<ReadonlyMap<string, string>> {
  try {
    const query = knex.select<{ revision: string; state: string }[]>('revision', 'state').from(table)
    const rows = await (schema === undefined ? query : query.withSchema(schema))
    return new Map(rows.map(({ revision, state }) => [revision, state]))
  } catch (error) {
    if (isMissingTable(error)) return new Map()
    throw error
  }
}

/** PostgreSQL 42P01, MySQL 1146, SQLite "no such table". */
function isMissingTable(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message?: string }
  return code === '42P01' || code === 'ER_NO_SUCH_TABLE' || /no such table/i.test(message ?? '')
}
