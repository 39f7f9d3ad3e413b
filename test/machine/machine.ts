// The random machine on one engine: one seed after the other becomes a program that is run, killed, fixed and run to its end.

import { expect, test } from '@jest/globals'

import { forEachEngine, type EngineName, type TestEngine } from '../support/engines.js'
import { generate, type Life } from './generate.js'
import { type Failure, live } from './life.js'
import { shrink } from './shrink.js'
import { sourceOf } from './source.js'

const number = (name: string): number | undefined =>
  process.env[name] === undefined ? undefined : Number(process.env[name])
const count = number('MIG_MACHINE_COUNT') ?? Infinity
const seconds = number('MIG_MACHINE_SECONDS') ?? (count === Infinity ? 180 : Infinity)
const firstSeed = number('MIG_MACHINE_SEED') ?? Math.floor(Math.random() * 1e6) * 1000
const atOnce = number('MIG_MACHINE_AT_ONCE') ?? 2
const triesToShrink = 40

/** `only`: the engine that it is about. */
export function testMachine(only: EngineName): void {
  forEachEngine(
    (engine) => {
      test('whatever happens to a migration: what mig says of it is so, and it ends as it was written', async () => {
        const { failures, summary } = await runSeeds(engine)
        process.stdout.write(`${summary}\n`)
        expect(failures).toEqual([])
      })
    },
    { only: [only] },
  )
}

async function runSeeds(
  engine: TestEngine,
): Promise<{ readonly failures: readonly string[]; readonly summary: string }> {
  const until = performance.now() + seconds * 1000
  const sum = { lives: 0, runs: 0, struck: 0 }
  const failures: string[] = []
  let next = firstSeed
  const worker = async () => {
    while (next < firstSeed + count && performance.now() < until && failures.length < 10) {
      const seed = next++
      const life = generate(engine.name, seed)
      const { runs, struck, failure } = await live(engine, life)
      sum.lives++
      sum.runs += runs
      sum.struck += struck
      if (failure !== undefined) failures.push(await report(engine, seed, life, failure))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const summary = `${engine.name}: ${sum.lives} programs (seeds ${firstSeed} to ${next - 1}), ${sum.runs} runs, ${sum.struck} of them struck, ${failures.length} failed`
  return { failures, summary }
}

async function report(engine: TestEngine, seed: number, life: Life, failure: Failure): Promise<string> {
  let last = failure
  const fails = async (smaller: Life) => {
    const { failure: found } = await live(engine, smaller)
    if (found === undefined || kindOf(found) !== kindOf(failure)) return false
    last = found
    return true
  }
  const { program, strikes } = await shrink(life, fails, triesToShrink)
  const files = program.migrations.map((each) => sourceOf(each, null))
  const command = `npm run test:machine -- --engine ${engine.name} --count 1 --seed ${seed}`
  const text = [command, ...last.lies, ...files, JSON.stringify(strikes), last.story].join('\n')
  process.stdout.write(`${text}\n`)
  return `${command}: ${failure.lies.join('; ')}`
}

/** What is wrong, but for the numbers. */
function kindOf({ lies }: Failure): string {
  return (lies[0] ?? '').replaceAll(/\d+|one/g, 'n')
}
