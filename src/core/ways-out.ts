// What leads on from a migration that stopped in the middle, as parts of hints.

import type { RevisionId } from './graph/revision.js'

export function resumeCommand(direction: 'up' | 'down'): string {
  return `mig ${direction === 'up' ? 'upgrade' : 'downgrade'} --resume`
}

/** With what a person has seen of each of so many statements: that they are done. */
export function answersCommand(direction: 'up' | 'down', count: number): string {
  return `${resumeCommand(direction)}${' --interrupted done'.repeat(count)}`
}

/** Follows "Or". */
export function byHand(revision: RevisionId): string {
  return `complete or undo it by hand, then: mig resolve ${revision} --applied, or: mig resolve ${revision} --not-applied`
}
