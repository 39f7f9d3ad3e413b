// node-pg-migrate, with TypeScript migrations, which it reads itself.

import { join } from 'node:path'

import { stamp, type Link } from '../chain.js'
import { environmentOf } from '../databases/database.js'
import { packageFolder, packageVersion } from '../packages.js'
import { nodeCommand } from '../process.js'
import { writeProjectFiles } from '../project.js'
import { missingPackages, type Tool, type Verb } from './tool.js'

export const nodePgMigrate: Tool = {
  name: 'node-pg-migrate',
  label: 'node-pg-migrate',
  engines: ['postgres'],
  missing: () => missingPackages('node-pg-migrate'),
  version: () => packageVersion('node-pg-migrate'),
  write(project, chain) {
    writeProjectFiles(project, 'module')
    for (const link of chain) project.write(`migrations/${stamp(link)}_${link.slug}.ts`, migration(link))
  },
  command(verb, _project, database) {
    const args = argumentsOf[verb]
    if (args === null) return null
    const program = join(packageFolder('node-pg-migrate') ?? '', 'bin', 'node-pg-migrate.js')
    return nodeCommand([program, ...args], database === null ? {} : environmentOf(database))
  },
}

const argumentsOf: Readonly<Record<Verb, readonly string[] | null>> = {
  version: ['--version'],
  help: ['--help'],
  'command-help': ['up', '--help'],
  status: null,
  'no-op': ['up'],
  apply: ['up'],
  revert: ['down'],
}

function migration({ table }: Link): string {
  return `import type { MigrationBuilder } from 'node-pg-migrate'

export async function up(pgm: MigrationBuilder): Promise<void> {
  pgm.createTable('${table}', {
    id: { type: 'integer', primaryKey: true },
    quantity: { type: 'integer', notNull: true },
  })
}

export async function down(pgm: MigrationBuilder): Promise<void> {
  pgm.dropTable('${table}')
}
`
}
