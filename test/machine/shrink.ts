// A smaller life that fails, too: operations and strikes are taken away as long as it still does.

import { flatten, mapOperations } from './program.js'
import type { Life } from './generate.js'

/** Tries at most `tries` smaller ones. */
export async function shrink(life: Life, fails: (life: Life) => Promise<boolean>, tries: number): Promise<Life> {
  let smallest = life
  let left = tries
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false
    for (const smaller of smallerOnes(smallest)) {
      if (left-- <= 0) return smallest
      if (!(await fails(smaller))) continue
      smallest = smaller
      isSmaller = true
      break
    }
  }
  return smallest
}

function* smallerOnes({ program, strikes }: Life): Generator<Life> {
  for (const migration of program.migrations)
    if (program.migrations.length > 1)
      yield { program: { ...program, migrations: program.migrations.filter((each) => each !== migration) }, strikes }
  for (const [index] of strikes.entries()) yield { program, strikes: strikes.toSpliced(index, 1) }
  for (const operation of program.migrations.flatMap(({ operations }) => flatten(operations)))
    yield { program: mapOperations(program, (each) => (each === operation ? [] : [each])), strikes }
}
