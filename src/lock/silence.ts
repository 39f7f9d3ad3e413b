// When a lease may be taken over from a run that has no heartbeat any more. Pure: seconds come in, an answer goes out.

/** What whoever wants to take over has seen of the heartbeat. */
export interface Silence {
  /** Since the last heartbeat, by the database's clock; null where it is not known. Less than 0 when that clock was set back. */
  readonly silentForS: number | null
  /** How long the one who looks has seen it stand still, by his own. */
  readonly watchedForS: number
  /** Whether several servers with clocks of their own answer for the database. */
  readonly hasSeveralClocks: boolean
}

/** A holder gives up by itself after 40 seconds without a heartbeat, so nobody is at work any more. */
export const takeOverAfterS = 60
/** Two heartbeats: a clock that is ahead of the others does not make a run that is alive seem silent. */
const watchedLongEnoughS = 10

/**
 * Silence is judged by the database's clock, so that whoever comes late need not wait again. Where there are several, the
 * heartbeat must also stand still while he looks; and whoever has watched it stand still for the whole time needs no clock.
 */
export function isOver({ silentForS, watchedForS, hasSeveralClocks }: Silence): boolean {
  if (watchedForS >= takeOverAfterS) return true
  if (silentForS === null || silentForS < takeOverAfterS) return false
  return !hasSeveralClocks || watchedForS >= watchedLongEnoughS
}
