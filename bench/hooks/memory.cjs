// Loaded before a program (node --require): writes down the most memory that it had, in KB.

const { appendFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const report = process.env.BENCH_MEMORY_REPORT

if (isMainThread && report) process.once('exit', () => appendFileSync(report, `${process.resourceUsage().maxRSS}\n`))
