/** index user emails, without stopping writes where the engine can */
import type { Knex } from 'knex'
import type { MigrationContext } from 'knex-mig'

export const revision = '0501ccd1d98c'
export const downRevision = '0430566018cc'

// PostgreSQL builds an index concurrently only outside of a transaction.
export const transaction = false

export async function up(knex: Knex, { engine }: MigrationContext): Promise<void> {
  if (engine === 'postgres') await knex.raw('create index concurrently users_email_index on users (email)')
  else await knex.schema.alterTable('users', (table) => table.index(['email'], 'users_email_index'))
}

export async function down(knex: Knex, { engine }: MigrationContext): Promise<void> {
  if (engine === 'postgres') await knex.raw('drop index concurrently users_email_index')
  else await knex.schema.alterTable('users', (table) => table.dropIndex(['email'], 'users_email_index'))
}
