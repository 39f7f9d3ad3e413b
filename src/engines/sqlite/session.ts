// SQLite: what a URL means for the driver, and facts of a session.

import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Connection, DatabaseUrl } from '../contract/connection.js'
import type { Greeting } from '../contract/session.js'
import type { SqliteConnection } from './connection.js'
import { assertOneName } from './hard-links.js'

export function settingsOf({ database }: DatabaseUrl): Readonly<Record<string, unknown>> {
  return { filename: database }
}

export async function greet(connection: Connection): Promise<Greeting> {
  const { rows } = await connection.query(
    'select sqlite_version() as version, (select count(*) from sqlite_master) as tables',
  )
  return {
    schema: 'main',
    silence: null,
    readOnly: whyReadOnly(connection as SqliteConnection),
    weakLock: null,
    hasSeveralClocks: false,
    keepsSession: true,
    version: `SQLite ${String(rows[0]?.version)}`,
  }
}

export function prepareRun(connection: Connection): Promise<void> {
  assertOneName(connection as SqliteConnection)
  return Promise.resolve()
}

function whyReadOnly({ file, raw }: SqliteConnection): string | null {
  if ((raw as { readonly readonly?: boolean }).readonly) return 'the database was opened as read-only'
  if (file === null) return null
  if (existsSync(file) && !isWritable(file)) return `the file ${file} is not writable`
  return isWritable(dirname(file))
    ? null
    : `the folder ${dirname(file)} is not writable, and SQLite keeps its journal there`
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
