// How the tests run: `npm test`, or `npm test -- test/core/plan.test.ts` for one file.
//
// Jest 30 reads a .ts configuration unaided only where Node strips types itself (22.18 and later); on Node 20 it asks for
// a loader package. test/support/jest.js reads this file with tsx instead, which the program needs anyway.

import { fileURLToPath } from 'node:url'

import type { Config } from 'jest'

const config: Config = {
  rootDir: fileURLToPath(new URL('.', import.meta.url)),
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  injectGlobals: false,
  extensionsToTreatAsEsm: ['.ts'],
  // TypeScript names a file by what it becomes: './plan.js' is plan.ts here. Packages have real .js files, so those go first.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          transform: { verbatimModuleSyntax: true },
        },
      },
    ],
  },
  reporters: ['default'],
  maxWorkers: '100%', // the tests wait for servers and child processes more than they compute
  testTimeout: 30_000,
}

export default config
