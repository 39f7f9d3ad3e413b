// `npm run bench`: measures mig beside its peers. See README.md here.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { measure } from './measure.js'
import { readOptions, usage, type Options } from './options.js'
import { benchFolder } from './packages.js'
import { clearWork } from './project.js'
import { renderTables } from './report/tables.js'
import { writeDocs } from './report/write-docs.js'
import { latestPath, machineFacts, mergeResults, readResults, writeResults, type Results } from './results.js'

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(options: Options): Promise<void> {
  const path = options.output === undefined ? latestPath : resolve(options.output)
  if (options.help) return console.log(usage)
  if (options.writeDocs) return writeDocs(readResults(path))
  if (!existsSync(join(benchFolder, 'node_modules')))
    console.error('The tools to compare with are not installed, and are left out: npm ci --prefix bench')
  const earlier = options.merge ? readResults(path) : null
  clearWork()
  try {
    await measureAndWrite(options, path, earlier)
  } finally {
    clearWork()
  }
}

/** The results are written each time that there is something new: a long run that is stopped is not lost. */
async function measureAndWrite(options: Options, path: string, earlier: Results | null): Promise<void> {
  let results: Results = noResults()
  const complete = () => (earlier === null ? results : mergeResults(earlier, results))
  await measure(options, {
    say: (text) => console.error(text),
    version(name, version) {
      results = { ...results, versions: { ...results.versions, [name]: version } }
      complete() // says now, not after a row, what cannot be merged
    },
    skipped(name, reason) {
      console.error(`${name} is left out: ${reason}`)
      results = { ...results, skipped: { ...results.skipped, [name]: reason } }
    },
    measured(measurements) {
      for (const { tool, problem } of measurements) if (problem !== null) console.error(`  ${tool}: ${problem}`)
      results = { ...results, measurements: [...results.measurements, ...measurements] }
      writeResults(path, complete())
    },
  })
  console.log(renderTables(complete()))
}

function noResults(): Results {
  return { date: new Date().toISOString(), machine: machineFacts(), versions: {}, skipped: {}, measurements: [] }
}
