// dbmate: plain SQL, run by a program that is no Node program.

import { join } from 'node:path'

import { stamp, type Link } from '../chain.js'
import type { Database } from '../databases/database.js'
import { packageFolder, packageVersion } from '../packages.js'
import { missingPackages, type Tool, type Verb } from './tool.js'

export const dbmate: Tool = {
  name: 'dbmate',
  label: 'dbmate, SQL',
  engines: ['sqlite', 'postgres'],
  missing: () => missingPackages(binaries),
  version: () => packageVersion(binaries),
  write(project, chain) {
    for (const link of chain) project.write(`db/migrations/${stamp(link)}_${link.slug}.sql`, migration(link))
  },
  command(verb, _project, database) {
    const args = argumentsOf[verb]
    if (args === null) return null
    const env: Record<string, string> = database === null ? {} : { DATABASE_URL: urlOf(database) }
    return { program: program(), args: ['--no-dump-schema', ...args], env }
  },
}

const argumentsOf: Readonly<Record<Verb, readonly string[] | null>> = {
  version: ['--version'],
  help: ['--help'],
  'command-help': ['up', '--help'],
  status: ['status'],
  'no-op': ['up'],
  apply: ['up'],
  revert: ['down'],
}

/** The packages that dbmate's own installs on each system; bench/package.json names the one for Linux. */
const binaries = `@dbmate/${process.platform}-${process.arch}`

/** dbmate's npm package starts it with a small Node program; whoever has it without npm does not wait for that. */
function program(): string {
  return join(packageFolder(binaries) ?? '', 'bin', 'dbmate')
}

/** It insists on TLS where nothing else is said. */
function urlOf({ engine, url }: Database): string {
  if (engine === 'sqlite') return url
  const withMode = new URL(url)
  if (!withMode.searchParams.has('sslmode')) withMode.searchParams.set('sslmode', 'disable')
  return withMode.href
}

function migration({ table }: Link): string {
  return `-- migrate:up
create table ${table} (id integer primary key, quantity integer not null);

-- migrate:down
drop table ${table};
`
}
