// A transaction of the migration's own, with a savepoint that it rolls back and a failure that it lets pass: killed before and
// after every statement.

import { engineNamed } from '../support/engines.js'
import { killEverywhere } from './support/kill-everywhere.js'
import { inItsOwn } from './support/matrix.js'

const own = { migrations: [inItsOwn], directions: ['upgrade'] } as const

await killEverywhere('A21 SQLite', { engine: engineNamed('sqlite'), ...own })
await killEverywhere('A21 PostgreSQL', { engine: engineNamed('postgres'), ...own })
await killEverywhere('A21 MySQL', { engine: engineNamed('mysql'), ...own })
