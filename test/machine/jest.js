// Starts Jest with the configuration of the random machine, in the way that ../support/jest.js explains.
//
//   --engine sqlite,postgres,mysql   only these
//   --seconds 180                    how long new programs are begun on each engine
//   --count 500                      so many programs on each engine, however long it takes
//   --seed 7                         the first seed; with --count 1 it repeats one program
//   --at-once 4                      programs at the same time

import { run } from 'jest'
import 'tsx'

const variables = {
  '--engine': 'MIG_TEST_ENGINES',
  '--seconds': 'MIG_MACHINE_SECONDS',
  '--count': 'MIG_MACHINE_COUNT',
  '--seed': 'MIG_MACHINE_SEED',
  '--at-once': 'MIG_MACHINE_AT_ONCE',
}

const others = []
for (let [name, ...rest] = process.argv.slice(2); name !== undefined; [name, ...rest] = rest) {
  const variable = variables[name]
  if (variable === undefined) others.push(name)
  else process.env[variable] = rest.shift()
}

const { default: config } = await import('./jest.config.ts')
await run([...others, '--config', JSON.stringify(config)])
