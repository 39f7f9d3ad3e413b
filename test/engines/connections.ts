// Connections to a real database, opened as mig opens them and closed when a test ends; and waiting for what servers do.

import { createHash, randomUUID } from 'node:crypto'

import { afterEach } from '@jest/globals'

import { loadPackage } from '../../src/engines/driver.js'
import type { Connection, Purpose } from '../../src/engines/contract/connection.js'
import type { Engine } from '../../src/engines/contract/engine.js'
import { chooseEngine } from '../../src/engines/index.js'
import { mysql } from '../../src/engines/mysql/engine.js'
import { postgres } from '../../src/engines/postgres/engine.js'
import { sqlite } from '../../src/engines/sqlite/engine.js'
import type { Database, EngineName } from '../support/engines.js'

const opened: Connection[] = []

afterEach(() => Promise.all(opened.splice(0).map((connection) => connection.close().catch(() => undefined))))

/** For questions that need no database. */
export const answersOf: Readonly<Record<EngineName, Engine>> = { sqlite, postgres, mysql }

export interface Open {
  readonly engine: Engine
  readonly connection: Connection
}

export type Setting = Parameters<typeof chooseEngine>[0]

export async function connectionTo(setting: Setting, purpose: Purpose = 'run'): Promise<Open> {
  const { engine, settings } = await chooseEngine(setting, process.cwd())
  return { engine, connection: engine.open(loadPackage(settings.root, engine.driver), settings, purpose) }
}

export async function openOn(database: Database | Setting, purpose?: Purpose): Promise<Open> {
  const setting = typeof database === 'object' && 'url' in database ? database.url : database
  const open = await connectionTo(setting, purpose)
  opened.push(open.connection)
  await open.connection.connect()
  return open
}

export async function until(isSo: () => Promise<boolean>, timeoutMs = 5000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`)
    await pause(20)
  }
}

export async function errorFrom(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
    return null
  } catch (error) {
    return error
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

export function newKey(): string {
  return createHash('sha1').update(randomUUID()).digest('hex')
}
