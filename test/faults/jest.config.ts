// How the fault suite runs: `npm run test:faults`, or `npm run test:faults -- test/faults/cut-line.faults.ts` for one file.
// Everything is as in ../../jest.config.ts, but for which files there are and what is said at the end.

import type { Config } from 'jest'

import tests from '../../jest.config.js'

const config: Config = {
  ...tests,
  testMatch: ['<rootDir>/test/faults/**/*.faults.ts'],
  reporters: ['default', '<rootDir>/test/faults/support/case-count.js'],
  maxConcurrency: 4, // kills at once in one file; two files run at once on two cores
  testTimeout: 240_000,
}

export default config
