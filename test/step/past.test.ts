// What follows from a journal for the statements that come again: decided without a database.

import { describe, expect, test } from '@jest/globals'

import { hashOf } from '../../src/core/checksum.js'
import { hashOfValues, keyOf } from '../../src/history/journal.js'
import type { JournalEntry } from '../../src/history/read-journal.js'
import { doubtsOf, type Finding, pastOf } from '../../src/step/past.js'

/** `1 done: insert …`, `2 [backfill] statement {absent}: …`, `step backfill`, `undone backfill`. */
function journal(...lines: readonly string[]): readonly JournalEntry[] {
  return lines.map((line, id) => {
    const common = { id, run: 'run 1', at: '', facts: null, valuesHash: null }
    const named = /^(step|undone) (.*)$/.exec(line)
    if (named !== null) return { ...common, what: named[1] as 'step', step: named[2] ?? null, sql: null, sqlHash: null }
    const [, ordinal, step = null, what, note, seen = null, sql = ''] =
      /^(\d+) (?:\[(.*?)\] )?(\w+)(?: \((.*)\))?(?: \{(.*)\})?: (.*)$/.exec(line) ?? []
    const about = { ordinal: Number(ordinal), step, sql, sqlHash: hashOf(sql), seen }
    return { ...common, ...about, what: what as 'done', ...(note !== undefined && { note }) }
  })
}

const at = (ordinal: number, sql: string, step: string | null = null) => ({ ordinal, step, sql })
/** What comes now: no values, and no temporary table. */
const now = (sql: string, values: readonly unknown[] = [], temporary = false) => ({ sql, values, facts: { temporary } })

describe('a statement that comes again is', () => {
  test.each([
    ['left out when it is done', ['1 done: a'], at(1, 'a'), 'skip'],
    ['sent when the journal ends before it', ['1 done: a'], at(2, 'b'), 'send'],
    ['sent when the migration had rolled it back itself', ['1 undone: a', '2 done: b'], at(1, 'a'), 'send'],
    ['sent when it was refused and taken back', ['1 refused (rolled back): a'], at(1, 'a'), 'send'],
    ['left out when it was confirmed', ['1 statement: a', '1 done: a'], at(1, 'a'), 'skip'],
    ['another one than what was done', ['1 done: a'], at(1, 'b'), 'differs'],
    ['new before something that is done', ['2 done: b'], at(1, 'a'), 'differs'],
    ['sent when it went with a transaction, beside which another was done', ['2 done (beside): b'], at(1, 'a'), 'send'],
    ['new before what was done after such a one', ['2 done (beside): b', '3 done: c'], at(1, 'a'), 'differs'],
    ['left out when it was done beside a transaction', ['2 done (beside): b'], at(2, 'b'), 'skip'],
    ['another one than what was done beside', ['2 done (beside): b'], at(2, 'c'), 'differs'],
    ['counted anew in each step', ['1 [one] done: a'], at(1, 'b', 'two'), 'send'],
    ['compared within its step', ['1 [one] done: a'], at(1, 'b', 'one'), 'differs'],
  ])('%s', (_what, lines, entry, kind) => {
    expect(pastOf(journal(...lines)).decide(entry, now(entry.sql), false).kind).toBe(kind)
  })

  test('not left out when it made a table that went with its session', () => {
    expect(pastOf(journal('1 done: a')).decide(at(1, 'a'), now('a', [], true), false).kind).toBe('temporary')
  })
})

describe('in doubt', () => {
  test('are what was announced and what was refused, in their order, but not in a step that is done', () => {
    const lines = [
      '1 statement: a',
      '2 done: b',
      '3 statement: c',
      '3 refused: c',
      '4 undone: d',
      '5 statement: e',
      '5 done: e',
    ]
    const named = ['1 [one] statement: f', 'step one', '1 [two] statement: g']
    expect(doubtsOf(journal(...lines, ...named)).map(({ sql }) => sql)).toStrictEqual(['a', 'c', 'g'])
  })

  test('is no refusal that was taken back', () => {
    expect(doubtsOf(journal('1 refused (rolled back): a', '2 refused: b')).map(({ sql }) => sql)).toStrictEqual(['b'])
  })

  test.each([
    ['what the catalog showed before it', ['1 statement {absent}: a'], 'absent'],
    ['the same, when the server refused it', ['1 statement {absent}: a', '1 refused {present}: a'], 'absent'],
    ['what it showed the last time', ['1 statement {absent}: a', '1 statement {present}: a'], 'present'],
    ['nothing, when nothing was looked at the last time', ['1 statement {absent}: a', '1 statement: a'], null],
    ['nothing, of one that was never announced', ['1 refused {present}: a'], null],
    ['not that of another step', ['1 [one] statement {absent}: b', 'step one', '1 refused: a'], null],
  ])('comes with %s', (_what, lines, seen) => {
    expect(doubtsOf(journal(...lines)).map((statement) => statement.seen)).toStrictEqual([seen])
  })

  const decide = (finding: Finding, sql: string) =>
    pastOf(journal('1 refused: a'), new Map([[keyOf({ step: null, ordinal: 1 }), finding]])).decide(
      at(1, sql),
      now(sql),
      false,
    ).kind

  test.each([
    ['sent when it was found to be not done', 'not-done', 'a', 'send'],
    ['sent in its new words when it was found to be not done', 'not-done', 'b', 'send'],
    ['written down as done when it was found to be', 'done', 'a', 'record'],
    ['another one than what was found to be done', 'done', 'b', 'differs'],
  ] as const)('%s', (_what, finding, sql, kind) => {
    expect(decide(finding, sql)).toBe(kind)
  })

  test('one that was found to be done must come again, and no read before it', () => {
    const past = pastOf(journal('2 refused: b'), new Map([[keyOf({ step: null, ordinal: 2 }), 'done']]))
    expect([past.isDoneAfter(null, 1), past.notMet()?.sql]).toStrictEqual([true, 'b'])
    past.decide(at(2, 'b'), now('b'), false)
    expect(past.notMet()).toBeNull()
  })
})

describe('values', () => {
  const [done] = journal('1 done: a')
  const past = () => pastOf([{ ...(done as JournalEntry), valuesHash: hashOfValues('run 1', [1, 'x', null]) }])
  test.each([
    ['the same', [1, 'x', null], true, 'skip'],
    ['others, and the program is the same', [2, 'x', null], false, 'skip'],
    ['others, and the program is another', [2, 'x', null], true, 'differs in values'],
    ['none, and the program is another', [], true, 'differs in values'],
  ])('%s', (_what, values, isEdited, kind) => {
    expect(past().decide(at(1, 'a'), now('a', values), isEdited).kind).toBe(kind)
  })

  test('are distinguished by what they are, and their hash by the run', () => {
    const hashes = [[1], ['1'], [null], [1n], [new Date(0)], [Buffer.from('a')], [['a']]].map((v) =>
      hashOfValues('r', v),
    )
    expect(new Set(hashes).size).toBe(hashes.length - 1) // 1n is written as '1'
    expect(hashOfValues('r', [1])).not.toBe(hashOfValues('s', [1]))
  })
})

test('a read may stand between statements only where nothing that is done follows', () => {
  const past = pastOf(journal('1 done: a', '3 done: c', '4 refused: d'))
  expect([0, 1, 2, 3, 4].map((ordinal) => past.isDoneAfter(null, ordinal))).toStrictEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  expect(past.isDoneAfter('step', 0)).toBe(false)
})

test('what is done must come again, unless its step was done as a whole', () => {
  const past = pastOf(journal('1 done: a', '1 [one] done: b', 'step one', '1 [two] done: c'))
  expect(past.notMet()?.sql).toBe('a')
  past.decide(at(1, 'a'), now('a'), false)
  expect(past.notMet()?.sql).toBe('c')
  past.decide(at(1, 'c', 'two'), now('c'), false)
  expect(past.notMet()).toBeNull()
  expect([past.isStepDone('one'), past.isStepDone('two'), past.hasBegun]).toStrictEqual([true, false, true])
})

test.each([
  ['nothing was begun', [], false, 0],
  ['neither by a step alone', ['step one', 'undone one'], false, 0],
  ['what is announced is begun', ['1 statement: a'], true, 0],
  ['what is done is counted', ['1 done: a', '2 statement: b', '3 undone: c', '4 done: d'], true, 2],
  ['each statement once', ['1 statement: a', '1 done: a', '1 [one] done: b', 'step one'], true, 2],
])('of what the journal tells %s', (_what, lines, hasBegun, doneCount) => {
  const past = pastOf(journal(...lines))
  expect([past.hasBegun, past.doneCount]).toStrictEqual([hasBegun, doneCount])
})

test.each([
  ['a query that came later takes it back', ['step one', 'undone one'], false],
  ['it may be done again after that', ['step one', 'undone one', 'step one'], true],
  ['a statement in it that was rolled back does not', ['step one', '2 [one] undone: b'], true],
  ['nor does what is of another one', ['step one', 'undone two'], true],
])('a named step is done: %s', (_what, lines, isDone) => {
  expect(pastOf(journal('1 [one] done: a', ...lines)).isStepDone('one')).toBe(isDone)
})
