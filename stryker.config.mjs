// What `npm run test:mutations` breaks, and which tests must notice it. docs/testing.md says how it is used.

import 'tsx' // reads the configuration of the tests

const { default: tests } = await import('./jest.config.ts')

/** What an engine reads a statement with. */
const readers = [
  ...['bodies', 'calls', 'classify', 'compound-statement', 'control', 'dialects', 'facts', 'functions', 'lexicon'],
  ...['outline', 'pragmas', 'queries', 'schema-statements', 'set-statement', 'single-facts', 'statements', 'words'],
]

/**
 * For each room: the files that are broken, a line at a time, and the folders of the tests that run then. A test that
 * starts the built program proves nothing here: `dist` is not broken with the source.
 */
export const rooms = {
  core: {
    mutate: ['src/core/**/*.ts', '!src/core/sql/**', '!src/core/{codes,event}.ts'],
    tests: ['core'],
  },
  readers: { mutate: ['src/core/sql/**/*.ts', `src/engines/*/{${readers.join()}}.ts`], tests: ['engines/*'] },
  history: { mutate: ['src/history/**/*.ts'], tests: ['history', 'runner'] },
  lock: { mutate: ['src/lock/**/*.ts'], tests: ['lock', 'runner'] },
  step: { mutate: ['src/step/**/*.ts'], tests: ['step', 'runner'] },
}

/** What Stryker is given for some of the rooms. */
export function optionsFor(names) {
  const chosen = names.map((name) => rooms[name])
  const folders = new Set(chosen.flatMap((room) => room.tests))
  // The servers run already: Jest must not start others for each mutant.
  const { transform, moduleNameMapper, extensionsToTreatAsEsm, injectGlobals, testTimeout } = tests
  return {
    mutate: chosen.flatMap((room) => room.mutate),
    jest: {
      projectType: 'custom',
      enableFindRelatedTests: false,
      config: {
        ...{ transform, moduleNameMapper, extensionsToTreatAsEsm, injectGlobals, testTimeout },
        testMatch: [...folders].map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      },
    },
  }
}

export default {
  ...optionsFor(Object.keys(rooms)),
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 20_000,
  ignorePatterns: ['bench', 'coverage', 'dist.next'],
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'coverage/mutations.html' },
  jsonReporter: { fileName: 'coverage/mutations.json' },
}
