// Pauses between tries: longer and longer, and never quite the same, so that those who met do not meet again.

export interface Pace {
  readonly firstMs: number
  /** Without it they grow as long as there are tries. */
  readonly longestMs?: number
}

/** How long to pause after so many tries, in milliseconds: twice as long each time, give or take a quarter. */
export function pauseAfter(tries: number, { firstMs, longestMs = Infinity }: Pace): number {
  return Math.min(firstMs * 2 ** (tries - 1), longestMs) * (0.75 + Math.random() / 2)
}
