// The readers of statements are linear in the length of a text and keep none of it: of millions of characters of any kind they
// say what they say of a few.

import { describe, expect, test } from '@jest/globals'

import type { StatementAnswers } from '../../src/engines/contract/statements.js'
import { statements as mysql } from '../../src/engines/mysql/statements.js'
import { statements as postgres } from '../../src/engines/postgres/statements.js'
import { statements as sqlite } from '../../src/engines/sqlite/statements.js'

/** How often a part is repeated, and the text. */
type Row = readonly [name: string, times: number, text: (times: number) => string]

const million = 1 << 20
const insert = 'insert into t values'

const longest: readonly Row[] = [
  ['a literal', 50 * million, (times) => `${insert} ('${'x'.repeat(times)}')`],
  ['a literal of quotes', 5 * million, (times) => `${insert} ('${"''".repeat(times)}')`],
  ['a literal that is not closed', 5 * million, (times) => `select 1; '${"x''".repeat(times)}; commit`],
  ['a comment', 10 * million, (times) => `/*${' * '.repeat(times)}*/ select 1`],
  ['a comment that is not closed', 10 * million, (times) => `select 1 /*${' ; '.repeat(times)}`],
  ['white space', 10 * million, (times) => `${' \n'.repeat(times)}select 1`],
  ['comments', 100_000, (times) => `${'-- ; commit\n/* ; */'.repeat(times)} select 1`],
]

/** The reader of MySQL keeps 65,536 pieces of a statement. */
function ofManyPieces(times: number): readonly Row[] {
  return [
    ['rows of literals', times, (times) => `${insert} ${"('it''s', 1),".repeat(times)} ('', 1)`],
    ['nested parentheses', times, (times) => `select ${'('.repeat(times)}1${')'.repeat(times)}`],
    ['parentheses that are not closed', times, (times) => `select ${'('.repeat(times)}`],
  ]
}

describe.each<readonly [string, StatementAnswers, readonly Row[]]>([
  [
    'SQLite',
    sqlite,
    [
      ...ofManyPieces(million),
      ['a quoted name', 50 * million, (times) => `select 1 as "${'x'.repeat(times)}"`],
      ['brackets that are not closed', 100_000, (times) => `select 1 ${'[ '.repeat(times)}`],
      [
        'a trigger',
        100_000,
        (times) => `create trigger a after insert on t begin ${'delete from u; '.repeat(times)} end`,
      ],
    ],
  ],
  [
    'PostgreSQL',
    postgres,
    [
      ...ofManyPieces(million),
      ['a literal of escapes', 5 * million, (times) => `${insert} (E'${"\\'".repeat(times)}')`],
      ['a name of quotes', million, (times) => `create table "${'""'.repeat(times)}" (a int)`],
      ['comments in each other that are not closed', 10 * million, (times) => `commit /* ${'/*'.repeat(times)}`],
      ['a block', million, (times) => `do $$ begin ${'perform 1; '.repeat(times)} end $$`],
    ],
  ],
  [
    'MySQL and MariaDB',
    mysql,
    [
      ...ofManyPieces(10_000),
      ['a literal of escapes', 5 * million, (times) => `${insert} ('${"\\'".repeat(times)}')`],
      ['a quoted name', 50 * million, (times) => `select 1 as \`${'x'.repeat(times)}\``],
      ['comments to the end of a line', 100_000, (times) => `${'# ; commit\n'.repeat(times)} select 1`],
      ['a procedure', 10_000, (times) => `create procedure p() begin ${'delete from u; '.repeat(times)} end`],
    ],
  ],
])('%s', (_engine, { read }, own) => {
  test.each([...longest, ...own])(
    '%s, %d times as long',
    (_name, times, text) => expect(read(text(times))).toStrictEqual(read(text(2))),
    120_000,
  )

  test('a hundred thousand statements', () => {
    const one = `${insert} (1, 'it''s');\n`
    expect(read(one.repeat(100_000))).toStrictEqual({ ...read(one.repeat(2)), count: 100_000 })
  }, 120_000)
})

test('of more pieces than it keeps, the reader of MySQL says what is safe', () => {
  const sql = `select ${'('.repeat(100_000)}1${')'.repeat(100_000)}`
  expect(mysql.read(sql)).toMatchObject({ reads: false, changesSettings: true, count: 1 })
})
