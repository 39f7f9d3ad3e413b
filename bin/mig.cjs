#!/usr/bin/env node
// The launcher: nothing but a call of the built CLI, and what needs no CLI. CommonJS, because that starts faster.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`mig needs Node 20.19 or later; this is ${process.versions.node}.`)
  process.exit(2)
}

const [word, ...others] = process.argv.slice(2)
if (others.length === 0 && (word === '--version' || word === '-V')) {
  console.log(require('../package.json').version)
} else {
  require('node:module').enableCompileCache?.() // from Node 22 on
  require('../dist/main.cjs').runProcess()
}
