// The benchmark's own arithmetic: turns, merging, tables and curves. What it measures is no matter of a test.

import { describe, expect, test } from '@jest/globals'

import { alternate } from '../../bench/alternate.js'
import { renderCurves, type Curve } from '../../bench/report/curves.js'
import { renderTables } from '../../bench/report/tables.js'
import { median, mergeResults, type Measurement, type Results } from '../../bench/results.js'
import type { Sampler } from '../../bench/rows.js'

describe('turns', () => {
  const order: string[] = []
  const sampler =
    (name: string, problem: string | null = null): Sampler =>
    () => {
      order.push(name)
      return Promise.resolve({ value: order.length, problem })
    }

  test('each round begins with another, after one that is not counted', async () => {
    const samplers = new Map(['a', 'b'].map((name) => [name, sampler(name)]))
    const outcomes = await alternate(samplers, { rounds: 2, warmUp: true })
    expect(order.splice(0).join('')).toBe('abab' + 'ba')
    expect(outcomes.get('a')).toEqual({ values: [3, 6], problem: null })
  })

  test('whoever fails is out, with the reason', async () => {
    const samplers = new Map([
      ['a', sampler('a', 'exit 1')],
      ['b', sampler('b')],
      ['c', () => Promise.reject(new Error('no disk'))],
    ])
    const outcomes = await alternate(samplers, { rounds: 2, warmUp: false })
    expect(order.splice(0).join('')).toBe('abb')
    expect(outcomes.get('a')).toEqual({ values: [], problem: 'exit 1' })
    expect(outcomes.get('c')).toEqual({ values: [], problem: 'no disk' })
  })
})

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected))

describe('results', () => {
  test('what is measured again takes the place of what was there', () => {
    const merged = mergeResults(results([noOp('mig', 10), noOp('knex', 20)]), results([noOp('mig', 5)]))
    expect(merged.measurements).toEqual([noOp('knex', 20), noOp('mig', 5)])
  })

  test('of another version are not merged', () => {
    const other = { ...results([]), versions: { mig: '2' } }
    expect(() => mergeResults(results([]), other)).toThrow('mig 1, not 2')
  })

  test('become a table, in which a failure is reported', () => {
    const failed = { ...noOp('kysely', 0), values: [], problem: 'exit 1: no' }
    const text = renderTables(results([noOp('node', 20), noOp('mig', 50), noOp('knex', 100), failed]))
    expect(text).toMatch(/\| mig +\| +50 \| +2\.50 \| +0\.50 \|/)
    expect(text).toMatch(/\| Kysely +\| failed \|/)
    expect(text).toContain('- Kysely, sqlite, no-op, 10: exit 1: no')
  })
})

test('labels of curves that end at one place do not lie over each other', () => {
  const curves = Array.from({ length: 12 }, (_, index): Curve => {
    return { label: `<${index}>`, kind: 'peer', colour: 0, points: [point(10, 1), point(100, 2)] }
  })
  const svg = renderCurves({ title: 'a & b', across: 'migrations', up: 'seconds', curves })
  const heights = [...svg.matchAll(/class="label" x="\d+" y="([\d.]+)">&lt;/g)].map(([, y]) => Number(y))
  expect(heights).toHaveLength(12)
  const gaps = heights.slice(1).map((y, index) => y - (heights[index] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15.9)
  expect(svg).toContain('a &amp; b')
})

function point(x: number, y: number): { x: number; y: number } {
  return { x, y }
}

function noOp(tool: string, value: number): Measurement {
  return { row: 'no-op', engine: 'sqlite', size: 10, tool, values: [value], problem: null }
}

function results(measurements: readonly Measurement[]): Results {
  const machine = { processor: 'one', cores: 1, memoryGb: 1, system: 'linux x64', node: '20' }
  return { date: '2026-01-01T00:00:00Z', machine, versions: { mig: '1' }, skipped: {}, measurements }
}
