// When a lease is over: by the database's clock, and by watching where there are several of them.

import { describe, expect, test } from '@jest/globals'

import { isOver } from '../../src/lock/silence.js'

const one = false
const several = true

describe('a lease', () => {
  test.each([
    ['silent for a minute, seen for the first time', 60, 0, one, true],
    ['silent for less, seen for the first time', 59.9, 0, one, false],
    ['silent for long on a cluster, seen for the first time', 3600, 0, several, false],
    ['silent for long on a cluster, and while somebody looked', 3600, 10, several, true],
    ['silent for long on a cluster, watched for one heartbeat', 3600, 9.9, several, false],
    ['watched for a minute, though the clock was set back', -3600, 60, one, true],
    ['watched for less, and the clock was set back', -3600, 59.9, one, false],
    ['without a heartbeat ever, watched for less than a minute', null, 59.9, one, false],
    ['without a heartbeat ever, watched for a minute', null, 60, several, true],
  ])('%s', (_name, silentForS, watchedForS, hasSeveralClocks, over) => {
    expect(isOver({ silentForS, watchedForS, hasSeveralClocks })).toBe(over)
  })
})
