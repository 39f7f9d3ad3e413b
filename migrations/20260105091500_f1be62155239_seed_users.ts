/** seed users */
import type { Knex } from 'knex'

export const revision = 'f1be62155239'
export const downRevision = 'c9b52448285b'

const users = [
  { name: 'root', email: 'root@example.org' },
  { name: 'Ada Lovelace', email: 'ada@example.org' },
  { name: 'José Müller', email: 'jose@example.org' },
]

export async function up(knex: Knex): Promise<void> {
  await knex('users').insert(users)
}

export async function down(knex: Knex): Promise<void> {
  await knex('users')
    .whereIn(
      'email',
      users.map(({ email }) => email),
    )
    .delete()
}
