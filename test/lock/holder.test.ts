// How it is said who has the lock: what is known, and nothing that is not.

import { describe, expect, test } from '@jest/globals'

import { describeHolder, describeLease, type Holder } from '../../src/lock/holder.js'

const nobody: Holder = {
  who: null,
  command: null,
  since: null,
  session: null,
  connectedForS: null,
  statement: null,
  statementForS: null,
  lease: null,
  progress: '',
}
const lease = { token: 7, beat: 3, silentForS: 4 }

test.each<readonly [string, Partial<Holder>, string]>([
  ['nothing', {}, 'a session'],
  ['its session', { session: 'server process 4711' }, 'a session (server process 4711)'],
  ['who it is', { who: 'anna@ci-7' }, 'anna@ci-7'],
  ['who it is and what was typed', { who: 'anna@ci-7', command: 'upgrade head' }, 'mig upgrade head by anna@ci-7'],
  [
    'its own label, which says both',
    { who: 'mig upgrade anna@ci-7 pid 71', command: 'upgrade head' },
    'mig upgrade anna@ci-7 pid 71',
  ],
  ['what was typed, by nobody knows whom', { command: 'upgrade head' }, 'a session'],
  [
    'everything',
    {
      who: 'anna@ci-7',
      command: 'upgrade',
      session: 'server process 4711',
      connectedForS: 12,
      statement: 'alter table t',
      lease,
    },
    'mig upgrade by anna@ci-7 (server process 4711, connected for 12 s, lease 7, heartbeat 3), at: alter table t',
  ],
])('of a holder is known: %s', (_what, known, words) => {
  expect(describeHolder({ ...nobody, ...known })).toBe(words)
})

describe('a lease', () => {
  test.each([
    [4, 'lease 7, heartbeat 3'],
    [14.9, 'lease 7, heartbeat 3'],
    [15, 'lease 7, silent for 15 s'],
    [95.4, 'lease 7, silent for 95 s'],
    [-3, 'lease 7, heartbeat 3'],
    [null, 'lease 7, heartbeat 3'],
  ])('without a heartbeat for %s s', (silentForS, words) => {
    expect(describeLease({ ...lease, silentForS })).toBe(words)
  })
})
