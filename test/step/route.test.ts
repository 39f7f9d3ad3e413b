// Which way a statement takes: decided without a database.

import { expect, test } from '@jest/globals'

import type { StatementFacts } from '../../src/engines/contract/statements.js'
import { routeInside, routeOutside } from '../../src/step/route.js'

const write: StatementFacts = {
  count: 1,
  reads: false,
  ofSession: false,
  control: null,
  endsTransaction: false,
  commits: false,
  mayControl: false,
  refusesTransaction: false,
  endsGroup: false,
  allOrNothing: true,
  temporary: false,
  changesSettings: false,
  tableLocks: null,
  waitsLong: false,
}
const savepoint = { control: { kind: 'savepoint', savepoint: 's' } } as const
const commit = { control: { kind: 'commit', savepoint: null }, endsTransaction: true, commits: true } as const

test.each([
  ['what writes is recorded', {}, 'recorded'],
  ['what reads is not', { reads: true }, 'unrecorded'],
  ['what sets up the session is not', { ofSession: true }, 'unrecorded'],
  ['what commits by itself marks the history first', { commits: true }, 'marking'],
  ['so does what sets up the session and commits', { ofSession: true, commits: true }, 'marking'],
  ['a savepoint is one', savepoint, 'control'],
  ['an end is refused', commit, 'ends-transaction'],
  ['so is an end among others', { count: 3, endsTransaction: true }, 'ends-transaction'],
  ['what the server refuses is not sent', { refusesTransaction: true }, 'needs-no-transaction'],
  [
    'of what commits and is refused the refusal counts',
    { refusesTransaction: true, commits: true },
    'needs-no-transaction',
  ],
])('in mig’s transaction %s', (_what, facts, route) => {
  expect(routeInside({ ...write, ...facts })).toBe(route)
})

const none = { status: 'none', holdsTables: false } as const
const open = { status: 'open', holdsTables: false } as const
const implicit = { status: 'implicit', holdsTables: false } as const
const failed = { status: 'failed', holdsTables: false } as const
const locked = { status: 'none', holdsTables: true } as const

test.each([
  ['what can be rolled back commits with its entry', {}, none, 'atomic'],
  ['in the migration’s own transaction the entry goes with it', {}, open, 'within'],
  ['with autocommit off it is the migration’s own', {}, implicit, 'within'],
  ['in a transaction that has failed nothing is written apart', { commits: true }, failed, 'within'],
  ['while tables are locked no transaction is begun', {}, locked, 'alone'],
  ['what commits by itself is announced', { commits: true }, none, 'alone'],
  ['what is refused in a transaction is announced', { refusesTransaction: true }, none, 'alone'],
  ['what may do anything to the transaction is announced', { mayControl: true }, none, 'alone'],
  ['a text with transactions of its own is announced', { count: 3, endsTransaction: true }, none, 'alone'],
  ['what reads is not written down', { reads: true }, open, 'read'],
  ['what sets up the session is not', { ofSession: true }, none, 'session'],
  ['a lock of tables takes mig’s along', { ofSession: true, commits: true, tableLocks: 'take' }, none, 'lock-tables'],
  ['not where it is one of several', { commits: true, tableLocks: 'take', count: 2 }, none, 'alone'],
  ['an end is the migration’s own', commit, open, 'control'],
] as const)('without one %s', (_what, facts, standing, route) => {
  expect(routeOutside({ ...write, ...facts }, standing)).toBe(route)
})
