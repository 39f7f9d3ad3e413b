// Alembic, where it is installed: it comes from Python's package index, not from npm.

import { spawnSync } from 'node:child_process'

import { findProgram } from '../../test/support/servers/server.js'
import { stamp, type Link } from '../chain.js'
import type { Database } from '../databases/database.js'
import type { Tool, Verb } from './tool.js'

export const alembic: Tool = {
  name: 'alembic',
  label: 'Alembic',
  engines: ['sqlite', 'postgres'],
  missing: () => (program() === undefined ? 'alembic is not on the PATH: pip install alembic psycopg2-binary' : null),
  version: () =>
    spawnSync(program() ?? '', ['--version'], { encoding: 'utf8' })
      .stdout.trim()
      .split(' ')
      .at(-1) ?? '',
  write(project, chain) {
    project.write('alembic.ini', '[alembic]\nscript_location = alembic\n')
    project.write('alembic/env.py', environment)
    project.write('alembic/script.py.mako', '')
    for (const link of chain) project.write(`alembic/versions/${stamp(link)}_${link.slug}.py`, migration(link))
  },
  command: (verb, _project, database) => ({
    program: program() ?? '',
    args: argumentsOf[verb],
    env: database === null ? {} : { DATABASE_URL: urlOf(database) },
  }),
}

const argumentsOf: Readonly<Record<Verb, readonly string[]>> = {
  version: ['--version'],
  help: ['--help'],
  'command-help': ['upgrade', '--help'],
  status: ['current'],
  'no-op': ['upgrade', 'head'],
  apply: ['upgrade', 'head'],
  revert: ['downgrade', '-1'],
}

function program(): string | undefined {
  return findProgram(['alembic'])
}

function urlOf({ engine, name, url }: Database): string {
  return engine === 'sqlite' ? `sqlite:///${name}` : url.replace('postgres:', 'postgresql:')
}

/** What `alembic init` writes, without its comments; one transaction for each migration, as mig has it. */
const environment = `import os

from alembic import context
from sqlalchemy import create_engine, pool

connectable = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)

with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
`

function migration({ revision, parent, slug, table }: Link): string {
  return `"""${slug.replaceAll('_', ' ')}"""

import sqlalchemy as sa
from alembic import op

revision = "${revision}"
down_revision = ${parent === null ? 'None' : `"${parent}"`}
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "${table}",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
    )


def downgrade():
    op.drop_table("${table}")
`
}
