#!/usr/bin/env node
// The launcher: nothing but a call of the built CLI, and what needs no CLI.

import { readFileSync } from 'node:fs'
import * as module from 'node:module'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`mig needs Node 20.19 or later; this is ${process.versions.node}.`)
  process.exit(2)
}

const [word, ...others] = process.argv.slice(2)
if (others.length === 0 && (word === '--version' || word === '-V')) {
  console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
} else {
  module.enableCompileCache?.() // from Node 22 on
  const { runProcess } = await import('../dist/main.js')
  await runProcess()
}
