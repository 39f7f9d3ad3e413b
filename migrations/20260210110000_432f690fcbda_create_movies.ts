/** create movies */
import type { Knex } from 'knex'

export const revision = '432f690fcbda'
export const downRevision = 'e2d4eecb1841'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('movies', (table) => {
    table.increments('id')
    table.string('title').notNullable()
    table.integer('owner_id').unsigned().notNullable().references('users.id').onDelete('CASCADE')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('movies')
}
