// Connections beside the pinned one, for what a migration without a transaction of mig sends while that is taken: queries
// beside a transaction of its own, and streams. They carry nothing of mig but the entries of these very statements.

import type { Fence } from '../history/fence.js'
import { createJournal, type Entry, type Journal, sentBeside } from '../history/journal.js'
import { lockWaitMs } from '../session/lock-wait.js'
import type { Session } from '../session/session.js'

/** A connection beside the pinned one. */
export interface BesideLane {
  readonly session: Session
  /** Writes through it, behind the lock that the pinned one holds. */
  readonly journal: Journal
}

export interface Beside {
  /** One that nobody uses; it is opened when there is none. */
  take(): Promise<BesideLane>
  giveBack(lane: BesideLane): void
  /** The one whose driver's connection it is; null when it is the pinned one. */
  of(raw: unknown): BesideLane | null
  close(): Promise<void>
}

export interface BesideRequest {
  readonly session: Session
  readonly fence: Fence
  readonly journal: Journal
  /** Who runs, for others to see. */
  readonly label: string
  /** The session of the server that holds the lock, as `ActivityAnswers.connectionId` gives it; null behind a pooler. */
  readonly holder: string | null
}

export function openBeside(request: BesideRequest): Beside {
  const lanes: BesideLane[] = []
  const free = new Set<BesideLane>()
  return {
    async take() {
      const [idle] = free
      if (idle !== undefined) {
        free.delete(idle)
        return idle
      }
      const lane = await open(request)
      lanes.push(lane)
      return lane
    },
    giveBack: (lane) => void free.add(lane),
    of: (raw) => lanes.find(({ session }) => session.connection.raw === raw) ?? null,
    async close() {
      await Promise.all(lanes.map(({ session }) => session.close()))
    },
  }
}

async function open({ session, fence, journal, label, holder }: BesideRequest): Promise<BesideLane> {
  const other = await session.reopen()
  const { engine, connection, keepsSession } = other
  if (keepsSession) {
    await engine.prepareRun(connection, label)
    const limit = engine.lockWait.beside?.(lockWaitMs)
    if (limit !== undefined) await connection.query(limit)
  }
  const behind: Fence = {
    get seq() {
      return fence.seq
    },
    token: fence.token,
    holder,
  }
  return { session: other, journal: marking(createJournal(other, behind, journal.run)) }
}

/** What was done beside the pinned connection says nothing of what was open there. */
function marking(journal: Journal): Journal {
  const marked = (entry: Entry): Entry =>
    entry.what === 'done' || entry.what === 'statement' ? { ...entry, note: sentBeside } : entry
  return {
    ...journal,
    write: (entries) => journal.write(entries.map(marked)),
    writeFenced: (entry) => journal.writeFenced(marked(entry)),
  }
}
