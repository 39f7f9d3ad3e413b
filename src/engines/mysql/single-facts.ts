// MySQL and MariaDB: the facts of one statement, by kinds; statements differ from their kind in a fact or two.

import type { StatementFacts } from '../contract/statements.js'

export type Facts = Omit<StatementFacts, 'count'>

/** Changes rows in the open transaction. Of what engine the table is, and so whether a failed one leaves rows, is not known. */
export const write: Facts = {
  reads: false,
  ofSession: false,
  control: null,
  endsTransaction: false,
  commits: false,
  mayControl: false,
  refusesTransaction: false,
  endsGroup: false,
  allOrNothing: false,
  temporary: false,
  changesSettings: false,
  tableLocks: null,
  waitsLong: false,
}

export const read: Facts = { ...write, reads: true, allOrNothing: true }

/** Commits what is open before it begins, and itself. */
export const committing: Facts = { ...write, commits: true }

/** Commits, and is made or fails as a whole: DDL on one object. */
export const atomic: Facts = { ...committing, allOrNothing: true }

export const ofSession: Facts = { ...write, ofSession: true, allOrNothing: true, changesSettings: true }

/** May do whatever there is: EXECUTE, CALL, a block, a word that is not known. */
export const doubtful: Facts = { ...committing, mayControl: true, changesSettings: true }
