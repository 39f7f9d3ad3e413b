// SQLite: what the reader says of a statement is what the database then does.

import { afterAll, describe, expect, test } from '@jest/globals'

import { statements } from '../../src/engines/sqlite/statements.js'
import { createDatabase, data, errorOf, removeDatabases, run } from './sqlite/database.js'
import { failures } from './sqlite/failures.js'
import { compare } from './sqlite/compare.js'
import { observe } from './sqlite/observe.js'
import { type Fact, notRun, rows } from './sqlite/rows.js'
import { spellings } from './spellings.js'

afterAll(removeDatabases)

describe('the reader and the database agree', () => {
  let count = 0
  afterAll(() => console.log(`SQLite: ${count} statements were run`))

  test.each(rows.map((row) => [row.sql, row] as const))('%s', (_sql, row) => {
    for (const sql of spellings(row.sql)) {
      const seen = observe(row, sql)
      count++
      expect([sql, seen.error]).toStrictEqual([sql, null])
      const disagreements = compare(sql, seen)
      const excused = disagreements.filter(({ fact, unsafe }) => !unsafe && row.errs?.[fact as Fact] !== undefined)
      expect([sql, disagreements.filter((one) => !excused.includes(one))]).toStrictEqual([sql, []])
    }
  })

  test('at least 400 statements were run', () => expect(count).toBeGreaterThanOrEqual(400))
})

describe('what cannot be run', () => {
  test.skip.each(Object.entries(notRun))('%s: %s', () => undefined)
})

describe('no statement errs for a reason that does not hold', () => {
  test.each(rows.flatMap((row) => (row.errs === undefined ? [] : [[row.sql, row, row.errs] as const])))(
    '%s',
    (_sql, row, errs) => {
      const facts = compare(row.sql, observe(row, row.sql)).map(({ fact }) => fact)
      expect(Object.keys(errs).filter((fact) => !facts.includes(fact))).toStrictEqual([])
    },
  )
})

describe('what fails outside of a transaction leaves nothing, or the reader does not promise it', () => {
  test.each(failures.map((failure) => [failure.sql, failure] as const))('%s', (sql, { setup, errs }) => {
    const database = createDatabase(setup)
    const before = data(database)
    expect(errorOf(() => run(database, sql))).not.toBeNull()
    if (database.inTransaction) database.exec('rollback')
    const leavesNothing = data(database) === before
    database.close()
    expect({ allOrNothing: statements.read(sql).allOrNothing }).toStrictEqual({
      allOrNothing: errs === undefined ? leavesNothing : !leavesNothing,
    })
  })
})
