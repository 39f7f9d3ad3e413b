// How the random machine runs, `npm run test:machine`. Everything is as in ../../jest.config.ts, but for which files there
// are, and how long one may take: jest.js gives each engine its time.

import type { Config } from 'jest'

import tests from '../../jest.config.js'

const config: Config = {
  ...tests,
  testMatch: ['<rootDir>/test/machine/**/*.machine.ts'],
  testTimeout: 24 * 3_600_000,
}

export default config
