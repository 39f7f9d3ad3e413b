// TypeORM's migrations in TypeScript, with a data source, read by tsx.

import { join } from 'node:path'

import type { Link } from '../chain.js'
import { environmentOf, type EngineName } from '../databases/database.js'
import { packageFolder, packageVersion } from '../packages.js'
import { nodeCommand } from '../process.js'
import { writeProjectFiles } from '../project.js'
import { missingPackages, type Tool, type Verb } from './tool.js'

export const typeorm: Tool = {
  name: 'typeorm',
  label: 'TypeORM',
  engines: ['sqlite', 'postgres'],
  missing: () => missingPackages('typeorm', 'tsx'),
  version: () => packageVersion('typeorm'),
  write(project, chain, { engine }) {
    writeProjectFiles(project, 'commonjs')
    project.write('data-source.ts', dataSource(engine))
    for (const link of chain) project.write(`migrations/${className(link)}.ts`, migration(link))
  },
  command: (verb, _project, database) =>
    nodeCommand(
      ['--import', 'tsx', join(packageFolder('typeorm') ?? '', 'cli.js'), ...argumentsOf[verb]],
      database === null ? {} : environmentOf(database),
    ),
}

const source = ['-d', 'data-source.ts']

const argumentsOf: Readonly<Record<Verb, readonly string[]>> = {
  version: ['--version'],
  help: ['--help'],
  'command-help': ['migration:run', '--help'],
  status: ['migration:show', ...source],
  'no-op': ['migration:run', ...source],
  apply: ['migration:run', ...source],
  revert: ['migration:revert', ...source],
}

function dataSource(engine: EngineName): string {
  const database =
    engine === 'sqlite'
      ? `type: 'better-sqlite3',
  database: process.env.DATABASE_FILE!,`
      : `type: 'postgres',
  url: process.env.DATABASE_URL,`
  return `import 'reflect-metadata'
import { DataSource } from 'typeorm'

export default new DataSource({
  ${database}
  migrations: ['migrations/*.ts'],
})
`
}

/** It reads the time of a migration from the last 13 digits of its class. */
function className({ table, writtenAt }: Link): string {
  return `Create${table.replace('_', '')}_${writtenAt.getTime()}`
}

function migration(link: Link): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm'

export class ${className(link)} implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table "${link.table}" ("id" integer primary key, "quantity" integer not null)')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table "${link.table}"')
  }
}
`
}
