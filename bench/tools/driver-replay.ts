// The bare driver again, with the very statements that mig sends: what is left of mig's time is its own work.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Link } from '../chain.js'
import { environmentOf, type Database, type Databases } from '../databases/database.js'
import { benchFolder } from '../packages.js'
import { nodeCommand, runToEnd, withEnvironment } from '../process.js'
import { createProject, type Project } from '../project.js'
import { driverVersions } from './driver.js'
import { mig } from './mig.js'
import type { Tool, Verb } from './tool.js'

export const driverReplay: Tool = {
  name: 'driver-replay',
  label: "driver, mig's statements",
  engines: ['sqlite', 'postgres'],
  isFloor: true,
  missing: () => mig.missing(),
  version: driverVersions,
  async write(project, chain, databases) {
    project.writeJson('package.json', { name: 'a-project', private: true })
    await recordAll(project, chain, databases)
  },
  command(verb, project, database) {
    if (database === null || !isRecorded(verb)) return null
    const script = join(benchFolder, 'floor', `replay-${database.engine}.cjs`)
    return nodeCommand([script, recording(project, verb)], environmentOf(database))
  },
}

const recorded = ['apply', 'no-op', 'status', 'revert'] as const satisfies readonly Verb[]

function isRecorded(verb: Verb): boolean {
  return (recorded as readonly Verb[]).includes(verb)
}

function recording(project: Project, verb: Verb): string {
  return project.path(`${verb}.jsonl`)
}

/** In this order on one database: nothing between `apply` and `revert` writes anything. */
async function recordAll(project: Project, chain: readonly Link[], databases: Databases): Promise<void> {
  const source = createProject(`${databases.engine}-${chain.length}-recorded`)
  await mig.write(source, chain, databases)
  const database = await databases.create()
  for (const verb of recorded) record(project, source, verb, database)
  await databases.drop(database)
}

const recordTimeoutMs = 600_000

function record(project: Project, source: Project, verb: Verb, database: Database): void {
  const command = mig.command(verb, source, database)
  if (command === null) return
  writeFileSync(recording(project, verb), '')
  const observed = withEnvironment(command, {
    NODE_OPTIONS: `--require ${join(benchFolder, 'hooks', 'record.cjs')}`,
    BENCH_RECORD: recording(project, verb),
    BENCH_RECORD_DATABASE: database.name,
  })
  const { problem } = runToEnd(observed, source.folder, recordTimeoutMs)
  if (problem !== null) throw new Error(`mig ${verb}, recorded: ${problem}`)
}
