// The bare driver: a script that does what no migration tool can do without, in as few statements as there can be.

import { join } from 'node:path'

import { environmentOf } from '../databases/database.js'
import { benchFolder, packageVersion } from '../packages.js'
import { nodeCommand } from '../process.js'
import type { Tool, Verb } from './tool.js'

export const driver: Tool = {
  name: 'driver',
  label: 'driver alone',
  engines: ['sqlite', 'postgres'],
  isFloor: true,
  missing: () => null,
  version: driverVersions,
  write: (project, chain) => {
    project.writeJson('package.json', { name: 'a-project', private: true })
    project.writeJson(
      'tables.json',
      chain.map(({ table }) => table),
    )
  },
  command(verb, _project, database) {
    const asked = verbs[verb]
    if (database === null || asked === null) return null
    return nodeCommand([join(benchFolder, 'floor', `${database.engine}.cjs`), asked], environmentOf(database))
  },
}

export function driverVersions(): string {
  return `better-sqlite3 ${packageVersion('better-sqlite3')}, pg ${packageVersion('pg')}`
}

const verbs: Readonly<Record<Verb, string | null>> = {
  version: null,
  help: null,
  'command-help': null,
  status: 'status',
  'no-op': 'up',
  apply: 'up',
  revert: 'down',
}
