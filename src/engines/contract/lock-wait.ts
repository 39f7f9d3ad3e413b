// How long a statement of a migration may wait for the locks of others.

/** So that a migration that waits does not make all others wait behind it: it gives up, and is tried again. */
export interface LockWaitAnswers {
  /** The setting that holds the limit; null where mig does not set it for a migration. */
  readonly setting: string | null
  /** The statement that sets the limit, 0 for none; null where the session's own setting serves. */
  readonly limit: (ms: number, scope: 'transaction' | 'session') => string | null
  /** The same for a transaction as an expression, which the first statement of mig in it can bring along; null where there is none. */
  readonly expression: ((ms: number) => string) | null
  /** The statement that sets it for a connection beside the pinned one: what that waits for may be the migration itself. */
  readonly beside: ((ms: number) => string) | null
}

/** For engines whose sessions are set once for a whole run. */
export const sessionLockWait: LockWaitAnswers = {
  setting: null,
  limit: () => null,
  expression: null,
  beside: null,
}
