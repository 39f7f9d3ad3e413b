// The same for each server: its statements, in all spellings, run and compared with what the reader says of them.

import { afterAll, describe, expect, test } from '@jest/globals'

import type { StatementAnswers } from '../../src/engines/contract/statements.js'
import { type EngineName, engineNamed } from '../support/engines.js'
import { compare, type Fact, type NotRun, observe, type ServerKind, type ServerRow } from './server.js'
import { spellings } from './spellings.js'

export function compareWithServer(
  name: EngineName,
  statements: StatementAnswers,
  rows: readonly ServerRow[],
  kind: ServerKind,
  notRun: NotRun,
): void {
  const engine = engineNamed(name)
  const describeEngine = engine.skipped === undefined ? describe : describe.skip
  describeEngine(`${name}: the reader and the server agree`, () => {
    let count = 0
    afterAll(() => console.log(`${name}: ${count} statements were run`))

    test.each(rows.map((row) => [row.sql, row] as const))('%s', async (_sql, row) => {
      for (const sql of spellings(row.sql, kind.names)) {
        const seen = await observe(kind, () => engine.createDatabase(), row, sql)
        count++
        expect([sql, seen.error]).toStrictEqual([sql, null])
        const wrong = compare(statements, sql, seen)
          .filter(
            ({ fact, unsafe }) =>
              row.serverErrs?.[fact as Fact] === undefined && (unsafe || row.errs?.[fact as Fact] === undefined),
          )
          .map(({ fact }) => fact)
        expect({ sql, wrong, seen: wrong.length > 0 ? seen : null }).toStrictEqual({ sql, wrong: [], seen: null })
      }
    })

    if (Object.keys(notRun).length > 0) test.skip.each(Object.entries(notRun))('%s: %s', () => undefined)

    test('at least 400 statements were run', () => expect(count).toBeGreaterThanOrEqual(400))
  })
}
