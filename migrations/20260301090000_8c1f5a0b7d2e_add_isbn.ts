/** add isbn to books */
import type { Knex } from 'knex'

export const revision = '8c1f5a0b7d2e'
export const downRevision = '432f690fcbda'
export const branchLabels = ['library']

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('books', (table) => {
    table.string('isbn', 13)
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('books', (table) => {
    table.dropColumn('isbn')
  })
}
