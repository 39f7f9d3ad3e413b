// Behind a pooler a session belongs to whoever comes next: what a migration would leave in it is refused before it is sent.

import { MigrationError } from '../core/errors.js'
import type { Step } from '../core/graph/plan.js'
import { shortened } from '../core/sql/sql.js'

/**
 * `left`: what a statement leaves in its session, in words; null: nothing.
 * @throws MigrationError `migration.needs-own-session`
 */
export function assertHarmlessBehindPooler(
  { revision: { revision, path } }: Step,
  sql: string,
  left: string | null,
): void {
  if (left === null) return
  throw new MigrationError(
    'migration.needs-own-session',
    `${revision} (${path}) has a statement that leaves ${left} in its session, and a pooler gives that session to others. It was not sent.`,
    {
      hint: `${within[left] ?? ''}Run it over a direct connection to the server, past the pooler: mig upgrade ${revision} --database-url '<url of the server>'`,
      detail: `  ${shortened(sql)}`,
      revision,
      path,
    },
  )
}

/** What ends with the transaction instead. */
const within: Readonly<Record<string, string>> = {
  'a setting': 'Inside a transaction `set local` ends with it, and so does set_config(…, …, true). ',
  'a temporary object': 'Inside a transaction `on commit drop` ends with it. ',
  'an advisory lock': 'Inside a transaction pg_advisory_xact_lock ends with it. ',
}
