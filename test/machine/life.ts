// The life of a program: it is run, struck, fixed, run again and resumed as mig says, to its end; and after each step what mig
// said is compared with what is there.

import { copyFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Database, TestEngine } from '../support/engines.js'
import { createProject, type Project } from '../support/project.js'
import { firstFail, fix } from './fix.js'
import type { Life } from './generate.js'
import { judge } from './judge.js'
import { prepare, readEffects } from './look.js'
import type { Program } from './program.js'
import { marksIn, readEnd, readSaid, type SaidAtEnd, type SaidOfMigration } from './said.js'
import { waitUntilAlone } from './sessions.js'
import { sourceOf } from './source.js'
import { runStruck, type Strike } from './strike.js'
import type { Effects } from './expected.js'

/** A life that did not go as mig said. */
export interface Failure {
  readonly lies: readonly string[]
  /** What was done, and what was answered. */
  readonly story: string
}

export interface Lived {
  readonly runs: number
  readonly struck: number
  readonly failure: Failure | undefined
}

const mostRuns = 25
const upgrade = ['upgrade', '--json', '--lock-timeout', '30']

export async function live(engine: TestEngine, { program, strikes }: Life): Promise<Lived> {
  const database = await engine.createDatabase()
  const project = createProject()
  try {
    return await liveIn(project, database, program, strikes)
  } finally {
    await project.remove()
    await database.drop()
  }
}

async function liveIn(
  project: Project,
  database: Database,
  whole: Program,
  strikes: readonly Strike[],
): Promise<Lived> {
  const story: string[] = []
  let program = whole
  let struck = 0
  let flags: readonly string[] = []
  await prepare(program, database)
  copyFileSync(fileURLToPath(new URL('./second-session.mjs', import.meta.url)), project.path('second-session.mjs'))
  for (let runs = 1; ; runs++) {
    const failed = (lies: readonly string[]): Lived => ({ runs, struck, failure: { lies, story: story.join('\n') } })
    write(project, program)
    const strike = strikes[runs - 1]
    const args = [...upgrade, ...flags]
    const { result, isStruck } = await runStruck({ engine: program.engine, project, database, args, strike })
    if (isStruck) struck++
    story.push(`$ mig ${args.join(' ')}${strike === undefined ? '' : `   # ${describe(strike, isStruck)}`}`)
    story.push(`→ ${result.signal ?? result.code}\n${result.stdout}${result.stderr}`)
    await waitUntilAlone(database)
    let end: SaidAtEnd | undefined
    let said: readonly SaidOfMigration[]
    try {
      end = readEnd(result)
      said = await readSaid(program, project, database)
    } catch (error) {
      return failed([`what mig says cannot be read: ${String(error)}`])
    }
    // Of the whole program: what was removed must not be there either.
    const effects = await readEffects(whole, database)
    const lies = judge({ program, end, isStruck, said, effects })
    if (lies.length > 0) return failed(lies)
    if (end?.code === 0) return { runs, struck, failure: undefined }
    if (runs === mostRuns) return failed([`not at its end after ${runs} runs`])
    const next = react({ program, end, said, effects, isStruck })
    if (typeof next === 'string') return failed([next])
    program = next.program
    flags = next.flags
  }
}

function write(project: Project, { migrations }: Program): void {
  for (const [index, migration] of migrations.entries()) {
    const down = migrations[index - 1]?.revision ?? null
    project.write(`migrations/${index + 1}_${migration.revision}.mjs`, sourceOf(migration, down))
  }
}

function describe({ how, side, ordinal, after }: Strike, isStruck: boolean): string {
  const where = `${side} statement ${ordinal}${after === null ? '' : ` from e${after} on`}`
  return `${how} ${where}${isStruck ? '' : ' (did not come to it)'}`
}

interface Seen {
  readonly program: Program
  readonly end: SaidAtEnd | undefined
  readonly said: readonly SaidOfMigration[]
  readonly effects: Effects
  readonly isStruck: boolean
}

interface Next {
  readonly program: Program
  readonly flags: readonly string[]
}

/** What a person does next, by what mig said; a sentence when nothing that it said explains the end. */
function react({ program, end, said, effects, isStruck }: Seen): Next | string {
  // It was killed: the same again, as it was typed first.
  if (end?.error === undefined) return { program, flags: [] }
  const { code, message, hint = '', detail = '' } = end.error
  const commands = [...hint.matchAll(/mig upgrade((?: --[a-z]+(?: (?!or\b|-)[a-z-]+)?)*)/g)].map(([, flags = '']) =>
    flags.split(' ').filter((flag) => flag !== ''),
  )
  if (code === 'partial.unknown-statement') return { program, flags: ['--resume', ...answers(hint, detail, effects)] }
  const flags = commands[0] ?? []
  const migration = program.migrations[said.findIndex(({ state }) => state !== 'applied')]
  const fail = migration === undefined ? undefined : firstFail(migration)
  const isOfFail = fail !== undefined && new RegExp(`\\be${fail.mark}\\b`).test(`${message}\n${detail}`)
  if (['migration.failed', 'partial.unfinished'].includes(code) && / failed: /.test(message)) {
    if (isOfFail) return { program: fix(program, fail), flags }
    return isStruck ? { program, flags } : `it failed, and not as it was written to fail`
  }
  if (code === 'partial.unfinished') return flags.length > 0 ? { program, flags } : 'no command goes on'
  if (code === 'engine.unreachable' || code === 'partial.outcome-unknown' || code.startsWith('interrupted'))
    return isStruck ? { program, flags } : 'nobody has struck it'
  return `${code} was not to be expected`
}

/** What a person sees of each statement that is asked for. */
function answers(hint: string, detail: string, effects: Effects): readonly string[] {
  const isOne = (hint.match(/--interrupted done/g) ?? []).length === 1
  const asked = isOne ? [detail] : detail.split(/\n(?=\d+(?: of the step “[^”]*”)?: )/)
  return asked.flatMap((statement) => {
    const isThere = marksIn(statement).some((mark) => (effects.get(mark) ?? 0) > 0)
    return ['--interrupted', isThere ? 'done' : 'not-done']
  })
}
