import { expect, test } from '@jest/globals'

import { excerpt } from '../../../src/core/render/excerpt.js'

test.each([
  ['', 3, ''],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc …'],
  ['ab🦊', 4, 'ab🦊'],
  ['ab🦊d', 4, 'ab🦊 …'],
  ['ab🦊d', 3, 'ab …'],
])('of %j at most %d units are shown', (text, longest, shown) => {
  expect(excerpt(text, longest)).toBe(shown)
})
