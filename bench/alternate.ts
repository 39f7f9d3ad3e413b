// Takes samples in turns: whatever slows the machine down for a while slows all tools down alike.

import type { Sample, Sampler } from './rows.js'

export interface Outcome {
  readonly values: readonly number[]
  /** Why there are none. */
  readonly problem: string | null
}

/**
 * One sample of each that is not counted, then `rounds` rounds, each of which begins with another. Whoever fails is out.
 */
export async function alternate<Name>(
  samplers: ReadonlyMap<Name, Sampler>,
  { rounds, warmUp }: { readonly rounds: number; readonly warmUp: boolean },
): Promise<ReadonlyMap<Name, Outcome>> {
  const values = new Map<Name, number[]>([...samplers.keys()].map((name) => [name, []]))
  const problems = new Map<Name, string>()
  const names = [...samplers.keys()]
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const name of rotated(names, Math.max(round, 0))) {
      const sampler = samplers.get(name)
      if (sampler === undefined || problems.has(name)) continue
      const { value, problem } = await sampleOrProblem(sampler)
      if (problem !== null) problems.set(name, problem)
      else if (round >= 0) values.get(name)?.push(value)
    }
  }
  return new Map(names.map((name) => [name, outcomeOf(values.get(name) ?? [], problems.get(name) ?? null)]))
}

/** What goes wrong around a sample, as with a copy of a database, ends no run that has taken an hour. */
async function sampleOrProblem(sampler: Sampler): Promise<Sample> {
  try {
    return await sampler()
  } catch (error) {
    return { value: NaN, problem: error instanceof Error ? error.message : String(error) }
  }
}

function outcomeOf(values: readonly number[], problem: string | null): Outcome {
  return problem === null ? { values, problem } : { values: [], problem }
}

function rotated<Name>(names: readonly Name[], by: number): readonly Name[] {
  const at = by % Math.max(names.length, 1)
  return [...names.slice(at), ...names.slice(0, at)]
}
