// Whether what mig said is so. Pure.

import { expectedEffects, type Effects } from './expected.js'
import { firstFail } from './fix.js'
import { flatten, type MachineMigration, marksOf, mayStopInTheMiddle, type Program } from './program.js'
import type { SaidAtEnd, SaidOfMigration } from './said.js'

export interface Evidence {
  readonly program: Program
  readonly end: SaidAtEnd | undefined
  readonly isStruck: boolean
  readonly said: readonly SaidOfMigration[]
  /** What is in the database. */
  readonly effects: Effects
}

/** What is not as it was said, a sentence each. */
export function judge(evidence: Evidence): readonly string[] {
  const { program, said } = evidence
  const lies = program.migrations.flatMap((migration, index) => {
    const saidOfIt = said[index]
    if (saidOfIt === undefined) return [`nothing is said of ${migration.revision}`]
    return [...judgeMigration(program, migration, saidOfIt, evidence.effects)]
  })
  return [...lies, ...judgeEnd(evidence)]
}

function judgeMigration(
  program: Program,
  migration: MachineMigration,
  { state, told }: SaidOfMigration,
  effects: Effects,
): readonly string[] {
  const { revision, operations } = migration
  const marks = [...new Set(flatten(operations).flatMap(marksOf))]
  const expected = expectedEffects(operations)
  const lies: string[] = []
  if (state === 'running' && !mayStopInTheMiddle(program, migration))
    lies.push(`${revision} is left unfinished, and could be rolled back`)
  if (state === 'applied' && firstFail(migration) !== undefined)
    lies.push(`${revision} is applied, and it cannot run to its end`)
  for (const mark of marks) {
    const there = effects.get(mark) ?? 0
    const { done, unknown } = told.get(mark) ?? { done: 0, unknown: 0 }
    const say = (wanted: string) =>
      lies.push(`${revision} is ${state}: e${mark} is there ${there} times, and not ${wanted}`)
    if (state === 'pending' && there !== 0) say('0')
    if (state === 'applied' && there !== (expected.get(mark) ?? 0)) say(`${expected.get(mark) ?? 0}, as it was written`)
    if (state !== 'pending' && (there < done || there > done + unknown))
      say(`${done}${unknown === 0 ? '' : ` to ${done + unknown}`}, as the journal has it`)
  }
  return lies
}

function judgeEnd({ program, end, said }: Evidence): readonly string[] {
  if (end === undefined) return []
  const { code, error } = end
  const lies: string[] = []
  const isAt = (revision: string) => {
    const at = program.migrations.findIndex((migration) => migration.revision === revision)
    return said.every(({ state }, index) => (state === 'applied') === index <= at)
  }
  const isUnfinished = said.some(({ state }) => state === 'running')
  if (code === 0 && said.some(({ state }) => state !== 'applied')) lies.push('the code is 0, and not all is applied')
  if (code !== 0 && error === undefined) lies.push(`the code is ${code}, and there is no error`)
  if (code === 6 && error?.code !== 'partial.outcome-unknown' && !isUnfinished)
    lies.push('the code is 6, and nothing is unfinished')
  if (code === 1 && isUnfinished) lies.push('the code is 1, and something is unfinished')
  const message = error?.message ?? ''
  const stand = /the database is at (?!a place)(\w+)/.exec(message)?.[1]
  if (stand !== undefined && !isAt(stand)) lies.push(`the database is not at ${stand}`)
  if (/which was rolled back/.test(message) && isUnfinished) lies.push('it was not rolled back')
  const count = /(one|\d+) statements? that changes? something (?:was|were) done before/.exec(message)?.[1]
  const done = said.find(({ state }) => state === 'running')?.statementsDone ?? 0
  if (count !== undefined && (count === 'one' ? 1 : Number(count)) !== done)
    lies.push(`it says that ${count} statements were done, and the journal has ${done}`)
  return lies
}
