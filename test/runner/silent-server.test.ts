// A server that accepts and says nothing, or stops in the midst of TLS: the first signal ends the run.

import { createServer, type Server, type Socket } from 'node:net'

import { afterEach, expect, test } from '@jest/globals'

import { createProject } from '../support/project.js'
import { table, migrationText } from './workbench.js'

const running: { server: Server; sockets: Socket[] }[] = []

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** Answers what it is sent with `answers`, in their order, and then no more. Resolves with its port. */
async function silentServer(answers: readonly string[]): Promise<{ port: number; isAsked: Promise<void> }> {
  const sockets: Socket[] = []
  let asked: () => void
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const server = createServer((socket) => {
    sockets.push(socket)
    const left = [...answers]
    socket.on('error', () => undefined)
    socket.on('data', () => {
      const answer = left.shift()
      if (answer === undefined) asked()
      else socket.write(answer)
    })
    if (answers.length === 0) asked()
  })
  running.push({ server, sockets })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as { port: number }).port, isAsked }
}

test.each([
  ['postgres', 'says nothing', '', [], 'SIGTERM', 143],
  ['postgres', 'says nothing', '?connect_timeout=0', [], 'SIGINT', 130],
  ['postgres', 'stops in the midst of TLS', '?sslmode=require&connect_timeout=0', ['S'], 'SIGTERM', 143],
  ['mysql', 'says nothing', '', [], 'SIGTERM', 143],
  ['mysql', 'says nothing', '?connectTimeout=0', [], 'SIGINT', 130],
] as const)('%s %s %s: %5$s ends it', async (engine, _what, parameters, answers, signal, code) => {
  const { port, isAsked } = await silentServer(answers)
  const project = createProject({ files: { 'migrations/aaaa.mjs': migrationText(table('aaaa')) } })
  const runner = project.start(['upgrade', '--database-url', `${engine}://anna@127.0.0.1:${port}/shop${parameters}`])
  await isAsked
  runner.kill(signal)
  const result = await Promise.race([
    runner.exit,
    new Promise((resolve) => setTimeout(resolve, 8000, 'still running').unref()),
  ])
  expect(result).toMatchObject({ code, signal: null, stderr: expect.stringContaining(`Stopped by ${signal}`) })
})
