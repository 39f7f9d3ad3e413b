// The PostgreSQL protocol, as far as it must be known to tell statements and replies apart
// (postgresql.org/docs/current/protocol-message-formats.html).

import type { ClientPart, Conversation, ServerPart } from './proxy.js'

/** A statement is a Query, or everything from Parse to Sync; its reply ends with ReadyForQuery. */
export function postgresConversation(): Conversation {
  let sent: Buffer = Buffer.alloc(0)
  let received: Buffer = Buffer.alloc(0)
  let hasStarted = false
  let extended: { messages: Buffer[]; sql: string } | undefined
  let isWaiting = false

  function partOf(message: Buffer): ClientPart | undefined {
    switch (String.fromCharCode(message[0] ?? 0)) {
      case 'Q':
        isWaiting = true
        return { bytes: message, sql: text(message, 5) }
      case 'P': {
        const name = text(message, 5)
        extended = { messages: [...(extended?.messages ?? []), message], sql: text(message, 6 + name.length) }
        return undefined
      }
      case 'B':
      case 'D':
      case 'E':
      case 'C':
      case 'H':
        extended ??= { messages: [], sql: '(prepared)' }
        extended.messages.push(message)
        return undefined
      case 'S': {
        const { messages, sql } = extended ?? { messages: [], sql: '(sync)' }
        extended = undefined
        isWaiting = true
        return { bytes: Buffer.concat([...messages, message]), sql }
      }
      default: // a password, the end
        return { bytes: message }
    }
  }

  return {
    fromClient(bytes) {
      sent = Buffer.concat([sent, bytes])
      const parts: ClientPart[] = []
      for (;;) {
        // The first message has no type, only a length.
        const lengthAt = hasStarted ? 1 : 0
        if (sent.length < lengthAt + 4) return parts
        const length = lengthAt + sent.readUInt32BE(lengthAt)
        if (sent.length < length) return parts
        const message = sent.subarray(0, length)
        sent = sent.subarray(length)
        const part = hasStarted ? partOf(message) : { bytes: message }
        hasStarted = true
        if (part !== undefined) parts.push(part)
      }
    },
    fromServer(bytes) {
      if (!isWaiting) return [{ bytes, isReply: false }]
      received = Buffer.concat([received, bytes])
      const end = endOfReply(received)
      if (end === undefined) return hasFatalError(received) ? [given()] : []
      isWaiting = false
      return [{ ...given(), isReply: true }]
    },
  }

  function given(): ServerPart {
    const part = { bytes: received, isReply: false }
    received = Buffer.alloc(0)
    return part
  }
}

/** Where ReadyForQuery ends; undefined while it has not come. */
function endOfReply(bytes: Buffer): number | undefined {
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 1 + bytes.readUInt32BE(at + 1)
    if (end > bytes.length) return undefined
    if (bytes[at] === 'Z'.charCodeAt(0)) return end
    at = end
  }
  return undefined
}

/** After it the server hangs up, without a ReadyForQuery. */
function hasFatalError(bytes: Buffer): boolean {
  return bytes.includes('SFATAL\0')
}

function text(message: Buffer, from: number): string {
  return message.toString('utf8', from, message.indexOf(0, from))
}
