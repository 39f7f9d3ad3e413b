// The results: every sample, and the machine that they come from. They lie in the repository.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { EngineName } from './databases/database.js'
import type { RowName } from './rows.js'

export interface Measurement {
  readonly row: RowName
  /** Null where no database is asked. */
  readonly engine: EngineName | null
  /** Number of migrations; null where there are none. */
  readonly size: number | null
  readonly tool: string
  /** Milliseconds, rounded to tenths; megabytes for `memory`. */
  readonly values: readonly number[]
  /** Why there are no values. */
  readonly problem: string | null
}

export interface Results {
  /** UTC, of the last run that is in it. */
  readonly date: string
  readonly machine: Machine
  /** Of the tools and engines. */
  readonly versions: Readonly<Record<string, string>>
  /** What was not measured, and why. */
  readonly skipped: Readonly<Record<string, string>>
  readonly measurements: readonly Measurement[]
}

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
}

export const latestPath = fileURLToPath(new URL('results/latest.json', import.meta.url))

export function machineFacts(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
  }
}

/** @throws when there are none */
export function readResults(path: string): Results {
  if (!existsSync(path)) throw new Error(`there are no results yet: npm run bench writes them`)
  return JSON.parse(readFileSync(path, 'utf8')) as Results
}

export function writeResults(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true })
  const lines = results.measurements.map((measurement) => `    ${JSON.stringify(measurement)}`)
  const text = JSON.stringify({ ...results, measurements: undefined }, undefined, 2).replace(/\n}$/, '')
  writeFileSync(path, `${text},\n  "measurements": [\n${lines.join(',\n')}\n  ]\n}\n`)
}

/**
 * What `later` measured takes the place of what `earlier` has of the same.
 * @throws when they come from different machines, or from different versions of something
 */
export function mergeResults(earlier: Results, later: Results): Results {
  if (JSON.stringify(earlier.machine) !== JSON.stringify(later.machine))
    throw new Error('--merge: the results that are there come from another machine, or another version of Node')
  const changed = Object.keys(later.versions).find(
    (name) => (earlier.versions[name] ?? later.versions[name]) !== later.versions[name],
  )
  if (changed !== undefined)
    throw new Error(
      `--merge: the results that are there come from ${changed} ${earlier.versions[changed]}, not ${later.versions[changed]}`,
    )
  const measured = new Set(later.measurements.map(keyOf))
  const kept = earlier.measurements.filter((measurement) => !measured.has(keyOf(measurement)))
  const stillSkipped = Object.entries(earlier.skipped).filter(([name]) => !(name in later.versions))
  return {
    ...later,
    versions: { ...earlier.versions, ...later.versions },
    skipped: { ...Object.fromEntries(stillSkipped), ...later.skipped },
    measurements: [...kept, ...later.measurements],
  }
}

function keyOf({ row, engine, size, tool }: Measurement): string {
  return [row, engine, size, tool].join(' ')
}

/** Of an odd number the one in the middle, of an even one the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) / 2
  return ((sorted[Math.floor(at)] ?? NaN) + (sorted[Math.ceil(at)] ?? NaN)) / 2
}
