// The kill matrix: a run is killed before and after each of its statements, mig's own included, is then run again to
// the end, and must have come to the same end as a run that nobody disturbed.

import { expect, test } from '@jest/globals'

import { type Kill, runInProcess, runOverLine } from './kill.js'
import { commandLine, createMatrix, type Direction, type MatrixOptions } from './matrix.js'
import { said } from './to-the-end.js'

interface KillOptions extends MatrixOptions {
  /** Both when it is left out. */
  readonly directions?: readonly Direction[]
}

/** Declares a test for each kill. `name` begins with the number of the case. */
export async function killEverywhere(name: string, options: KillOptions): Promise<void> {
  if (options.engine.skipped !== undefined) {
    test.skip(`${name}: ${options.engine.skipped}`, () => undefined)
    return
  }
  const matrix = createMatrix(options)
  const run = options.engine.name === 'sqlite' ? runInProcess : runOverLine
  for (const direction of options.directions ?? (['upgrade', 'downgrade'] as const)) {
    const args = commandLine[direction]
    const database = await matrix.begin(direction)
    const { result, statements } = await run({ project: matrix.project, database, args })
    if (result.code !== 0) throw new Error(`a run that nobody disturbs ended with ${result.code}: ${said(result)}`)
    const wanted = await matrix.look(database)
    test.concurrent.each(killsOf(statements))(`${name} ${direction}: $side $ordinal, $sql`, async (kill) => {
      const fresh = await matrix.begin(direction)
      const killed = await run({ project: matrix.project, database: fresh, args, kill })
      if (killed.result.signal !== 'SIGKILL') throw notKilled(kill, direction, said(killed.result))
      const unfinished = await matrix.unfinished(fresh)
      const typed = await matrix.complete(fresh, direction)
      expect({ typed, ...(await matrix.look(fresh)) }).toStrictEqual({
        typed: expectedOf(direction, unfinished),
        ...wanted,
      })
      await fresh.drop()
    })
  }
}

/** What is marked in the database stops the next run, and a person resumes it; everything else goes on by itself. */
function expectedOf(direction: Direction, unfinished: readonly string[]): readonly string[] {
  const line = `mig ${commandLine[direction].join(' ')}`
  return unfinished.length === 0 ? [`${line} → 0`] : [`${line} → 6`, `${line} --resume → 0`]
}

function killsOf(statements: readonly string[]): (Kill & { sql: string })[] {
  return statements.flatMap((statement, index) =>
    (['before', 'after'] as const).map((side) => ({ ordinal: index + 1, side, sql: shortened(statement) })),
  )
}

function shortened(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').replaceAll('%', '%%').trim()
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}

function notKilled({ ordinal }: Kill, direction: Direction, output: string): Error {
  return new Error(`the ${direction} ended before statement ${ordinal}: ${output}`)
}
