// A tool that is measured: how its files look, and what is typed to run it.

import type { Link } from '../chain.js'
import type { Database, Databases, EngineName } from '../databases/database.js'
import { packageFolder } from '../packages.js'
import type { Command } from '../process.js'
import type { Project } from '../project.js'

/** What can be asked of a tool. */
export type Verb = 'version' | 'help' | 'command-help' | 'status' | 'no-op' | 'apply' | 'revert'

export interface Tool {
  readonly name: string
  /** As tables and curves call it. */
  readonly label: string
  readonly engines: readonly EngineName[]
  /** Not a tool to choose, but what no tool can go below. */
  readonly isFloor?: true
  /** Whether its command changes the database: `node -e 0` does not. */
  readonly isIdle?: true
  /** Why it cannot be measured here; null when it can. */
  missing(): string | null
  version(): string
  /** The project of somebody who uses it the way its manual says. May run commands in it. */
  write(project: Project, chain: readonly Link[], databases: Databases): void | Promise<void>
  /** Null when it has no such command. `version` and help are asked without a database. */
  command(verb: Verb, project: Project, database: Database | null): Command | null
}

/** For tools that are npm packages. */
export function missingPackages(...names: readonly string[]): string | null {
  const missing = names.filter((name) => packageFolder(name) === undefined)
  return missing.length === 0 ? null : `${missing.join(', ')} is not installed: npm ci --prefix bench`
}
