// SQLite: a database file that has several names.

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { EngineError } from '../../core/errors.js'
import { shellWord } from '../../core/shell.js'
import type { SqliteConnection } from './connection.js'

/**
 * SQLite and mig both name what belongs to a database after its path: by its other name a second run would find neither
 * the lock nor the journal of an unfinished transaction (sqlite.org/howtocorrupt.html, "Multiple links to the same file").
 * Only looked at from outside: to open and close the file would free the locks that SQLite has on it (POSIX).
 * @throws EngineError `engine.several-names`
 */
export function assertOneName({ file, place }: SqliteConnection): void {
  if (file === null) return
  const names = statSync(file, { throwIfNoEntry: false })?.nlink ?? 1
  if (names > 1) throw severalNames(file, place.database, names)
}

function severalNames(file: string, name: string, names: number): EngineError {
  return new EngineError(
    'engine.several-names',
    `The SQLite file ${name} has ${names} names (hard links). A run that uses another of them would not see the lock of this one, nor the journal of SQLite. Nothing was changed.`,
    { hint: `Find the names, and remove all but one: find ${shellWord(dirname(file))} -samefile ${shellWord(file)}` },
  )
}
