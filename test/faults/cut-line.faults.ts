// The line to the server breaks: before COMMIT, after it, in the middle of a reply; and the server is there again, or
// stays away. What was committed is found by looking; what cannot be known is said.

import { expect, test } from '@jest/globals'

import { type Bench, createBench } from '../runner/workbench.js'
import { forEachEngine, type TestEngine } from '../support/engines.js'
import type { ProgramResult } from '../support/project.js'
import { openProxy, type Statement } from './support/proxy.js'

interface Cut {
  readonly at: 'the insert of bbbb' | 'the commit of bbbb'
  readonly side: 'before' | 'after' | 'halfway through the reply to'
  /** Whether there is one more step behind bbbb. */
  readonly isLast: boolean
  readonly isAway: boolean
}

interface Outcome {
  readonly code: number
  readonly says?: RegExp
  /** Whether bbbb is in the database after the broken run. */
  readonly isApplied: boolean
}

const back = { isAway: false }
const away = { isAway: true }
const last = { isLast: true }
const notLast = { isLast: false }
const insert = { at: 'the insert of bbbb' } as const
const commit = { at: 'the commit of bbbb' } as const

const unknown = /partial\.outcome-unknown/
const cases: readonly (readonly [string, Cut, Outcome])[] = [
  ['B1', { side: 'before', ...insert, ...last, ...back }, { code: 8, isApplied: false }],
  ['B1', { side: 'after', ...insert, ...last, ...back }, { code: 8, isApplied: false }],
  ['B1', { side: 'halfway through the reply to', ...insert, ...last, ...back }, { code: 8, isApplied: false }],
  ['B1', { side: 'after', ...insert, ...last, ...away }, { code: 8, isApplied: false }],
  ['B2', { side: 'before', ...commit, ...last, ...back }, { code: 8, isApplied: false }],
  ['B2', { side: 'before', ...commit, ...notLast, ...back }, { code: 8, isApplied: false }],
  ['B2', { side: 'after', ...commit, ...last, ...back }, { code: 0, isApplied: true }],
  ['B2', { side: 'halfway through the reply to', ...commit, ...last, ...back }, { code: 0, isApplied: true }],
  ['B2', { side: 'after', ...commit, ...notLast, ...back }, { code: 8, says: /committed/, isApplied: true }],
  // Nobody can tell these two apart while the server is away.
  ['B3', { side: 'before', ...commit, ...last, ...away }, { code: 6, says: unknown, isApplied: false }],
  ['B3', { side: 'after', ...commit, ...last, ...away }, { code: 6, says: unknown, isApplied: true }],
  ['B3', { side: 'after', ...commit, ...notLast, ...away }, { code: 6, says: unknown, isApplied: true }],
]

forEachEngine(
  (engine) => {
    const table = cases.map(([number, cut, outcome]) => ({ name: `${number} ${inWords(cut)}`, cut, outcome }))
    test.concurrent.each(table)('$name', async ({ cut, outcome }) => {
      const bench = await benchFor(engine, cut)
      const { code, stderr, stdout } = await runCut(bench, cut)
      const says = outcome.says ?? (outcome.code === 8 ? /\[engine\.unreachable\]/ : /^$/)
      expect({ code, stderr }).toStrictEqual({ code: outcome.code, stderr: expect.stringMatching(says) })
      // What became of it is looked up before a line says so.
      expect(stdout).toMatch(outcome.isApplied && outcome.code !== 6 ? /^(✓|ok) bbbb/m : /^(✗|x) bbbb/m)
      expect(await witnesses(bench)).toStrictEqual(outcome.isApplied ? ['aaaa', 'bbbb'] : ['aaaa'])

      const again = await bench.run('upgrade', '--lock-timeout', '30')
      expect(again).toMatchObject({ code: 0 })
      const all = cut.isLast ? ['aaaa', 'bbbb'] : ['aaaa', 'bbbb', 'cccc']
      expect(await witnesses(bench)).toStrictEqual(all)
      expect(await bench.rows()).toStrictEqual(all.map((revision) => `${revision} applied`))
    })
  },
  { only: ['postgres', 'mysql'] },
)

/** Rows alone, so that each migration is one transaction on each engine. */
async function benchFor(engine: TestEngine, { isLast }: Cut): Promise<Bench> {
  const bench = await createBench(engine)
  await bench.query('create table witness (revision varchar(10))')
  for (const revision of isLast ? ['aaaa', 'bbbb'] : ['aaaa', 'bbbb', 'cccc'])
    bench.write({ revision, up: `  await knex('witness').insert({ revision: '${revision}' })` })
  return bench
}

async function runCut(bench: Bench, cut: Cut): Promise<ProgramResult> {
  let inserts = 0
  const isIt = ({ sql }: Statement) => {
    const isInsert = /^insert into .?witness/.test(sql)
    if (isInsert) inserts++
    return inserts === 2 && (cut.at === 'the insert of bbbb' ? isInsert : /^commit/i.test(sql))
  }
  let found: Statement | undefined
  const strike = () => {
    if (cut.isAway) proxy.refuse()
    return cut.side === 'halfway through the reply to' ? 'cut-halfway' : 'cut'
  }
  const proxy = await openProxy(bench.database.url, {
    onStatement(statement) {
      if (found !== undefined || !isIt(statement)) return 'pass'
      found = statement
      if (cut.side !== 'before') return 'pass'
      strike()
      return 'cut'
    },
    onReply: (statement) => (statement === found && cut.side !== 'before' ? strike() : 'pass'),
  })
  const result = await bench.project.run(['upgrade'], { env: { MIG_DATABASE_URL: proxy.url }, timeoutMs: 120_000 })
  await proxy.close()
  expect(found).toBeDefined()
  return result
}

async function witnesses(bench: Bench): Promise<readonly string[]> {
  const rows = await bench.query('select revision from witness order by revision')
  return rows.map(({ revision }) => String(revision))
}

function inWords({ at, side, isLast, isAway }: Cut): string {
  return `the line is cut ${side} ${at}${isLast ? '' : ', with a step behind it'}; the server ${isAway ? 'stays away' : 'is there again'}`
}
