// Measures what was asked for, and hands out each result as soon as it is there.

import { alternate, type Outcome } from './alternate.js'
import type { Databases, EngineName } from './databases/database.js'
import { openPostgres } from './databases/postgres.js'
import { openSqlite } from './databases/sqlite.js'
import { many, veryMany, type Options } from './options.js'
import { planSize, samplePlan } from './plan.js'
import type { Measurement } from './results.js'
import { databaseRows, databaseSampler, startRows, startSampler, type DatabaseRow, type Sampler } from './rows.js'
import { setUpStage, setUpStart, tearDownStage, type Stage } from './stage.js'
import type { Tool } from './tools/tool.js'

export interface Listener {
  /** What is being done, for whoever waits. */
  say(text: string): void
  measured(measurements: readonly Measurement[]): void
  /** A tool or an engine that is there. */
  version(name: string, version: string): void
  skipped(name: string, reason: string): void
}

export async function measure(options: Options, listener: Listener): Promise<void> {
  const present = presentTools(options.tools, listener)
  await measureStart(options, present, listener)
  for (const engine of options.engines) await measureEngine(options, engine, present, listener)
  if (options.rows.includes('plan')) await measurePlan(options, listener)
}

function presentTools(tools: readonly Tool[], listener: Listener): readonly Tool[] {
  return tools.filter((tool) => {
    const reason = tool.missing()
    if (reason === null) listener.version(tool.name, tool.version())
    else listener.skipped(tool.name, reason)
    return reason === null
  })
}

async function measureStart({ rows, rounds, timeoutMs }: Options, tools: readonly Tool[], to: Listener): Promise<void> {
  const wanted = startRows.filter((row) => rows.includes(row))
  if (wanted.length === 0) return
  const projects = await setUpStart(tools, openSqlite())
  for (const row of wanted) {
    to.say(`${row}: ${rounds} rounds`)
    const samplers = [...projects].flatMap(([tool, project]) => {
      const sampler = startSampler(row, tool, project, timeoutMs)
      return sampler === null ? [] : [[tool.name, sampler] as const]
    })
    const outcomes = await alternate(new Map(samplers), { rounds, warmUp: true })
    to.measured(measurementsOf({ row, engine: null, size: null }, outcomes))
  }
}

async function measureEngine(
  options: Options,
  engine: EngineName,
  tools: readonly Tool[],
  to: Listener,
): Promise<void> {
  const rows = databaseRows.filter((row) => options.rows.includes(row))
  if (rows.length === 0) return
  const databases = await open(engine, to)
  if (databases === null) return
  to.version(engine, databases.version)
  const able = tools.filter(({ engines }) => engines.includes(engine))
  try {
    for (const size of options.sizes) await measureSize(options, { rows, databases, size, tools: able }, to)
  } finally {
    await databases.close()
  }
}

async function open(engine: EngineName, to: Listener): Promise<Databases | null> {
  try {
    return engine === 'sqlite' ? openSqlite() : await openPostgres()
  } catch (error) {
    to.skipped(engine, error instanceof Error ? error.message : String(error))
    return null
  }
}

interface Group {
  readonly rows: readonly DatabaseRow[]
  readonly databases: Databases
  readonly size: number
  readonly tools: readonly Tool[]
}

async function measureSize(options: Options, { rows, databases, size, tools }: Group, to: Listener): Promise<void> {
  const { engine } = databases
  const wanted = rows.filter((row) => size <= options.applyUpTo || row === 'no-op' || row === 'memory')
  if (wanted.length === 0) return
  const say = (text: string) => to.say(`${engine}, ${size} migrations: ${text}`)
  const stage = await setUpStage({ tools, databases, size, timeoutMs: options.timeoutMs, say })
  for (const row of wanted) {
    const turns = turnsOf(row, size, options)
    say(`${row}, ${turns.rounds} rounds`)
    const outcomes = await alternate(samplersOf(row, stage), turns)
    const problems = [...stage.problems].map(([tool, problem]) => [tool, { values: [], problem }] as const)
    to.measured(measurementsOf({ row, engine, size }, new Map([...outcomes, ...problems])))
  }
  await tearDownStage(stage)
}

/** Setting up has run everything once with the same files: that warms what is slow enough, and every apply. */
function turnsOf(row: DatabaseRow, size: number, { rounds, slowRounds }: Options): { rounds: number; warmUp: boolean } {
  const changes = row === 'apply' || row === 'revert'
  const isSlow = size >= (changes ? many : veryMany)
  if (row === 'memory') return { rounds: 1, warmUp: false }
  return { rounds: isSlow ? slowRounds : rounds, warmUp: row !== 'apply' && !isSlow }
}

function samplersOf(row: DatabaseRow, { entrants }: Stage): ReadonlyMap<string, Sampler> {
  return new Map(
    entrants.flatMap((entrant) => {
      const sampler = databaseSampler(row, entrant)
      return sampler === null ? [] : [[entrant.tool.name, sampler] as const]
    }),
  )
}

async function measurePlan({ rounds }: Options, to: Listener): Promise<void> {
  to.say(`plan of ${planSize} revisions: ${rounds} rounds`)
  const outcomes = await alternate(new Map([['mig', samplePlan]]), { rounds, warmUp: true })
  to.measured(measurementsOf({ row: 'plan', engine: null, size: planSize }, outcomes))
}

function measurementsOf(
  about: Pick<Measurement, 'row' | 'engine' | 'size'>,
  outcomes: ReadonlyMap<string, Outcome>,
): readonly Measurement[] {
  return [...outcomes].map(([tool, { values, problem }]) => ({
    ...about,
    tool,
    values: values.map((value) => Math.round(value * 10) / 10),
    problem,
  }))
}
