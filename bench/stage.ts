// Everything that must be there before a row is timed: projects, and databases with all migrations applied.

import { chainOf } from './chain.js'
import type { Database, Databases } from './databases/database.js'
import { createProject, type Project } from './project.js'
import { applyTo, type Entrant } from './rows.js'
import type { Tool } from './tools/tool.js'

export interface Stage {
  readonly entrants: readonly Entrant[]
  /** Tool → why it cannot take part. */
  readonly problems: ReadonlyMap<string, string>
}

export interface StageOptions {
  readonly tools: readonly Tool[]
  readonly databases: Databases
  readonly size: number
  readonly timeoutMs: number
  readonly say: (text: string) => void
}

export async function setUpStage({ tools, databases, size, timeoutMs, say }: StageOptions): Promise<Stage> {
  const entrants: Entrant[] = []
  const problems = new Map<string, string>()
  for (const tool of tools) {
    say(`${tool.label}: sets up`)
    const project = createProject(`${databases.engine}-${size}-${tool.name}`)
    try {
      await tool.write(project, chainOf(size), databases)
      const applied = await appliedDatabase({ tool, project, databases, size, timeoutMs })
      entrants.push({ tool, project, applied, databases, size, timeoutMs })
    } catch (error) {
      problems.set(tool.name, error instanceof Error ? error.message : String(error))
    }
  }
  return { entrants, problems }
}

export async function tearDownStage({ entrants }: Stage): Promise<void> {
  for (const { databases, applied } of entrants) await databases.drop(applied)
}

/** A tool is measured on what it made itself. */
async function appliedDatabase(entrant: Omit<Entrant, 'applied'>): Promise<Database> {
  const database = await entrant.databases.create()
  const [, wrong] = await applyTo(entrant, database)
  if (wrong === null) return database
  await entrant.databases.drop(database)
  throw new Error(`setting up: ${wrong}`)
}

/** The projects of those that can be asked for something without a database. */
export async function setUpStart(tools: readonly Tool[], databases: Databases): Promise<ReadonlyMap<Tool, Project>> {
  const projects = new Map<Tool, Project>()
  for (const tool of tools) {
    const project = createProject(`start-${tool.name}`)
    if (tool.command('help', project, null) === null) continue
    await tool.write(project, chainOf(1), databases)
    projects.set(tool, project)
  }
  return projects
}
