// "Did you mean": the known word that looks most like a mistyped one.

import { distance } from 'fastest-levenshtein'

/** Up to `limit` of `known`, nearest first; only those that a typing slip could have made of `word`. */
export function nearest(word: string, known: Iterable<string>, limit = 3): readonly string[] {
  const allowed = Math.max(1, Math.floor(word.length / 3))
  const near: { candidate: string; away: number }[] = []
  for (const candidate of known) {
    const away = likeness(word.toLowerCase(), candidate.toLowerCase())
    if (away <= allowed) near.push({ candidate, away })
  }
  return near
    .sort((a, b) => a.away - b.away || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate)
}

/** A word that was typed in part is as near as its missing letters allow, but never farther than one slip. */
function likeness(word: string, candidate: string): number {
  if (word.length >= 3 && candidate.startsWith(word)) return Math.min(1, candidate.length - word.length)
  return distance(word, candidate)
}
