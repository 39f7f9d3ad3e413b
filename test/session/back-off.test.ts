// Pauses between tries grow, up to the longest, and differ.

import { expect, test } from '@jest/globals'

import { pauseAfter } from '../../src/session/back-off.js'

test.each([
  [1, 100],
  [2, 200],
  [4, 800],
  [5, 1000],
  [50, 1000],
  [5000, 1000],
])('after %s tries about %s ms', (tries, aboutMs) => {
  const pauses = Array.from({ length: 200 }, () => pauseAfter(tries, { firstMs: 100, longestMs: 1000 }))
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(aboutMs * 0.75)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(aboutMs * 1.25)
  expect(new Set(pauses).size).toBeGreaterThan(100)
})

test('without a longest one they go on growing', () => {
  expect(pauseAfter(10, { firstMs: 100 })).toBeGreaterThan(100 * 2 ** 8)
})
