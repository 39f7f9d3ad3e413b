// After all tests: the servers end, and the engines that were not tested are named below Jest's summary.

import { once } from 'node:events'

import { engineNames, readRunReport } from './servers/report.js'

export default async function globalTeardown(): Promise<void> {
  const { engines } = readRunReport()
  for (const name of engineNames) {
    const engine = engines[name]
    if (!engine.available) process.stderr.write(`${name}: skipped (${engine.reason})\n`)
  }
  const keeper = globalThis.migTestKeeper
  if (keeper?.stdin && keeper.exitCode === null) {
    const ended = once(keeper, 'exit')
    keeper.stdin.end()
    await ended
  }
}
