// SQLite: a file for each database.

import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'

import { tablePrefix } from '../chain.js'
import { workFolder } from '../project.js'
import type { Database, Databases } from './database.js'

export function openSqlite(): Databases {
  const folder = join(workFolder, 'databases')
  mkdirSync(folder, { recursive: true })
  let count = 0
  const next = (): Database => {
    const name = join(folder, `${++count}.sqlite3`)
    return { engine: 'sqlite', name, url: `sqlite:${name}` }
  }
  return {
    engine: 'sqlite',
    version: readVersion(),
    create: () => Promise.resolve(next()),
    copy(database) {
      const copied = next()
      if (existsSync(database.name)) copyFileSync(database.name, copied.name)
      return Promise.resolve(copied)
    },
    drop({ name }) {
      for (const end of ['', '-journal', '-wal', '-shm', '-mig-lock']) rmSync(name + end, { force: true })
      return Promise.resolve()
    },
    countTables: (database) => Promise.resolve(countTables(database)),
    close: () => Promise.resolve(),
  }
}

function readVersion(): string {
  const database = new Sqlite(':memory:')
  const version = database.prepare('select sqlite_version()').pluck().get() as string
  database.close()
  return version
}

function countTables({ name }: Database): number {
  if (!existsSync(name)) return 0
  const database = new Sqlite(name, { readonly: true })
  try {
    const sql = `select count(*) from sqlite_master where type = 'table' and substr(name, 1, ?) = ?`
    return database.prepare(sql).pluck().get(tablePrefix.length, tablePrefix) as number
  } finally {
    database.close()
  }
}
