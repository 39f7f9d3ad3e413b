// PostgreSQL: killed before and after every statement.

import { engineNamed } from '../support/engines.js'
import { killEverywhere } from './support/kill-everywhere.js'
import { concurrentIndex, threeMigrations } from './support/matrix.js'

await killEverywhere('A1 A2 A4 A5 A10 A12 PostgreSQL', {
  engine: engineNamed('postgres'),
  migrations: [...threeMigrations, concurrentIndex],
})
