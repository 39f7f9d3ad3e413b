#!/usr/bin/env node
// The launcher: nothing but a call of the built CLI.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`mig needs Node 20.19 or later; this is ${process.versions.node}.`)
  process.exit(2)
}

const { main } = await import('../dist/cli/main.js')
process.exitCode = await main(process.argv.slice(2))
// A migration that was given up, or that opened something of its own, may leave timers and sockets that nobody waits for.
// Pipes are written asynchronously on some systems (Node manual, "A note on process I/O"): first they are empty.
process.stdout.write('', () => process.stderr.write('', () => process.exit()))
