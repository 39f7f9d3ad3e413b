// Named steps of a migration without a transaction: killed before and after every statement.

import { table } from '../runner/workbench.js'
import { engineNamed } from '../support/engines.js'
import { killEverywhere } from './support/kill-everywhere.js'
import { inSteps } from './support/matrix.js'

const people = table('person', {
  up: `  await knex.schema.createTable('person', (t) => { t.integer('id'); t.string('name'); t.integer('age') })`,
})

await killEverywhere('A10 A12 PostgreSQL in named steps', {
  engine: engineNamed('postgres'),
  migrations: [people, inSteps],
})
