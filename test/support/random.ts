// Chance that can be repeated: the same seed gives the same graph on every machine.

import type { Revision } from '../../src/core/graph/revision.js'
import { revision } from './graph.js'

/** mulberry32: numbers from 0 up to, not including, 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export function pick<T>(random: () => number, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** Up to 40 revisions with bases, branches, merges (also redundant ones), labels and dependencies; the order of ids says nothing. */
export function randomRevisions(random: () => number): readonly Revision[] {
  const count = 1 + Math.floor(random() * 40)
  const made: Revision[] = []
  const labels: string[] = []
  for (let index = 0; index < count; index++) {
    const id = `${pick(random, ['r', 's', 't'])}${Math.floor(random() * 1e6)}_${index}`
    const ids = made.map((other) => other.revision)
    const recent = ids.slice(-4)
    const parents = made.length === 0 || random() < 0.05 ? [] : [pick(random, recent)]
    while (parents.length > 0 && random() < 0.15) parents.push(pick(random, ids))
    const dependency = ids.length > 0 && random() < 0.1 ? pick(random, [...ids, ...labels]) : ''
    const label = random() < 0.1 ? `line${index}` : ''
    if (label !== '') labels.push(label)
    made.push(revision(id, [...new Set(parents)], { dependsOn: { [id]: dependency }, labels: { [id]: label } }))
  }
  return made
}
