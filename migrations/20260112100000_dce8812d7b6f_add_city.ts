/** add city to users */
import type { Knex } from 'knex'

export const revision = 'dce8812d7b6f'
export const downRevision = 'f1be62155239'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => {
    table.string('city')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => {
    table.dropColumn('city')
  })
}
