// The facts that the reader gives of a statement of SQLite, beside what was seen of it.

import { statements } from '../../../src/engines/sqlite/statements.js'
import type { Observation } from './observe.js'

/** Where the reader says too little or too much: `unsafe` where somebody could rely on it. */
export interface Disagreement {
  readonly fact: string
  readonly unsafe: boolean
}

export function compare(sql: string, seen: Observation): readonly Disagreement[] {
  const facts = statements.read(sql)
  const [before, after] = seen.open
  const ends = !seen.keepsTransaction
  // A statement of control is judged by its kind; BEGIN is refused by the transaction that it would be in.
  const refused = seen.refusal !== null && facts.control === null && !facts.endsTransaction
  const onlySettings = seen.changesSettings && seen.leavesDataAlone
  return [
    { fact: 'count', unsafe: true, differs: (facts.count === 1) !== seen.isOne },
    { fact: 'reads', unsafe: facts.reads, differs: facts.reads !== seen.reads && facts.control === null },
    { fact: 'ofSession', unsafe: facts.ofSession, differs: facts.ofSession ? !seen.leavesDataAlone : onlySettings },
    {
      fact: 'changesSettings',
      unsafe: !facts.changesSettings,
      differs: facts.changesSettings !== seen.changesSettings,
    },
    { fact: 'temporary', unsafe: !facts.temporary, differs: facts.temporary !== seen.makesTemporaries },
    { fact: 'refusesTransaction', unsafe: !facts.refusesTransaction, differs: facts.refusesTransaction !== refused },
    { fact: 'commits', unsafe: true, differs: facts.commits || (ends && !facts.endsTransaction) },
    { fact: 'endsTransaction', unsafe: true, differs: facts.endsTransaction && !ends && seen.refusal === null },
    { fact: 'control', unsafe: true, differs: facts.control !== null && !isControl(facts.control.kind, before, after) },
    { fact: 'control missed', unsafe: true, differs: facts.control === null && facts.count === 1 && before !== after },
  ].flatMap(({ differs, ...disagreement }) => (differs ? [disagreement] : []))
}

function isControl(kind: string, before: boolean, after: boolean): boolean {
  if (kind === 'begin') return !before && after
  if (kind === 'commit' || kind === 'rollback') return before && !after
  return after
}
