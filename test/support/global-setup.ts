// Before all tests: a keeper process starts the servers, and the environment tells the workers where they are.

import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { missingForGalera } from './servers/galera.js'
import { missingForPgbouncer } from './servers/pgbouncer.js'
import { engineNames, readRunReport, urlVariable, writeRunReport, type RunReport } from './servers/report.js'

declare global {
  var migTestKeeper: ChildProcess | undefined
}

export default async function globalSetup(): Promise<void> {
  // Detached: Ctrl-C is for Jest alone. The keeper notices when Jest is gone.
  const keeper = spawn(process.execPath, ['--import', 'tsx', keeperPath()], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  globalThis.migTestKeeper = keeper
  writeRunReport(await firstLine(keeper))
  const missing = missingEngines(readRunReport())
  if (missing.length > 0) {
    keeper.stdin.end()
    throw new Error(`engines that were asked for cannot be tested:\n${missing.join('\n')}`)
  }
}

function keeperPath(): string {
  return fileURLToPath(new URL('./servers/keeper.ts', import.meta.url))
}

async function firstLine(keeper: ChildProcess): Promise<RunReport> {
  if (!keeper.stdout) throw new Error('the keeper of the test servers has no output')
  for await (const line of createInterface(keeper.stdout)) return JSON.parse(line) as RunReport
  throw new Error('the keeper of the test servers ended early')
}

/** Asked for is what MIG_TEST_REQUIRE lists, and a server that was named. Anything else may be skipped. */
function missingEngines({ engines }: RunReport): string[] {
  const required = (process.env['MIG_TEST_REQUIRE'] ?? '').split(',').filter((name) => name !== '')
  const missing = engineNames.flatMap((name) => {
    const engine = engines[name]
    const isAskedFor = required.includes(name) || Boolean(process.env[urlVariable(name)])
    return isAskedFor && !engine.available ? [`${name}: ${engine.reason}`] : []
  })
  const others = required.flatMap((name) => {
    if (name in engines) return []
    const reason = name in reasons ? reasons[name]?.() : 'no such engine'
    return reason === undefined ? [] : [`${name}: ${reason}`]
  })
  return [...missing, ...others]
}

/** Why one that only the fault suite starts cannot be had; undefined when it can. */
const reasons: Readonly<Record<string, () => string | undefined>> = {
  pgbouncer: missingForPgbouncer,
  galera: missingForGalera,
}
