// Knex's own migrations, in TypeScript (read by tsx) and in JavaScript.

import { stamp, type Link } from '../chain.js'
import { environmentOf, type EngineName } from '../databases/database.js'
import { packageVersion, repository } from '../packages.js'
import { nodeCommand } from '../process.js'
import { writeProjectFiles, type Project } from '../project.js'
import { missingPackages, type Tool, type Verb } from './tool.js'

export const knexTypeScript = knex({
  name: 'knex',
  label: 'Knex, TypeScript',
  extension: 'ts',
  loader: ['--import', 'tsx'],
})
export const knexJavaScript = knex({ name: 'knex-js', label: 'Knex, JavaScript', extension: 'js', loader: [] })

interface Flavour {
  readonly name: string
  readonly label: string
  readonly extension: 'ts' | 'js'
  readonly loader: readonly string[]
}

function knex({ name, label, extension, loader }: Flavour): Tool {
  return {
    name,
    label,
    engines: ['sqlite', 'postgres'],
    missing: () => missingPackages('knex', 'tsx'),
    version: () => packageVersion('knex'),
    write(project, chain, { engine }) {
      writeProjectFiles(project, 'commonjs')
      project.write(`knexfile.${extension}`, knexfile(engine, extension))
      for (const link of chain) writeMigration(project, link, extension)
    },
    command: (verb, _project, database) =>
      nodeCommand(
        [...loader, `${repository}/node_modules/knex/bin/cli.js`, ...argumentsOf[verb]],
        database === null ? {} : environmentOf(database),
      ),
  }
}

const argumentsOf: Readonly<Record<Verb, readonly string[]>> = {
  version: ['--version'],
  help: ['--help'],
  'command-help': ['migrate:latest', '--help'],
  status: ['migrate:list'],
  'no-op': ['migrate:latest'],
  apply: ['migrate:latest'],
  revert: ['migrate:down'],
}

function knexfile(engine: EngineName, extension: 'ts' | 'js'): string {
  const client =
    engine === 'sqlite'
      ? `client: 'better-sqlite3',
  connection: { filename: process.env.DATABASE_FILE },
  useNullAsDefault: true,`
      : `client: 'pg',
  connection: process.env.DATABASE_URL,`
  const body = `{
  ${client}
  migrations: { directory: './migrations', extension: '${extension}' },
}
`
  if (extension === 'js') return `module.exports = ${body}`
  return `import type { Knex } from 'knex'

const config: Knex.Config = ${body}
export default config
`
}

function writeMigration(project: Project, link: Link, extension: 'ts' | 'js'): void {
  const body = extension === 'ts' ? typeScript(link) : javaScript(link)
  project.write(`migrations/${stamp(link)}_${link.slug}.${extension}`, body)
}

function typeScript(link: Link): string {
  return `import type { Knex } from 'knex'

${functions(link)}`
}

/** What mig runs as well. */
export function functions({ table }: Link): string {
  return `export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('${table}', (table) => {
    table.integer('id').primary()
    table.integer('quantity').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('${table}')
}
`
}

function javaScript({ table }: Link): string {
  return `exports.up = async function (knex) {
  await knex.schema.createTable('${table}', (table) => {
    table.integer('id').primary()
    table.integer('quantity').notNullable()
  })
}

exports.down = async function (knex) {
  await knex.schema.dropTable('${table}')
}
`
}
