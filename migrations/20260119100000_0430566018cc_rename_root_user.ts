/** rename the root user */
import type { Knex } from 'knex'

export const revision = '0430566018cc'
export const downRevision = 'dce8812d7b6f'

export async function up(knex: Knex): Promise<void> {
  await knex('users').where({ email: 'root@example.org' }).update({ name: 'admin' })
}

export async function down(knex: Knex): Promise<void> {
  await knex('users').where({ email: 'root@example.org' }).update({ name: 'root' })
}
