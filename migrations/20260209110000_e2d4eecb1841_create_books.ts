/** create books */
import type { Knex } from 'knex'

export const revision = 'e2d4eecb1841'
export const downRevision = '0501ccd1d98c'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('books', (table) => {
    table.increments('id')
    table.string('title').notNullable()
    table.integer('owner_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('books')
}
