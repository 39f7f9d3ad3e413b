#!/usr/bin/env node
// The launcher: nothing but a call of the built CLI.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`mig needs Node 20.19 or later; this is ${process.versions.node}.`)
  process.exit(2)
}

const { runProcess } = await import('../dist/cli/main.js')
await runProcess()
