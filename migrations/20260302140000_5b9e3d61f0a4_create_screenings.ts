/** create screenings */
import type { Knex } from 'knex'

export const revision = '5b9e3d61f0a4'
export const downRevision = '432f690fcbda'
export const branchLabels = ['cinema']

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('screenings', (table) => {
    table.increments('id')
    table.integer('movie_id').unsigned().notNullable().references('movies.id').onDelete('CASCADE')
    table.dateTime('starts_at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('screenings')
}
