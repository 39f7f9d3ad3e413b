// MySQL and MariaDB: where the transaction stands, from the status flags of the server's own answers. OK and EOF packets
// carry them, errors do not (MySQL internals manual, "OK_Packet", "EOF_Packet", "ERR_Packet"); mysql2 hands them on only
// for statements without rows.

import type { Connection as MysqlConnection } from 'mysql2'
import type { TransactionStatus } from '../contract/connection.js'

/** Status flags of the protocol. */
const inTransaction = 0x0001
const autocommit = 0x0002

interface Packet {
  readonly buffer: Buffer
  readonly start: number
}

/** What of a connection of mysql2 sees its packets: the last one of a command decides. */
interface Wire {
  _command?: unknown
  handlePacket(packet?: Packet): unknown
}

export interface StatusReader {
  /** Of the last answer; an error's is asked for by a ping, which is no statement. */
  readonly read: () => Promise<TransactionStatus>
}

/** Begins to read along; costs nothing for each row. */
export function readStatusOf(connection: MysqlConnection): StatusReader {
  const wire = connection as unknown as Wire
  const handle = wire.handlePacket.bind(wire)
  let flags: number | null = null
  wire.handlePacket = (packet) => {
    const command = wire._command
    const result = handle(packet)
    if (packet !== undefined && command !== undefined && wire._command !== command)
      flags = flagsIn(packet, isPrepare(command))
    return result
  }
  return {
    async read() {
      // A cluster may answer a ping, too, with the error of a transaction that another node aborted: the next one is told.
      for (let tries = 0; flags === null; tries++) {
        const error = await ping(connection)
        if (error !== null && (tries > 2 || isGone(error))) throw error
      }
      if ((flags & inTransaction) !== 0) return 'open'
      return (flags & autocommit) !== 0 ? 'none' : 'implicit'
    },
  }
}

function isPrepare(command: unknown): boolean {
  return (command as { readonly constructor: { readonly name: string } } | null)?.constructor.name === 'Prepare'
}

/** Null for an error, and for what is not the end of an answer. */
function flagsIn({ buffer, start }: Packet, isPrepared: boolean): number | null {
  const at = start + 4 // the packet's own header
  const kind = buffer[at]
  if (kind === 0xfe) return buffer.readUInt16LE(at + 3)
  if (kind !== 0x00 || isPrepared) return null
  return buffer.readUInt16LE(afterNumber(buffer, afterNumber(buffer, at + 1)))
}

/** Where a length-coded number ends. */
function afterNumber(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0
  if (first < 0xfb) return at + 1
  return at + (first === 0xfc ? 3 : first === 0xfd ? 4 : 9)
}

function ping(connection: MysqlConnection): Promise<Error | null> {
  return new Promise((resolve) => connection.ping((error: Error | null | undefined) => resolve(error ?? null)))
}

function isGone(error: Error): boolean {
  return (error as { readonly fatal?: boolean }).fatal === true
}
