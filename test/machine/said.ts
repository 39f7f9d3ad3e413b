// What mig says of a database, by its own commands.

import { current, log, type MigError } from '../../src/index.js'
import type { Database } from '../support/engines.js'
import type { ProgramResult, Project } from '../support/project.js'
import type { Program } from './program.js'

export type State = 'pending' | 'running' | 'applied'

/** How often a statement with this mark was done, and how often it may have been. */
export interface Told {
  readonly done: number
  readonly unknown: number
}

export interface SaidOfMigration {
  readonly state: State
  /** By the journal, since it was last begun. */
  readonly told: ReadonlyMap<number, Told>
  /** How many statements are done by the journal. */
  readonly statementsDone: number
}

/** What the end of a run said; undefined when it was killed. */
export interface SaidAtEnd {
  readonly code: number
  readonly error: Pick<MigError, 'code' | 'message' | 'hint' | 'detail'> | undefined
}

export async function readSaid(
  { migrations }: Program,
  project: Project,
  database: Database,
): Promise<readonly SaidOfMigration[]> {
  const common = { cwd: project.folder, config: { database: database.url } }
  const { heads, pending } = await current(common)
  const { entries } = await log({ ...common, limit: 100_000 })
  const [head] = heads
  if (heads.length > 1) throw new Error(`${heads.length} current heads`)
  const at = migrations.findIndex(({ revision }) => revision === head?.revision)
  if (pending !== migrations.length - 1 - at) throw new Error(`${pending} pending, and the head is ${head?.revision}`)
  return migrations.map(({ revision }, index) => ({
    state: index > at ? 'pending' : index < at ? 'applied' : head?.state === 'applied' ? 'applied' : 'running',
    ...toldBy(entries.filter((entry) => entry.revision === revision)),
  }))
}

type JournalEntry = Awaited<ReturnType<typeof log>>['entries'][number]

function toldBy(entries: readonly JournalEntry[]): Pick<SaidOfMigration, 'told' | 'statementsDone'> {
  const started = entries.findLastIndex(({ what }) => what === 'started')
  const last = new Map<string, JournalEntry>()
  for (const entry of entries.slice(Math.max(0, started)))
    if (entry.ordinal !== undefined) last.set(`${entry.ordinal} ${entry.step ?? ''}`, entry)
  const told = new Map<number, Told>()
  for (const { what, sql } of last.values())
    for (const mark of marksIn(sql ?? '')) {
      const { done, unknown } = told.get(mark) ?? { done: 0, unknown: 0 }
      told.set(mark, {
        done: done + (what === 'done' ? 1 : 0),
        unknown: unknown + (what === 'statement' ? 1 : 0),
      })
    }
  return { told, statementsDone: [...last.values()].filter(({ what }) => what === 'done').length }
}

export function marksIn(sql: string): readonly number[] {
  return [...new Set([...sql.matchAll(/\be(\d+)\b/g)].map(([, mark]) => Number(mark)))]
}

/** @throws when the output is no JSON */
export function readEnd({ code, stdout }: ProgramResult): SaidAtEnd | undefined {
  if (code === null) return undefined
  // What there is none of, is null in JSON.
  const withoutNulls = (_key: string, value: unknown) => value ?? undefined
  const { error } = JSON.parse(stdout, withoutNulls) as { readonly error?: SaidAtEnd['error'] }
  return { code, error }
}
