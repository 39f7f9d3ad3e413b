// How the differential tests run, `npm run test:differential`: what a reader of statements says of each, and what a real
// database then does. Everything is as in ../../jest.config.ts, but for which files there are.

import type { Config } from 'jest'

import tests from '../../jest.config.js'

const config: Config = {
  ...tests,
  testMatch: ['<rootDir>/test/differential/**/*.differential.ts'],
  testTimeout: 240_000,
}

export default config
