// What is timed, and how each sample is prepared and checked.

import type { Database, Databases } from './databases/database.js'
import { measureMemory, runToEnd, type Ended } from './process.js'
import type { Project } from './project.js'
import type { Tool, Verb } from './tools/tool.js'

export const rowNames = [
  'version',
  'help',
  'command-help',
  'status',
  'no-op',
  'apply',
  'revert',
  'memory',
  'plan',
] as const

export type RowName = (typeof rowNames)[number]

/** Rows that need no database. */
export const startRows = ['version', 'help', 'command-help'] as const satisfies readonly RowName[]
/** Rows that are measured for each engine and size. */
export const databaseRows = ['status', 'no-op', 'apply', 'revert', 'memory'] as const satisfies readonly RowName[]

export type StartRow = (typeof startRows)[number]
export type DatabaseRow = (typeof databaseRows)[number]

export interface Sample {
  /** Milliseconds; megabytes for `memory`. */
  readonly value: number
  readonly problem: string | null
}

/** Takes one sample; prepares before and checks after, outside of the timing. */
export type Sampler = () => Promise<Sample>

/** A tool with its project, and with a database on which it has applied everything. */
export interface Entrant {
  readonly tool: Tool
  readonly project: Project
  readonly applied: Database
  readonly databases: Databases
  readonly size: number
  readonly timeoutMs: number
}

/** Null when the tool has no such command. */
export function startSampler(row: StartRow, tool: Tool, project: Project, timeoutMs: number): Sampler | null {
  const command = tool.command(row, project, null)
  if (command === null) return null
  return () => {
    const ended = runToEnd(command, project.folder, timeoutMs)
    return Promise.resolve(sampleOf(ended, tool.isFloor === true ? null : silence(ended)))
  }
}

export function databaseSampler(row: DatabaseRow, entrant: Entrant): Sampler | null {
  const verb = row === 'memory' ? 'no-op' : row
  if (entrant.tool.command(verb, entrant.project, entrant.applied) === null) return null
  return samplers[row](entrant)
}

const samplers: Readonly<Record<DatabaseRow, (entrant: Entrant) => Sampler | null>> = {
  status: (entrant) => async () => {
    const ended = runOn(entrant, 'status', entrant.applied)
    const isSilent = entrant.tool.isFloor === true ? null : silence(ended)
    return sampleOf(ended, isSilent ?? (await wrongTables(entrant, entrant.applied, entrant.size)))
  },
  'no-op': (entrant) => async () => {
    const ended = runOn(entrant, 'no-op', entrant.applied)
    return sampleOf(ended, await wrongTables(entrant, entrant.applied, entrant.size))
  },
  apply: (entrant) => async () => {
    const database = await entrant.databases.create()
    const sample = sampleOf(...(await applyTo(entrant, database)))
    await entrant.databases.drop(database)
    return sample
  },
  revert: (entrant) => async () => {
    const database = await entrant.databases.copy(entrant.applied)
    const ended = runOn(entrant, 'revert', database)
    const sample = sampleOf(ended, await wrongTables(entrant, database, entrant.size - 1))
    await entrant.databases.drop(database)
    return sample
  },
  memory: memorySampler,
}

/** Only Node tells it of itself. */
function memorySampler({ tool, project, applied, timeoutMs }: Entrant): Sampler | null {
  const command = tool.command('no-op', project, applied)
  if (command?.program !== process.execPath) return null
  return () => {
    const { peakMb, problem } = measureMemory(command, project.folder, timeoutMs)
    return Promise.resolve({ value: peakMb, problem })
  }
}

/** What it came to, and what is wrong with the database after it. */
export async function applyTo(
  entrant: Omit<Entrant, 'applied'>,
  database: Database,
): Promise<[ended: Ended, wrong: string | null]> {
  const ended = runOn(entrant, 'apply', database)
  return [ended, ended.problem ?? (await wrongTables(entrant, database, entrant.size))]
}

function runOn({ tool, project, timeoutMs }: Omit<Entrant, 'applied'>, verb: Verb, database: Database): Ended {
  const command = tool.command(verb, project, database)
  if (command === null) throw new Error(`${tool.name} has no ${verb}`)
  return runToEnd(command, project.folder, timeoutMs)
}

async function wrongTables(
  { tool, databases }: Omit<Entrant, 'applied'>,
  database: Database,
  expected: number,
): Promise<string | null> {
  if (tool.isIdle === true) return null
  const found = await databases.countTables(database)
  return found === expected ? null : `the database has ${found} tables of the chain, not ${expected}`
}

function silence({ stdout }: Ended): string | null {
  return stdout.trim() === '' ? 'it printed nothing' : null
}

function sampleOf({ durationMs, problem }: Ended, wrong: string | null): Sample {
  return { value: durationMs, problem: problem ?? wrong }
}
