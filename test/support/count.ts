// A run of mig that is counted: what it reads, loads and sends. Counts do not depend on the machine.

import { join } from 'node:path'

import { repository } from './program.js'
import type { ProgramResult, Project } from './project.js'

export interface Counts {
  readonly files: readonly string[]
  readonly folders: readonly string[]
  readonly scripts: readonly string[]
  /** On SQLite. */
  readonly statements: readonly string[]
}

export async function runCounted(
  project: Project,
  args: readonly string[],
): Promise<{ readonly result: ProgramResult; readonly counts: Counts }> {
  const env = {
    COUNT_FILE: project.path('counts.json'),
    NODE_OPTIONS: `--require ${join(repository, 'test/support/count-hook.cjs')}`,
  }
  const result = await project.run(args, { env })
  return { result, counts: JSON.parse(project.read('counts.json')) as Counts }
}
