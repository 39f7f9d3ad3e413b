// A line to a database server with a person on it: each statement is seen before it goes to the server, and each reply
// before it is delivered. There the program can be killed, or the line cut.

import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'

import { mysqlConversation } from './mysql-wire.js'
import { postgresConversation } from './postgres-wire.js'

/** One client's talk with the server: bytes become statements and whole replies. */
export interface Conversation {
  /** What the client sent, in parts to be forwarded; a part that asks the server for something carries its SQL. */
  fromClient(bytes: Buffer): readonly ClientPart[]
  /** What the server sent, in parts to be delivered. While a statement runs its reply is kept until it is whole. */
  fromServer(bytes: Buffer): readonly ServerPart[]
}

export interface ClientPart {
  readonly bytes: Buffer
  readonly sql?: string
}

export interface ServerPart {
  readonly bytes: Buffer
  /** Whether it is the whole reply to a statement. */
  readonly isReply: boolean
}

export interface Statement {
  /** 1, 2, … over all connections, in the order of arrival. */
  readonly ordinal: number
  readonly sql: string
}

export interface Watcher {
  /** The server does not know the statement yet. `cut`: it never will, and the line is gone. `instead`: it gets this one. */
  onStatement?(statement: Statement): 'pass' | 'cut' | { readonly instead: string }
  /** The server has done it, and nobody was answered. `cut-halfway`: the client reads one half of the reply. */
  onReply?(statement: Statement): 'pass' | 'cut' | 'cut-halfway'
}

export interface Proxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string
  /** What came by so far. */
  readonly statements: readonly Statement[]
  /** From now on the line is open and says nothing, in neither direction; so is each new one. */
  silence(): void
  /** From now on the server is away: nobody gets a connection. */
  refuse(): void
  close(): Promise<void>
}

export async function openProxy(databaseUrl: string, watcher: Watcher = {}): Promise<Proxy> {
  const target = new URL(databaseUrl)
  const converse = target.protocol === 'postgres:' ? postgresConversation : mysqlConversation
  const statements: Statement[] = []
  const lines = new Set<Socket>()
  const line = { isSilent: false }
  const listener = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    for (const socket of [client, server]) {
      lines.add(socket)
      socket.setNoDelay(true)
      socket.once('close', () => lines.delete(socket))
    }
    join({ client, server, conversation: converse(), watcher, statements, line })
  })
  const port = await listen(listener)
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    statements,
    silence: () => void (line.isSilent = true),
    refuse: () => void listener.close(),
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve)) // also when it refuses already
      for (const socket of lines) socket.destroy()
      await closed
    },
  }
}

interface Line {
  readonly client: Socket
  readonly server: Socket
  readonly conversation: Conversation
  readonly watcher: Watcher
  readonly statements: Statement[]
  readonly line: { readonly isSilent: boolean }
}

function join({ client, server, conversation, watcher, statements, line }: Line): void {
  let current: Statement | undefined
  const cut = () => {
    client.destroy()
    server.destroy()
  }
  client.on('data', (bytes: Buffer) => {
    if (line.isSilent) return
    for (const part of conversation.fromClient(bytes)) {
      let sent = part.bytes
      if (part.sql !== undefined) {
        current = { ordinal: statements.length + 1, sql: part.sql }
        statements.push(current)
        const verdict = watcher.onStatement?.(current) ?? 'pass'
        if (verdict === 'cut') return cut()
        if (verdict !== 'pass') sent = replaced(part.bytes, part.sql, verdict.instead)
      }
      if (server.writable) server.write(sent)
    }
  })
  server.on('data', (bytes: Buffer) => {
    if (line.isSilent) return
    for (const part of conversation.fromServer(bytes)) {
      const verdict = part.isReply && current !== undefined ? (watcher.onReply?.(current) ?? 'pass') : 'pass'
      if (verdict === 'cut') return cut()
      if (verdict === 'cut-halfway') {
        server.destroy()
        client.end(part.bytes.subarray(0, Math.ceil(part.bytes.length / 2)))
        return
      }
      if (client.writable) client.write(part.bytes)
    }
  })
  client.on('error', cut)
  server.on('error', cut)
  client.on('close', () => server.destroy())
  server.on('end', () => client.end())
}

/** The packet keeps its length: what is shorter ends in blanks. */
function replaced(packet: Buffer, sql: string, instead: string): Buffer {
  const text = Buffer.from(sql)
  const at = packet.indexOf(text)
  if (at < 0 || Buffer.byteLength(instead) > text.length) throw new Error(`cannot send ${instead} instead of ${sql}`)
  const changed = Buffer.from(packet)
  changed.fill(' ', at, at + text.length).write(instead, at)
  return changed
}

async function listen(listener: Server): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return (listener.address() as AddressInfo).port
}
