// A text that Knex would send otherwise than its author wrote it.

import { excerpt, shownOfStatement } from '../core/render/excerpt.js'
import type { Session } from '../session/session.js'
import type { Query } from './dialect.js'
import { refusal } from './refusal.js'

/** @throws MigrationError `migration.failed`: what Knex would store otherwise than it is written */
export function assertUndamaged({ engine }: Session, query: Query | string): void {
  const { sql, bindings = [] } = typeof query === 'string' ? { sql: query } : query
  if (engine.statements.isDamaged(sql, bindings.length))
    throw refusal(
      'Knex takes each ? for a placeholder, in quotes too, and would write $1 and so on into a literal or a name.',
      'Write \\\\? for a question mark that is none, or bind the text as a value.',
      `  ${excerpt(sql, shownOfStatement)}`,
    )
}
