// The protocol of MySQL and MariaDB, as far as it must be known to tell statements and replies apart
// (dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html).

import type { ClientPart, Conversation } from './proxy.js'

const command = { quit: 0x01, query: 0x03, prepare: 0x16, execute: 0x17, longData: 0x18, closeStatement: 0x19 }
const moreResults = 0x0008
const deprecateEof = 0x01000000

/** A command is a packet with the number 0. During the login the numbers go on. */
export function mysqlConversation(): Conversation {
  let sent: Buffer = Buffer.alloc(0)
  let received: Buffer = Buffer.alloc(0)
  let reply: Reply | undefined

  function partOf(packet: Buffer): ClientPart {
    const payload = packet.subarray(4)
    if (packet[3] !== 0) {
      if (packet[3] === 1 && payload.length >= 4 && payload.readUInt32LE(0) & deprecateEof)
        throw new Error('the proxy does not know result sets without EOF packets')
      return { bytes: packet }
    }
    const code = payload[0]
    if (code === command.quit || code === command.closeStatement || code === command.longData) return { bytes: packet }
    reply =
      code === command.prepare ? prepared() : code === command.query || code === command.execute ? results() : one()
    return { bytes: packet, sql: sqlOf(payload) }
  }

  return {
    fromClient(bytes) {
      sent = Buffer.concat([sent, bytes])
      const { packets, rest } = packetsIn(sent)
      sent = rest
      return packets.map(partOf)
    },
    fromServer(bytes) {
      if (reply === undefined) return [{ bytes, isReply: false }]
      received = Buffer.concat([received, bytes])
      // A reply is read from its beginning each time: they are short.
      const reader = reply()
      const isWhole = packetsIn(received).packets.some((packet) => reader(packet.subarray(4)))
      if (!isWhole) return []
      const part = { bytes: received, isReply: true }
      received = Buffer.alloc(0)
      reply = undefined
      return [part]
    },
  }
}

/** Makes a reader: it is given one packet after the other and tells whether the reply ends with it. */
type Reply = () => (payload: Buffer) => boolean

const one = (): Reply => () => () => true

/** OK, or an error, or columns and rows; several of them for several statements. */
function results(): Reply {
  return () => {
    let state: 'first' | 'columns' | 'rows' = 'first'
    const endOfOne = (status: number) => {
      state = 'first'
      return (status & moreResults) === 0
    }
    return (payload) => {
      if (payload[0] === 0xff) return true
      if (state === 'first') {
        if (payload[0] === 0x00) return endOfOne(statusOfOk(payload))
        state = 'columns'
        return false
      }
      if (!isEof(payload)) return false
      if (state === 'rows') return endOfOne(payload.readUInt16LE(3))
      state = 'rows'
      return false
    }
  }
}

function prepared(): Reply {
  return () => {
    let left: number | undefined
    return (payload) => {
      if (payload[0] === 0xff) return true
      const [columns, parameters] = left === undefined ? [payload.readUInt16LE(5), payload.readUInt16LE(7)] : [0, 0]
      left = left === undefined ? packetsOf(columns) + packetsOf(parameters) : left - 1
      return left === 0
    }
  }
}

/** Definitions are followed by an EOF. */
function packetsOf(definitions: number): number {
  return definitions === 0 ? 0 : definitions + 1
}

function isEof(payload: Buffer): boolean {
  return payload[0] === 0xfe && payload.length < 9
}

/** Behind the header are two numbers of variable length. */
function statusOfOk(payload: Buffer): number {
  const skip = (at: number) => at + ({ 0xfc: 3, 0xfd: 4, 0xfe: 9 }[payload[at] ?? 0] ?? 1)
  return payload.readUInt16LE(skip(skip(1)))
}

function sqlOf(payload: Buffer): string {
  if (payload[0] !== command.query && payload[0] !== command.prepare) return `(command ${payload[0]})`
  const hasAttributes = payload[1] === 0 && payload[2] === 1
  return payload.toString('utf8', hasAttributes ? 3 : 1)
}

function packetsIn(bytes: Buffer): { packets: Buffer[]; rest: Buffer } {
  const packets: Buffer[] = []
  let at = 0
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUIntLE(at, 3)
    if (end > bytes.length) break
    packets.push(bytes.subarray(at, end))
    at = end
  }
  return { packets, rest: bytes.subarray(at) }
}
