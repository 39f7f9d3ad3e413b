// What it means to be the one run that is at work, whatever keeps the others away.

/** What a run has while it is the one that runs. */
export interface HeldLock {
  /** The token of a lease; null under a lock of the session. */
  readonly token: number | null
  /** Aborted with a LockError when another run has taken over. */
  readonly lost: AbortSignal
  /** Tells the others which session of the server works for this run. */
  readonly worksOn: (connectionId: string | null) => void
  readonly release: () => Promise<void>
}

/** A way to become the one that runs. */
export interface Lock {
  /** Null when another one has it. Answers at once. */
  readonly take: () => Promise<HeldLock | null>
}
